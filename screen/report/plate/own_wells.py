"""Each drug of a block without the others: its own wells and the curve through them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from screen.arrays import Array
from screen.synergy.curves.single_agent import MIN_DOSES, fit_curves
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.designs import points_of


@dataclass(frozen=True)
class Alone:
    """One drug (`number` from 1) without the others: ascending `doses` (dose,), `wells` (dose, replicate) viability,
    NaN where missing, and the fitted `curve`, None below three doses."""

    number: int
    name: str
    unit: str
    doses: Array
    wells: Array
    curve: Callable[[Array], Array] | None

    @property
    def mean(self) -> Array:
        known = ~np.isnan(self.wells)
        total = np.where(known, self.wells, 0.0).sum(axis=1)
        return np.asarray(np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan))


def alone_of(block: PlateBlock, drugs: Sequence[str], units: Sequence[str]) -> tuple[Alone, ...]:
    """The drugs of a block that have wells of their own."""
    found = []
    for k, (name, unit) in enumerate(zip(drugs, units)):
        doses, wells = _own_wells(block, k)
        if (doses > 0).any() and np.isfinite(wells).any():
            found.append(Alone(k + 1, name, unit, doses, wells, _curve(block, doses, wells)))
    return tuple(found)


def _own_wells(block: PlateBlock, k: int) -> tuple[Array, Array]:
    """Doses (dose,) and wells (dose, replicate) of drug `k` with every other at 0; empty where it has none."""
    none = np.empty(0), np.empty((0, 1))
    if block.points is not None:
        points = points_of(block)
        own, other = (points.conc_1, points.conc_2)[k], (points.conc_1, points.conc_2)[1 - k]
        rows = np.flatnonzero(other == 0)
        rows = rows[np.argsort(own[rows], kind="stable")]
        return own[rows], points.viability[rows, None]
    others = [conc for at, conc in enumerate(block.concs) if at != k]
    if not block.wells.size or any(not len(conc) or conc[0] != 0 for conc in others):
        return none
    wells = np.moveaxis(block.wells, k, 0)
    for _ in others:
        wells = wells[:, 0]
    kept = np.isfinite(wells).any(axis=1)
    return block.concs[k][kept], wells[kept]


def _curve(block: PlateBlock, doses: Array, wells: Array) -> Callable[[Array], Array] | None:
    """The curve that IC50 and Emax of the table are read from."""
    if (doses > 0).sum() < MIN_DOSES:
        return None
    form = "monotone" if block.simulated else "fit"
    mean = np.nanmean(wells, axis=1)
    found = fit_curves(doses[None], mean[None], form, -1.0 if block.growth else 0.0)  # type: ignore[arg-type]
    return lambda at: found.response(np.log(at), np.zeros(len(at), np.intp))
