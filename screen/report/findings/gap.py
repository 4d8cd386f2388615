"""The one measure of the answer: how much of the gap between a resistant line and its reference a partner closes.

With v(a, c) the viability at dose a of the anchor and c of the partner, the anchor's own effect beside the partner is
1 - v(a, c) / v(0, c). A gap of 0 % closed is the line under the anchor alone, 1 - v(a, 0); 100 % is its reference (the
parent of a derived line, else one fixed line) under the anchor alone. All of it is read at one achievable dose of the
partner, its clinical peak where that is known, from wells that every run simulates (`/reference`), under every draw.
A cube without those wells is read from its grid.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Array
from screen.cube.stored import StoredGroup
from screen.report.cube_view.number_text import percent
from screen.report.cube_view.view import CubeView

CLOSED = 0.8
"""Of the gap: what counts as brought back."""
LEAST_GAP = 0.02
"""Of the cells: below it there is no gap to speak of."""


@dataclass(frozen=True)
class GapWells:
    """What the gap is computed from, (cell_line, combination, time, draw); one draw, the nominal parameters, without
    an ensemble. `alone` is v(a, 0), `partner` v(0, c), `both` v(a, c), `compared` v(a, 0) in the reference. `doses`
    of the partner in nM and `at_peak` are (combination,), `names` and `derived` (cell_line,).
    """

    alone: Array
    partner: Array
    both: Array
    compared: Array
    anchor_nM: float
    doses: Array
    at_peak: Array
    names: tuple[str, ...]
    stored: bool


@dataclass(frozen=True)
class Gap:
    """Medians over the draws, (cell_line, combination, time): `alone`, `beside` = v(a, c) / v(0, c), `partner`,
    `compared`, and `closed`, NaN where there is no gap or no anchor; `low` and `high` its interval and `probability`
    the share of draws in which at least `CLOSED` of the gap is closed, None without draws. `draws` is their number.
    """

    wells: GapWells
    alone: Array
    beside: Array
    partner: Array
    compared: Array
    closed: Array
    low: Array | None
    high: Array | None
    probability: Array | None
    draws: int

    @property
    def gain(self) -> Array:
        """By how much of the cells the anchor's own effect grows."""
        return self.alone - self.beside

    @property
    def none(self) -> Array:
        """Where a line under the anchor alone is as sensitive as its reference: there is nothing to close."""
        return np.isfinite(self.beside) & (self.alone - self.compared <= LEAST_GAP)


def gap_from(view: CubeView, wells: GapWells) -> Gap:
    """The gap of every line and pair, from its wells."""
    own = np.array([drug == view.anchor for drug in view.drug_1])[None, :, None, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        beside = np.where(own & (wells.partner > 1e-9), wells.both / wells.partner, np.nan)
        gap = wells.alone - wells.compared
        closed = np.where(gap > LEAST_GAP, (wells.alone - beside) / gap, np.nan)
        reached = beside <= wells.compared + (1 - CLOSED) * np.maximum(gap, 0)
    known = np.isfinite(beside) & np.isfinite(gap)
    draws = wells.both.shape[-1]
    low = high = probability = None
    if draws > 1:
        low, high = (quantile(closed, end) for end in (view.ensemble.low, view.ensemble.high))
        many = known.sum(axis=-1)
        probability = np.where(many > 0, (reached & known).sum(axis=-1) / np.maximum(many, 1), np.nan)
    return Gap(
        wells=wells,
        alone=quantile(wells.alone),
        beside=quantile(beside),
        partner=quantile(wells.partner),
        compared=quantile(wells.compared),
        closed=quantile(closed),
        low=low,
        high=high,
        probability=probability,
        draws=draws if draws > 1 else 0,
    )


def quantile(values: Array, share: float = 0.5) -> Array:
    """The quantile over the last axis, of those that are known; NaN where none is."""
    known = ~np.isnan(values)
    whole, found = known.all(axis=-1), np.full(values.shape[:-1], np.nan)
    found[whole] = np.quantile(values[whole], share, axis=-1)  # the same number, all rows at once
    if (some := known.any(axis=-1) & ~whole).any():
        found[some] = np.nanquantile(values[some], share, axis=-1)
    return found


def stored_wells(view: CubeView) -> GapWells | None:
    """The wells as the cube's group `/reference` holds them; None for a cube without that group."""
    group = view.cube.group("reference") if view.cube is not None else None
    if group is None or "both" not in group:
        return None
    names = group["compared_with"].texts
    row = {name: place for place, name in enumerate(group["reference_line"].texts)}
    compared = read(group, "compared_alone", "reference_line", view.schedule_row)
    own = [column for column, drug in enumerate(view.drug_1) if drug == view.anchor]
    return GapWells(
        alone=read(group, "alone_1", "cell_line", view.schedule_row),
        partner=read(group, "alone_2", "cell_line", view.schedule_row),
        both=read(group, "both", "cell_line", view.schedule_row),
        compared=compared[[row[name] for name in names]],
        anchor_nM=float(group["reference_dose_1"].values[own[0]]) if own else np.nan,
        doses=np.asarray(group["reference_dose_2"].values, float),
        at_peak=np.asarray(group["at_peak_2"].values, bool),
        names=names,
        stored=True,
    )


def read(group: StoredGroup, name: str, line: str, schedule: int) -> Array:
    """A variable (line, combination, time, draw): its draws, else its nominal value as the one draw."""
    if f"{name}_draws" in group:
        return group[f"{name}_draws"].array(line, "combination", "time", "draw", schedule=schedule)
    return group[name].array(line, "combination", "time", schedule=schedule)[..., None]


def gapless(gap: Gap, column: int, time: int) -> Array:
    """In how many draws (cell_line,) there is no gap to speak of; they give no share of it."""
    apart = gap.wells.alone[:, column, time] - gap.wells.compared[:, column, time]
    return np.asarray((apart <= LEAST_GAP).sum(axis=-1))


def closed_text(closed: float) -> str:
    """A share of the gap: `87 %`."""
    return percent(closed).replace("-", "−") if np.isfinite(closed) else "not known"


def draws_text(probability: float, draws: int) -> str:
    """`at least 80 % of it in 15 of 16 parameter sets`."""
    return f"at least {percent(CLOSED)} of it in {probability * draws:.0f} of {draws} parameter sets"
