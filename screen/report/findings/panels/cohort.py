"""A panel as a cohort: in which share of tumours a treatment leaves how many of the cells, weighted to prevalence.

All is read from the wells of the answer: the anchor at its usual dose (under an `exposure` at its regimen), the partner
at its clinical peak. A class is of the cells left at the last assay time, as a share of the untreated tumour's.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.arrays import Array, Floats
from screen.errors import InputError, nearest
from screen.pathway.tables.delimited import read_delimited
from screen.report.cube_view.number_text import percent
from screen.report.cube_view.view import CubeView
from screen.report.findings.resensitisation import Recovery

CLASSES = {"strong": 0.2, "partial": 0.5, "minor": 0.8, "none": math.inf}
"""The most of the cells that is left in each class (assumed)."""
CLASS_WORDS = (
    "strong: at most 20 % of the cells of the untreated tumour are left; partial: 50 %; minor: 80 %; in brackets "
    "90 % intervals over tumours and draws"
)
ROUNDS = 2000
FEWEST = 2
LIMITS = (
    "Virtual tumours are sets of abundances in one model: no immune system and no ADCC, no stroma, no vessels, "
    "one clone each. Shares are hypotheses about which tumours differ, not response rates of patients."
)


@dataclass(frozen=True, eq=False)
class CohortResponse:
    """A treatment over the cohort: `left` (tumour,), the share of the cells that is left (median over the draws); the
    weighted share of tumours in each class, as (share, low, high) with the ends of a 90 % interval over tumours and
    draws; and the weighted mean of `left`.
    """

    treatment: str
    left: Floats
    shares: Mapping[str, tuple[float, float, float]]
    mean: float


def read_weights(path: Path, lines: tuple[str, ...]) -> Floats:
    """The weight (tumour,) of each line of a cube from a CSV with the columns `cell_line` and `weight`, adding up to 1.

    Raises `InputError` for a line that is missing or not there, and for a weight that is none.
    """
    table = read_delimited(path, ",", "a table of weights", ("cell_line", "weight"))
    found: dict[str, float] = {}
    for place, row in enumerate(table.records()):
        name, where = row["cell_line"], table.where(place, "weight")
        if name not in lines:
            raise InputError(f"{table.where(place)}: '{name}' is not in the cube{nearest(name, lines)}")
        if name in found:
            raise InputError(f"{table.where(place)}: duplicate line '{name}', expected it once")
        try:
            found[name] = float(row["weight"])
        except ValueError:
            found[name] = math.nan
        if not (math.isfinite(found[name]) and found[name] >= 0):
            raise InputError(f"{where}: found '{row['weight']}', expected a number of 0 or more")
    if missing := [name for name in lines if name not in found]:
        raise InputError(f"{path}: no weight of '{missing[0]}', expected one of each of {len(lines)} lines")
    weights = np.array([found[name] for name in lines])
    if not weights.sum() > 0:
        raise InputError(f"{path}: found weights of 0 only, expected some above")
    return np.asarray(weights / weights.sum())


def cohort(
    view: CubeView, recovery: Recovery, weights: Floats | None = None, seed: int = 0
) -> list[CohortResponse]:
    """The anchor alone, then each partner alone and with the anchor, over all lines of a screen at its last time.

    Raises `InputError` for a screen of fewer than two lines.
    """
    if len(view.lines) < FEWEST:
        raise InputError(f"found {len(view.lines)} line, expected a cohort")
    even = np.full(len(view.lines), 1 / len(view.lines))
    weights = even if weights is None else weights
    wells = recovery.gap.wells
    own = [column for column, drug in enumerate(view.drug_1) if drug == view.anchor]
    found = [_response(view.anchor, wells.alone[:, own[0], -1], weights, seed)] if own else []
    for column in own:
        partner = view.partners[column]
        found.append(_response(partner, wells.partner[:, column, -1], weights, seed))
        found.append(_response(f"{view.anchor} + {partner}", wells.both[:, column, -1], weights, seed))
    return found


def head_words() -> tuple[str, ...]:
    """The head of a table of responses."""
    return ("treatment", "cells left, mean", *CLASSES)


def row_words(one: CohortResponse) -> tuple[str, ...]:
    """A response as a row of that table."""
    shares = (
        f"{percent(share)} ({percent(low)} to {percent(high)})" for share, low, high in one.shares.values()
    )
    return (one.treatment, f"{one.mean:.2f}", *shares)


def _response(treatment: str, left: Array, weights: Floats, seed: int) -> CohortResponse:
    """`left` (tumour, draw); tumours are drawn again with replacement, each round under one draw of the parameters."""
    rng = np.random.default_rng(seed)
    middle = np.nanmedian(left, axis=1)
    tumours = rng.choice(len(left), (ROUNDS, len(left)), p=weights)
    drawn = left[tumours, rng.integers(0, left.shape[1], ROUNDS)[:, None]]
    shares, below = {}, -math.inf
    for name, most in CLASSES.items():
        inside = (middle > below) & (middle <= most)
        low, high = np.quantile(((drawn > below) & (drawn <= most)).mean(axis=1), [0.05, 0.95])
        shares[name] = float((weights * inside).sum()), float(low), float(high)
        below = most
    return CohortResponse(treatment, middle, shares, float(np.nansum(weights * middle)))
