"""The heads of the columns of a table of measured wells: the names that SynergyFinder, DrugComb, gDR, the package
`synergy` and laboratories use, with the unit that may stand behind them (`conc1 (uM)`, `Viability (%)`).
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from screen.errors import InputError
from screen.synergy.plates.reading.head_words import bare_value, context_head, drug_head
from screen.units import HOURS, table_unit

ALIASES = {
    "block_id": ("block_id", "block", "BlockId", "PairIndex", "combo_id", "combination_id", "pair_id",
                 "drug_pair", "drug_combination", "combination", "combo", "pair"),
    "plate": ("plate", "plate_id", "plate_name", "plate_no", "plate_number", "assay_plate", "barcode"),
    "run": ("run", "experiment", "experiment_id", "exp", "batch", "date", "passage", "assay_id"),
    "replicate": ("replicate", "rep", "repeat", "replicate_id", "biological_replicate", "technical_replicate", "biorep",
                  "techrep", "bio_rep", "tech_rep", "n"),
    "well": ("well", "well_id", "well_name", "well_position", "position", "row", "col", "column", "well_row",
             "well_col", "index", "id"),
    "role": ("role", "well_type", "control_type", "content", "sample_type", "control"),
    "drug_1": ("drug_row", "drug1", "drug_1", "drug a", "DrugRow", "compound1", "compound a", "agent1", "agent a",
               "drug1_name", "drug a name", "drug_name1", "drug_name_a", "molecule1", "treatment1", "inhibitor1",
               "DrugName", "drug_row_name", "compound_row", "cpd1", "drug name 1",
               "drug", "compound"),
    "drug_2": ("drug_col", "drug2", "drug_2", "drug b", "DrugCol", "compound2", "compound b", "agent2", "agent b",
               "drug2_name", "drug b name", "drug_name2", "drug_name_b", "molecule2", "treatment2", "inhibitor2",
               "DrugName_2", "drug_col_name", "compound_col", "compound_column", "drug_column", "cpd2", "drug name 2"),
    "drug_3": ("drug3", "drug_3", "drug c", "compound3", "agent3", "DrugName_3"),
    "drug_4": ("drug4", "drug_4", "drug d", "compound4", "agent4", "DrugName_4"),
    "conc_1": ("conc_r", "conc1", "conc_1", "drug1.conc", "conc_row", "ConcRow", "dose_1", "dose1", "conc a", "dose a",
               "drug a conc", "concentration1", "concentration a", "Concentration", "dose_row", "dose_r",
               "drug1_concentration", "drug1_dose", "drug a concentration", "drug a dose", "compound1_conc",
               "compound1_dose", "compound1_concentration", "agent1_conc", "agent1_dose", "drug_row_conc",
               "drug_row_dose", "cpd1_conc", "dose", "conc"),
    "conc_2": ("conc_c", "conc2", "conc_2", "drug2.conc", "conc_col", "ConcCol", "dose_2", "dose2", "conc b", "dose b",
               "drug b conc", "concentration2", "concentration b", "Concentration_2", "dose_col", "dose_c",
               "drug2_concentration", "drug2_dose", "drug b concentration", "drug b dose", "compound2_conc",
               "compound2_dose", "compound2_concentration", "agent2_conc", "agent2_dose", "drug_col_conc",
               "drug_col_dose", "conc_column", "cpd2_conc"),
    "conc_3": ("conc3", "conc_3", "drug3.conc", "dose_3", "dose3", "drug c conc", "concentration3",
               "drug3_dose", "drug3_concentration", "Concentration_3", "compound3_conc"),
    "conc_4": ("conc4", "conc_4", "drug4.conc", "dose_4", "dose4", "drug d conc", "concentration4", "drug4_dose",
               "drug4_concentration", "Concentration_4", "compound4_conc"),
    "conc_5": ("conc5", "conc_5", "drug5.conc", "dose_5", "dose5", "concentration5"),
    "response": ("response", "effect", "inhibition", "viability", "E", "value", "readout", "growth", "percent_growth",
                 "growth_rate", "GR", "gr_value", "GRvalue", "counts", "count", "cell_count", "cell_counts", "cells",
                 "cell_number", "luminescence", "RLU", "absorbance", "OD", "abs", "fluorescence", "RFU", "signal",
                 "intensity", "raw", "raw_value", "raw_signal", "survival", "cell_viability", "cell_survival",
                 "relative_viability", "RelativeViability", "ReadoutValue", "growth_inhibition", "percent_inhibition",
                 "percent_viability", "percent_survival", "pct_viability", "pct_inhibition", "viable", "y",
                 "measurement", "result", "surviving_fraction", "fraction_viable", "fraction_affected",
                 "relative_growth", "normalized_viability", "normalised_viability", "normalized_response",
                 "normalised_response", "relative_response", "of_control", "of_untreated", "of_vehicle", "of_dmso",
                 "control_percent", "confluence", "confluency", "cytotoxicity", "kill", "killing", "cell_kill",
                 "cell_killing", "cell_death", "death", "dead", "lysis", "Fa", "Fu", "fraction_unaffected", "x", "ATP",
                 "CellTiter-Glo", "CTG", "alamarBlue", "resazurin", "PrestoBlue", "MTT", "MTS", "XTT", "WST-1", "WST-8",
                 "CCK-8", "CCK8", "SRB", "crystal_violet", "Hoechst", "nuclei", "nuclei_count", "nuclear_count",
                 "live_cells", "live_cell_count", "viable_cells", "viable_cell_count", "RLUs", "lum", "CPS", "RFUs"),
    "start": ("cell_count__time0", "cell_count_time0", "time0", "time0_count", "count_time0", "T0", "day0",
              "count_day0", "x0", "value_time0"),
    "background": ("BackgroundValue", "background_value", "background_signal", "blank_value", "background"),
    "unit_1": ("conc_r_unit", "conc_unit1", "conc_unit_1", "conc_row_unit", "ConcRowUnit", "conc_unit",
               "ConcUnit", "drug1.units", "unit1", "drug1_unit", "dose_unit", "dose_unit1", "dose1_unit", "conc1_unit",
               "unit", "units", "concentration_unit", "drug a unit", "unit a"),
    "unit_2": ("conc_c_unit", "conc_unit2", "conc_unit_2", "conc_col_unit", "ConcColUnit", "conc_unit",
               "ConcUnit", "drug2.units", "unit2", "drug2_unit", "dose_unit", "dose_unit2", "dose2_unit", "conc2_unit",
               "unit", "units", "concentration_unit", "drug b unit", "unit b"),
    "unit_3": ("conc_unit3", "conc_unit_3", "conc_3_unit", "conc_unit", "ConcUnit", "drug3.units", "unit3", "unit",
               "units"),
    "unit_4": ("conc_unit4", "conc_unit_4", "conc_4_unit", "conc_unit", "ConcUnit", "drug4.units", "unit4", "unit",
               "units"),
    "cell_line": ("cell_line", "cell_line_name", "cellline", "sample", "cell", "cell.line", "CellName", "model",
                  "model_name", "line", "cell_id", "CellLineName", "ccle_name", "clid", "cell_model", "cell_type",
                  "model_id", "depmap_id", "cell_name", "line_name", "cosmic_id", "sanger_model_id", "patient",
                  "patient_id", "organoid", "organoid_id", "donor", "donor_id"),
    "time": ("time", "time_h", "time_hours", "hours", "timepoint", "time_point", "assay_time", "duration",
             "incubation", "incubation_time", "exposure", "exposure_time", "treatment_time", "time_d", "days", "day",
             "hour", "hr", "hrs", "h"),
    "schedule": ("schedule", "sequence", "regimen", "dosing", "order_of_addition", "dosing_schedule",
                 "treatment_schedule", "dosing_order", "drug_order", "treatment_order"),
    "masked": ("masked", "is_masked", "excluded", "is_excluded", "exclude", "omit", "omitted", "discard", "discarded"),
    "origin": ("origin",),
}  # fmt: skip
NEEDED = ("conc_1", "conc_2", "response")
MINIMAL = "drug1,drug2,conc1,conc2,conc_unit,response"
LAST = 1000
"""The rank of heads that are put together from words, behind all that are known."""
PERCENT = ("percentage", "percent", "pct", "perc")
_READ_AT = re.compile(
    r"(od|abs|absorbance|luminescence|fluorescence|rlu|rfu|signal|intensity|a)(?:at)?\d{3}(?:nm)?"
)
_BRACKETS = re.compile(r"^(.*?)\s*[(\[{]\s*([^()\[\]{}]*)\s*[)\]}]\s*(.*)$")


@dataclass(frozen=True)
class Head:
    """A head: `text` as it stands, `name` ours (`''` where unknown), `unit` what its brackets say, `percent` whether
    it says so, `exact` whether it is a name that is known rather than words put together."""

    text: str
    name: str
    unit: str
    percent: bool
    exact: bool = True


def fold(text: str) -> str:
    """The form in which heads are compared: letters and digits alone."""
    return "".join(c for c in text.casefold() if c.isalnum())


_BY_FOLD: dict[str, list[tuple[str, int]]] = {}
for _ours, _names in ALIASES.items():
    for _rank, _name in enumerate(_names):
        _BY_FOLD.setdefault(fold(_name), []).append((_ours, _rank))


def read_head(text: str) -> Head:
    """What one head says; an unknown one has no name."""
    bare, unit = text.strip(), ""
    if match := _BRACKETS.match(bare):
        bare, unit = f"{match[1]} {match[3]}".strip(), match[2].strip()
    percent = "%" in text
    bare = bare.replace("%", " ").strip()
    name = fold(bare)
    for word in PERCENT:
        rest = name.removeprefix(word) if name.startswith(word) else name.removesuffix(word)
        if rest != name and _BY_FOLD.get(rest, [("", 0)])[0][0] == "response":
            return Head(text, rest, unit, True)
    if name in _BY_FOLD and not (
        drug_head(bare).startswith("drug") and table_unit(unit)[1] in ("nM", "ug/mL")
    ):
        return Head(text, name, unit.replace("%", "").strip(), percent or fold(unit) in PERCENT)
    if match := _READ_AT.fullmatch(name):
        return Head(text, "abs" if match[1] == "a" else match[1], "", percent)
    parts = re.split(r"[\s_,;.]+", bare)
    for cut in range(1, len(parts)):
        tail, lead = "/".join(parts[cut:]), fold("".join(parts[:cut]))
        if lead in _BY_FOLD and (table_unit(tail)[1] in ("nM", "ug/mL") or tail.lower() in HOURS):
            return Head(text, lead, tail, percent)
    return _put_together(text, bare, unit, percent)


def _put_together(text: str, bare: str, unit: str, percent: bool) -> Head:
    """A head of words in an order of its own: `Dose of drug 1 in uM`, `nM drug 2`, `mean viability`."""
    words = re.split(r"[\s_]+", bare)
    for end, rest in ((words[-1], words[:-1]), (words[0], words[1:])):
        if rest and not unit and table_unit(end)[1] in ("nM", "ug/mL") and end.lower() != "m":
            unit, bare = end, " ".join(rest)
            break
    if percent and f"of{fold(bare)}" in _BY_FOLD:
        return Head(text, f"of{fold(bare)}", "", True, exact=False)
    if name := drug_head(bare):
        if name.startswith("drug") and table_unit(unit)[1] in ("nM", "ug/mL"):
            name = name.replace("drug", "conc")
        return Head(text, name, unit, percent, exact=False)
    if name := context_head(bare):
        return Head(text, name, unit, percent, exact=False)
    value = bare_value(bare)
    if value in _BY_FOLD and _BY_FOLD[value][0][0] == "response":
        return Head(text, value, unit.replace("%", "").strip(), percent or fold(unit) in PERCENT, exact=False)
    return Head(text, "", unit, percent)


def find_columns(found: Sequence[str]) -> dict[str, Head]:
    """Our names to the table's heads: the alias that stands first in the list wins, and a head that names no drug
    (`conc_unit`) serves all."""
    heads = [read_head(str(name)) for name in found]
    best: dict[str, tuple[int, Head]] = {}
    for head in heads:
        for ours, place in _BY_FOLD.get(head.name, ()):
            rank = place if head.exact else place + LAST
            if ours not in best or rank < best[ours][0]:
                best[ours] = rank, head
    return {ours: best[ours][1] for ours in ALIASES if ours in best}


def check_columns(columns: dict[str, Head], found: Sequence[str], source: str) -> None:
    """InputError that names every column missing, the nearest accepted names of odd ones, and an example."""
    missing = [needed for needed in NEEDED if needed not in columns]
    if not missing:
        return
    taken = {head.text for head in columns.values()}
    odd = [
        str(name).strip() for name in found if str(name) not in taken and str(name).strip() not in ("", "nan")
    ]
    if logs := [name for name in odd if "log" in fold(name)]:
        raise InputError(
            f"{source}: column '{logs[0]}' looks like logarithms, expected concentrations with their unit (10**dose) "
            f"and values as they are, under a head like {MINIMAL}"
        )
    known = [name for needed in missing for name in ALIASES[needed]]
    hints = [f"did you mean '{near}' for {name!r}?" for name in odd if (near := _accepted(name, known))]
    wanted = "; ".join(
        f"no column {ALIASES[one][0]!r} (or {', '.join(ALIASES[one][1:4])})" for one in missing
    )
    shown = ", ".join(str(name) for name in found if str(name) != "nan")[:300]
    raise InputError(
        f"{source}: {wanted}; found {shown}; {' '.join([*hints[:3], ''])}"
        f"expected a head like {MINIMAL} (herscreen score --template FILE writes one)"
    )


def _accepted(name: str, known: Sequence[str]) -> str:
    """The accepted head most like `name`, or `''`."""
    by_fold = {fold(alias): alias for alias in reversed(known)}
    match = difflib.get_close_matches(read_head(name).name or fold(name), list(by_fold), n=1, cutoff=0.6)
    return by_fold[match[0]] if match else ""


def named_unit(text: str) -> tuple[str, str]:
    """A name and the unit behind it in brackets, `lapatinib (uM)`; `''` for none."""
    match = re.fullmatch(r"(.*?)\s*[(\[]([^()\[\]]+)[)\]]", text.strip())
    if match and table_unit(match[2])[1] in ("nM", "ug/mL"):
        return match[1], match[2]
    return text.strip(), ""
