"""How far parameter sets are from the evidence: a vector of residuals for each, many sets in one call.

Half the sum of squared residuals, those of the prior (the scores themselves) included, is the energy that
search and sampler share: the negative logarithm of the posterior density. Evidence is made robust (Cauchy): a
row that contradicts others costs the logarithm of its standardised residual, not its square.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.analysis.calibration.priors import Priors
from screen.analysis.calibration.residuals import Criterion, criterion_of
from screen.analysis.calibration.well_layout import SimulatedWells, WellLayout
from screen.analysis.evidence.table import Statement
from screen.arrays import Floats
from screen.pathway import Assay

WORST = 1e3
CHUNK = 8
GROWTH = 0.05
"""Tolerance of a line's growth, as a share of its own."""


@dataclass(frozen=True)
class Evaluation:
    """K parameter sets: values (K, rows) on the scale that they are compared on (log ratio, log10 nM, GR units ...),
    standardised residuals (K, rows + lines), the last ones those of the untreated lines' growth.
    """

    values: Floats
    residuals: Floats


@dataclass(frozen=True)
class Objective:
    """The evidence as a function of scores. Build it with `Objective.lay_out`."""

    wells: SimulatedWells
    priors: Priors
    statements: tuple[Statement, ...]
    criteria: tuple[Criterion, ...]
    weights: Floats  # (rows + lines,)
    margin: float
    jobs: int

    @classmethod
    def lay_out(
        cls,
        assay: Assay,
        statements: Sequence[Statement],
        priors: Priors,
        weights: Mapping[str, float] | None = None,
        margin: float = 0.2,
        jobs: int = 1,
        rtol: float = 1e-4,
        atol: float = 1e-7,
    ) -> "Objective":
        """Lay out the wells of all statements. `weights` multiply the squared residuals of a kind."""
        layout = WellLayout()
        criteria = tuple(criterion_of(statement, layout, assay.pathway) for statement in statements)
        wells = SimulatedWells(assay, layout, priors, rtol, atol)
        table = weights or {}
        by_row = [table.get(statement.kind, 1.0) for statement in statements] + [1.0] * len(wells.lines)
        return cls(wells, priors, tuple(statements), criteria, np.array(by_row), margin, jobs)

    def evaluate(self, scores: Floats) -> Evaluation:
        """Simulate the parameter sets at scores (K, D)."""
        size = min(CHUNK, -(-len(scores) // self.jobs))
        chunks = [scores[first : first + size] for first in range(0, len(scores), size)]
        if self.jobs > 1 and len(chunks) > 1:
            with ThreadPoolExecutor(self.jobs) as pool:
                parts = list(pool.map(self._evaluate, chunks))
        else:
            parts = [self._evaluate(chunk) for chunk in chunks]
        values, residuals = zip(*parts, strict=True)
        return Evaluation(np.concatenate(values), np.concatenate(residuals))

    def _evaluate(self, scores: Floats) -> tuple[Floats, Floats]:
        reading = self.wells.read(self.priors.values(scores))
        with np.errstate(all="ignore"):
            values = np.stack([criterion.value(reading) for criterion in self.criteria], axis=1)
            residuals = [
                criterion.residual(values[:, i], self.margin) for i, criterion in enumerate(self.criteria)
            ]
        growth = np.sign(reading.shortfall) * np.maximum(np.abs(reading.shortfall) - 0.02, 0) / GROWTH
        found = np.concatenate([np.stack(residuals, axis=1), growth], axis=1)
        return values, np.clip(np.nan_to_num(found, nan=WORST), -WORST, WORST)

    def robust_residuals(self, residuals: Floats, robust: float) -> Floats:
        """Robust, weighted residuals (..., rows + lines): sign(m) sqrt(w c^2 log(1 + (m / c)^2))."""
        size = robust * np.sqrt(np.log1p((residuals / robust) ** 2))
        return np.sqrt(self.weights) * np.sign(residuals) * size

    def robust_slopes(self, residuals: Floats, robust: float) -> Floats:
        """Derivatives of the robust residuals by the standardised ones (..., rows + lines)."""
        scaled = (residuals / robust) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            outer = np.where(scaled > 1e-12, np.sqrt(scaled / np.log1p(scaled)) / (1 + scaled), 1.0)
        return np.where(residuals == 0, 0.0, outer) * np.sqrt(self.weights)

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Which statements hold (K, rows) by the objective's own, coarser, reading."""
        lower = np.array([criterion.lower for criterion in self.criteria])
        upper = np.array([criterion.upper for criterion in self.criteria])
        return (values >= lower) & (values <= upper)

    def energies(self, scores: Floats, robust: float) -> Floats:
        """Half the sum of squared residuals, prior included (K,); infinite out of reach."""
        inside = (np.abs(scores) <= self.priors.reach).all(axis=1)
        found = np.full(len(scores), np.inf)
        if inside.any():
            residuals = self.evaluate(scores[inside]).residuals
            weighted = self.robust_residuals(residuals, robust)
            found[inside] = 0.5 * (weighted**2).sum(axis=1) + 0.5 * (scores[inside] ** 2).sum(axis=1)
        return found
