"""What the models that fit a surface of their own (MuSyC, BRAID, effective dose) share: the common form of their
answer, and the words that limit it.
"""

import numpy as np

from screen.arrays import Bools, Floats
from screen.synergy.batch import Batch, noise_bar
from screen.synergy.curves.surface_fit import Surfaces
from screen.synergy.dose_matrices import Reasons, add_reason, observed_edges
from screen.synergy.models.reference_model import ModelOutcome, Quantity

POOR_SURFACE = 0.7
R2 = Quantity("1", "share of the variance that the surface explains")


def surface_reasons(batch: Batch, found: Surfaces, size: int) -> tuple[Reasons, Bools]:
    """What limits a fit of `size` parameters, and the matrices that have no score, `(matrix,)` each."""
    reason, invalid = batch.design_reasons()
    few = ~invalid & (batch.cells.weight.sum(axis=1) <= size)
    add_reason(reason, few, f"fewer than {size + 1} wells for {size} parameters")
    invalid = invalid | few
    add_reason(reason, ~invalid & ~found.converged, "the fit had not settled when it was stopped")
    return reason, invalid


def inert_drugs(batch: Batch, found: Surfaces, size: int) -> tuple[Bools, Bools]:
    """Matrices whose drug 1 (drug 2) alone does no more than noise, so that how it interacts is undetermined: its curve
    is not better than a level line by F tests at 1 %, the noise being what the surface of `size` parameters leaves or,
    where that is no surface of the kind, what neighbouring wells differ by. Simulated wells carry no noise: there a
    drug that does nothing. Of plates with an inert drug and noise of 1 to 10 points, at most 3 % pass for active."""
    if batch.options.undetermined:
        none = np.zeros(batch.matrices.count, dtype=bool)
        return none, none
    if batch.options.single_agent != "fit":
        return batch.flat
    freedom = batch.cells.weight.sum(axis=1) - size
    bars = noise_bar(found.rss / np.maximum(freedom, 1), freedom), noise_bar(*batch.local_noise)
    first, second = (flat | ~(gain > np.minimum(*bars)) for flat, gain in zip(batch.flat, batch.alone_gain))
    return first, second


def changes_nothing(batch: Batch, found: Surfaces, size: int, drug: int) -> Bools:
    """Matrices where nothing, combinations included, shows that `drug` (0 or 1) does anything: the surface is not
    better than a mean for each dose of the other one, by the same test."""
    cells = batch.cells
    doses = (cells.x2, cells.x1)[drug]
    freedom = cells.weight.sum(axis=1) - size
    left = np.empty(len(doses))
    for k, (x, y, seen) in enumerate(zip(doses, cells.y, cells.weight > 0)):
        _, place = np.unique(x[seen], return_inverse=True)
        mean = np.bincount(place, y[seen]) / np.maximum(np.bincount(place), 1)
        left[k] = ((y[seen] - mean[place]) ** 2).sum()
    variance = found.rss / np.maximum(freedom, 1)
    idle: Bools = ~(left - found.rss > noise_bar(variance, freedom, max(size - 4, 1)))
    return idle


def surface_outcome(
    name: str,
    batch: Batch,
    found: Surfaces,
    null: Floats,
    reason: Reasons,
    invalid: Bools,
    parameters: dict[str, Floats],
) -> ModelOutcome:
    """The excess of the fit over `null` `(matrix, well)`, the fit without interaction; `parameters` and the share
    of the variance that the fit explains, `<name>_r2`."""
    shape = batch.matrices.viability.shape
    fitted, null = found.fitted.reshape(shape), null.reshape(shape)
    excess = observed_edges(100 * (null - fitted), batch.matrices.viability)
    r2 = _explained(batch, found)
    add_reason(reason, ~invalid & (r2 < POOR_SURFACE), "the surface explains less than 70 % of the variance")
    cells = {"fitted": fitted, "expected": null}
    return ModelOutcome(excess, reason, invalid, parameters | {f"{name}_r2": r2}, cells=cells)


def _explained(batch: Batch, found: Surfaces) -> Floats:
    cells = batch.cells
    count = np.maximum(cells.weight.sum(axis=1), 1)
    mean = (cells.weight * cells.y).sum(axis=1) / count
    total = (cells.weight * (cells.y - mean[:, None]) ** 2).sum(axis=1)
    return np.where(total > 1e-9, 1 - found.rss / np.maximum(total, 1e-300), np.nan)
