"""Measured plates: the long table of SynergyFinder and DrugComb, that of the package `synergy`, matrices, and what
laboratories make of them, as blocks of viability ready for scoring. Messages tell what was detected; what is odd about
a block is in its notes, how it was read in its `reading`, and the others go on. Plates written from a cube say so in a
column `origin`, and are then scored as the cube is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError
from screen.synergy.plates.block import PlateBlock, block_of
from screen.synergy.plates.designs import design_of
from screen.synergy.plates.meaning.asked_column import asked_column, asked_rows, counts_with_points
from screen.synergy.plates.meaning.doses import LEFT_OUT, even_steps, one_unit, same_doses
from screen.synergy.plates.meaning.left_out import left_out_messages, left_out_notes, nothing_left
from screen.synergy.plates.meaning.pairing import Pairing, pair_up
from screen.synergy.plates.meaning.repeats import refuse_repeats
from screen.synergy.plates.meaning.responses import Responses, read_responses
from screen.synergy.plates.meaning.rows import Rows, read_rows
from screen.synergy.plates.meaning.signal_levels import RESPONSES, SCALES, Given, OtherWells, Response, Scale
from screen.synergy.plates.reading.files import read_sheets
from screen.synergy.plates.reading.frames import sheet_of
from screen.synergy.plates.reading.show import plates_text
from screen.synergy.plates.reading.tables import Whole, join_tables, read_tables

MORE_DRUGS = "screen.synergy.score_tensors scores them from Python"


@dataclass(frozen=True)
class Plates:
    """Blocks in the order of the file, and what was detected, in words."""

    blocks: tuple[PlateBlock, ...]
    messages: tuple[str, ...]

    def __str__(self) -> str:
        """How the plates were read, as `herscreen score --check` shows it."""
        return "\n".join([*self.messages, "", *plates_text(self.blocks)])


@dataclass(frozen=True)
class ReadingOptions:
    """What overrules detection: `response` says what the values are, `scale` their scale; `vehicle`, more names of
    wells without drug; `map`, a table of what each well of a plate reader's export holds; `drug_name` gives the name of
    a drug for a brand or an alias: names of one drug are joined; `line`, the cell line of plates that name none."""

    response: Response | None = None
    scale: Scale | None = None
    vehicle: tuple[str, ...] = ()
    map: Path | pd.DataFrame | None = None
    drug_name: Callable[[str], str] = str
    line: str | None = None

    def __post_init__(self) -> None:
        for name, value, known in (("response", self.response, RESPONSES), ("scale", self.scale, SCALES)):
            if value is not None and value not in known:
                listed = ", ".join(map(repr, known[:-1]))
                raise InputError(f"{name}: expected {listed} or {known[-1]!r}, found {value!r}")


def read_plates(
    source: str | Path | pd.DataFrame,
    response: Response | None = None,
    drugs: Literal[2, 3, 4] = 2,
    reading: ReadingOptions | None = None,
) -> Plates:
    """Read a file (.csv, .tsv, .txt, .xlsx), or a table of wells or a matrix in a DataFrame. `response` says what the
    values are; None goes by the name of their column (`viability`, `inhibition`), else finds out; `reading` says that
    and more. Wells with more than `drugs` drugs are left out; with `drugs=3` (or 4), a block with a dose of a third
    (fourth) drug anywhere is one of three (four) drugs.

    InputError for a file that cannot be read, columns that are missing, wells repeated because of a column that is
    not known, raw values without untreated wells, unknown units, logarithms of doses, and no row left.
    """
    use = reading or ReadingOptions(response)
    path = Path("DataFrame") if isinstance(source, pd.DataFrame) else Path(source)
    sheets = [sheet_of(source)] if isinstance(source, pd.DataFrame) else read_sheets(path)
    whole = read_tables(sheets, path) if use.map is None else join_tables(sheets, path, use.map)
    return _plates(whole, use, drugs, str(path))


def _plates(whole: Whole, use: ReadingOptions, drugs: int, source: str) -> Plates:
    whole = asked_column(asked_rows(whole, use.response), use.response, use.scale)
    whole = counts_with_points(whole)
    rows = read_rows(whole.rows, drugs, use.vehicle, source, use.drug_name, use.line)
    if use.response == "gr":
        rows = replace(rows, start=rows.start | (rows.about["time_h"] == 0).to_numpy())
    more = f"hold more than {('two', 'three', 'four')[drugs - 2]} drugs and are left out: {MORE_DRUGS}"
    too_many = f"{int(rows.more.sum())} of {len(rows.line)} rows {more}"
    if rows.more.any() and not rows.usable.any():
        raise InputError(too_many)
    treated = rows.usable & ~rows.background & ~rows.start
    pairing = pair_up(rows.about, rows.doses, treated)
    row, block = pairing.row, pairing.block
    usable = treated[row]
    if not (usable & ~np.isnan(rows.response[row])).any():
        raise InputError(nothing_left(rows, source))
    doses, merged = _doses(rows, pairing)
    line = pd.factorize(rows.about["cell_line"])[0].astype(np.intp)
    found = _responses(
        source,
        np.where(usable, rows.response[row], np.nan),
        doses,
        block,
        pairing.names,
        Given(whole.word, whole.percent or rows.percent, use.response, use.scale),
        OtherWells(
            rows.plate[row],
            (rows.response[rows.background], rows.plate[rows.background]),
            (rows.response[rows.start], rows.plate[rows.start], line[rows.start]),
            line[row],
            rows.own_start[row],
            *_replicates(rows, row, doses, block),
        ),
    )
    ignored = refuse_repeats(whole.unknown.iloc[row], doses, block, usable, source)
    order = np.argsort(block, kind="stable")
    edges = np.searchsorted(block[order], np.arange(len(pairing.names) + 1))
    asked = _texts_of(pairing.about)
    vehicle = ", ".join(rows.vehicle)
    columns = {**found.columns}
    times, schedules = pairing.about["time_h"].to_numpy(dtype=float), asked["schedule"]
    blocks, others = [], rows.start | rows.background
    for k, name in enumerate(pairing.names):
        own = order[edges[k] : edges[k + 1]]
        if others[row[own]].all():  # a block of wells at time 0
            continue
        notes = [*found.notes.get(k, ()), *pairing.notes.get(k, ()), *([merged[k]] if k in merged else ())]
        if rows.odd:
            notes += left_out_notes(rows, row[own])
        said = {key: values[k] for key, values in columns.items()}
        said |= {"vehicle": vehicle, "ignored_columns": ignored}
        more_of = {
            "time_h": float(times[k]),
            "schedule": schedules[k],
            "growth": bool(found.growth[k]),
            "reading": said,
        }
        about = {key: text[k] for key, text in asked.items()}
        blocks.append(
            _block(name, about, own, (rows, pairing, doses, usable, found.viability), (notes, more_of))
        )
    if not any(block.filled for block in blocks):
        raise InputError(nothing_left(rows, source))
    messages = [*whole.messages, *rows.messages, *pairing.messages, *found.messages]
    if ignored:
        messages.append(f"columns ignored: {ignored}")
    messages += _several_sheets(rows.about["sheet"].to_numpy()[row], block)
    messages += sorted({f"doses: {words}" for words in merged.values()})[:3]
    messages += [
        f"{block.name}: {words}" for block in blocks for words in block.notes if words.endswith(LEFT_OUT)
    ][:3]
    messages += [*([too_many] if rows.more.any() else []), *left_out_messages(rows)]
    return Plates(tuple(blocks), (*messages, *_about(blocks)))


def _responses(source: str, *asked: Any) -> Responses:
    """`read_responses`, its errors with the file that they are of."""
    try:
        return read_responses(*asked)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None


def _replicates(
    rows: Rows, row: Indices, doses: list[Floats], block: Indices
) -> tuple[Indices | None, Indices | None]:
    """Numbers of the replicates of wells, and of their dose pairs; None where no column tells replicates."""
    names = rows.about["replicate"]
    if names.nunique() < 2:
        return None, None
    codes = pd.factorize(names.where(names != ""))[0].astype(np.intp)
    return codes[row], pd.MultiIndex.from_arrays([block, *doses]).factorize()[0].astype(np.intp)


def _doses(rows: Rows, pairing: Pairing) -> tuple[list[Floats], dict[int, str]]:
    """The doses of each well of the pairing, drugs of swapped rows exchanged, those meant to be equal made equal."""
    row, turned = pairing.row, pairing.swapped
    doses = [dose[row] for dose in rows.doses]
    if turned.any():
        doses[:2] = [np.where(turned, doses[1], doses[0]), np.where(turned, doses[0], doses[1])]
    words: dict[int, str] = {}
    for k, dose in enumerate(doses):
        doses[k], said = same_doses(dose, pairing.block)
        for number, text in said.items():
            words.setdefault(number, text)
    return doses, words


def _several_sheets(sheet: Floats, block: Indices) -> list[str]:
    """Words on blocks whose wells stand on several sheets."""
    if len(pd.unique(sheet)) < 2:
        return []
    several = int((pd.Series(sheet).groupby(block).nunique() > 1).sum())
    words = f"sheets: {several} blocks stand on several, whose wells are read as replicates"
    return [words] if several else []


def _texts_of(about: pd.DataFrame) -> dict[str, list[str]]:
    names = ("drug_1", "drug_2", "drug_3", "drug_4", "cell_line", "origin", "schedule")
    return {name: about[name].tolist() if name in about else [""] * len(about) for name in names}


def _block(
    name: str,
    about: dict[str, str],
    own: Indices,
    wells: tuple[Rows, Pairing, list[Floats], Bools, Floats],
    said: tuple[list[str], dict[str, object]],
) -> PlateBlock:
    """The block of the wells `own`: of three drugs where a usable one holds a dose of a third."""
    rows, pairing, doses, usable, viability = wells
    notes, more = said
    kept = own if usable[own].all() else own[usable[own]]
    here = len(doses)
    while here > 2 and not (doses[here - 1][kept] > 0).any():
        here -= 1
    if here > 2 and kept.size and np.ptp(doses[here - 1][kept]) == 0:
        third = next(filter(None, rows.about[f"drug_{here}"].to_numpy()[pairing.row[kept]]), f"drug {here}")
        dose = f"{doses[here - 1][kept][0]:g}"
        notes = [*notes, f"{third} at {dose} in all wells: the others are scored in its presence"]
        here -= 1
    for k in range(here):
        units = rows.units[k]
        if rows.one_unit[k] is not None:
            about[f"unit_{k + 1}"] = rows.one_unit[k] or ""
            continue
        source = pairing.row[kept]
        turned = pairing.swapped[kept]
        own_units = np.where(turned, rows.units[1 - k][source], units[source]) if k < 2 else units[source]
        place, about[f"unit_{k + 1}"], odd = one_unit(np.arange(len(kept)), doses[k][kept], own_units)
        kept = kept[place]
        notes = [*notes, *odd]
    if here == 2 and about["drug_1"] and about["drug_1"] == about["drug_2"]:
        words = "with itself: by Loewe it cannot be synergistic, so that excess is error"
        notes = [*notes, f"{about['drug_1']} {words}"]
    for k in range(3, here + 1):
        about[f"drug_{k}"] = next(filter(None, rows.about[f"drug_{k}"].to_numpy()[pairing.row[kept]]), "")
    block = block_of(name, about, [dose[kept] for dose in doses[:here]], viability[kept], notes, more)
    for drug, axis in enumerate(block.concs, start=1):
        if not block.simulated and (words := even_steps(axis)):
            block = replace(block, notes=(*block.notes, f"drug {drug}: {words}"))
    known = [about[f"unit_{k + 1}"] for k in range(here)]
    if any(known) and not all(known):
        bare = ", ".join(str(k) for k, unit in enumerate(known, start=1) if not unit)
        words = f"doses of drug {bare} without a unit beside others with one: kept as they are"
        block = replace(block, notes=(*block.notes, words))
    block.reading["design"] = design_of(block)  # type: ignore[index]
    return block


def _about(blocks: Sequence[PlateBlock]) -> Iterator[str]:
    """What a file holds, in words."""
    for number, word in ((3, "three"), (4, "four")):
        if count := sum(len(block.concs) == number for block in blocks):
            yield f"drugs: {count} of {len(blocks)} blocks hold {word}"
    if {block.unit for block in blocks} == {""}:
        yield "doses: no unit column, numbers kept as they are (taken as nM)"
    designs = [str(block.reading.get("design", "")) for block in blocks if block.conc_3 is None]
    odd = {name: designs.count(name) for name in dict.fromkeys(designs) if name not in ("grid", "")}
    for name, count in odd.items():
        yield (
            f"design: {count} of {len(blocks)} blocks are {name}; curves stand in for single agents that were not "
            "measured at a dose"
        )
    if count := sum(block.simulated for block in blocks):
        yield (
            f"origin: {count} of {len(blocks)} blocks are simulated, so their single-agent curves pass "
            "through the wells; --single-agent fit smooths them"
        )
