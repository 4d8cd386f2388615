"""What every column of the exported tables holds, and in which unit: the sheet `columns` of a workbook."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from screen.arrays import Array
from screen.cube.schema import POINTS, SIGN
from screen.cube.status import CODES
from screen.report.cube_view.view import CubeView

MEANING = {
    "cell_line": ("", "the line's name"),
    "combination": ("", "drug 1 + drug 2"),
    "partner": ("", "the drug that is added to the anchor"),
    "drug_1": ("", "the anchor, where the combination has it"),
    "drug_2": ("", "the partner"),
    "concentration_1_nM": ("nM", "dose of drug 1"),
    "concentration_2_nM": ("nM", "dose of drug 2"),
    "time_h": ("h", "assay time after dosing"),
    "schedule": ("", "how the drugs are given"),
    "status": ("", "solved, by the reference solver, or failed (then the readouts are empty)"),
    "gap_closed_percent": (
        "percent of the gap",
        "how much of the gap to the line compared with the partner closes at its dose, median over the draws; 0 the "
        "line under the anchor alone, 100 the other line under the anchor alone; empty where there is no gap",
    ),
    "gap_closed_probability": ("1", "share of draws in which at least 80 % of the gap is closed"),
    "gap_partner_dose_nM": ("nM", "that dose: Cmax, or the top of the standard range where no Cmax is known"),
    "compared_with": ("", "the line's parent; for a line without one a fixed line"),
    "gained_effect_percent": (
        "percent points",
        "growth of the anchor's own effect with the partner at that dose",
    ),
    "resensitisation_dose_nM": (
        "nM",
        "smallest dose of the grid that closes 80 % of the gap; inf: not reached, 0: the line is not resistant",
    ),
    "resensitised_share_of_draws": ("1", "the same as gap_closed_probability"),
    "measured_skill": (
        "",
        "what predictions of this class were worth on measured cells: see the page's answer",
    ),
    "line_calibrated": ("", "whether the model was calibrated on measured responses of the line"),
    "parent": ("", "the line that this one was derived from"),
    "cellosaurus": ("", "accession in Cellosaurus"),
}
ENDS = {
    "_low": "lower end of the interval over parameter draws of",
    "_high": "upper end of the interval over parameter draws of",
    "_median": "median over parameter draws of",
    "_max": "best 3 x 3 window of",
    "_probability": "share of draws above 0 of",
    "_reason": "why there is no, or only a limited,",
}


def dictionary(view: CubeView, tables: "Mapping[str, pd.DataFrame]") -> pd.DataFrame:
    """One row per column of `tables`: table, column, unit, meaning."""
    known = {**MEANING, **meanings(view)}
    rows = [
        (name, str(column), *meaning(str(column), known))
        for name, table in tables.items()
        for column in table
    ]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"])


def meaning(column: str, known: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """(unit, meaning) of one column; of `x_low` and the like by what is said of `x`."""
    if column in known:
        return known[column]
    for end, words in ENDS.items():
        base = column.removesuffix(end)
        if base != column and (found := meaning(base, known)) != ("", ""):
            unit, said = found
            unit = {"_probability": "1", "_reason": ""}.get(end, unit)
            return unit, f"{words} {said}"
    return "", ""


def meanings(view: CubeView) -> dict[str, tuple[str, str]]:
    """(unit, meaning) of this screen's own columns: readouts, scores and what its panel holds."""

    def column(name: str, unit: str) -> str:
        return name if unit in ("", "1") else f"{name}_{safe_unit(unit)}"

    found = {
        column(item.name, item.units): (item.units or "1", item.label) for item in view.readouts.values()
    }
    for model in view.models:
        found[model.name] = (POINTS, f"mean excess over {model.label}, {SIGN}")
    for name, words in view.extra_labels.items():
        found[name] = ("", words)
    for name, (unit, _) in view.markers.items():
        what = (
            "the line's own value of a parameter or abundance" if name.endswith(")") else "untreated readout"
        )
        found.setdefault(column(name, unit), (unit or "1", what))
    return found


def status_column(codes: Array) -> "pd.Categorical[Any]":
    """Codes of `status` as their labels."""
    return category(tuple(code.label for code in CODES), codes)


def category(names: tuple[str, ...], codes: Any) -> "pd.Categorical[Any]":
    """Codes into `names` as a categorical; repeated names share a category."""
    unique = list(dict.fromkeys(names))
    position = np.array([unique.index(name) for name in names], int)
    return pd.Categorical.from_codes(position[np.asarray(codes, int)], categories=pd.Index(unique))


def safe_unit(units: str) -> str:
    """A unit as part of a column name: `1/h` becomes `per_h`."""
    return units.replace("1/", "per_").replace("/", "_per_").replace(" ", "_")
