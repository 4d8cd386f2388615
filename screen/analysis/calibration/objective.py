"""How far parameter sets are from the evidence: a vector of residuals for each, many sets in one call.

Half the sum of squared residuals, those of the prior (the scores themselves) included, is the energy that
search and sampler share: the negative logarithm of the posterior density. Evidence is made robust (Cauchy): a
row that contradicts others costs the logarithm of its misfit, not its square.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.analysis.calibration.priors import Priors
from screen.analysis.calibration.residuals import Judge, judge
from screen.analysis.calibration.well_layout import Layout, Plate
from screen.analysis.evidence.table import Statement
from screen.arrays import Floats
from screen.pathway import Assay

WORST = 1e3
CHUNK = 8
GROWTH = 0.05
"""Tolerance of a line's growth, as a share of its own."""


@dataclass(frozen=True)
class Evaluation:
    """K parameter sets: values (K, rows) on the scale of the misfit (log ratio, log10 nM, GR units ...),
    misfits (K, rows + lines) in tolerances, the last ones those of the untreated lines' growth.
    """

    values: Floats
    misfits: Floats


@dataclass(frozen=True)
class Objective:
    """The evidence as a function of scores. Build it with `Objective.lay_out`."""

    plate: Plate
    priors: Priors
    statements: tuple[Statement, ...]
    judges: tuple[Judge, ...]
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
        """Lay out the wells of all statements. `weights` multiply the squared misfits of a kind."""
        layout = Layout()
        judges = tuple(judge(statement, layout, assay.pathway) for statement in statements)
        plate = Plate(assay, layout, priors, rtol, atol)
        table = weights or {}
        by_row = [table.get(statement.kind, 1.0) for statement in statements] + [1.0] * len(plate.lines)
        return cls(plate, priors, tuple(statements), judges, np.array(by_row), margin, jobs)

    def evaluate(self, scores: Floats) -> Evaluation:
        """Simulate the parameter sets at scores (K, D)."""
        size = min(CHUNK, -(-len(scores) // self.jobs))
        chunks = [scores[first : first + size] for first in range(0, len(scores), size)]
        if self.jobs > 1 and len(chunks) > 1:
            with ThreadPoolExecutor(self.jobs) as pool:
                parts = list(pool.map(self._evaluate, chunks))
        else:
            parts = [self._evaluate(chunk) for chunk in chunks]
        values, misfits = zip(*parts, strict=True)
        return Evaluation(np.concatenate(values), np.concatenate(misfits))

    def _evaluate(self, scores: Floats) -> tuple[Floats, Floats]:
        reading = self.plate.read(self.priors.values(scores))
        with np.errstate(all="ignore"):
            values = np.stack([judge.value(reading) for judge in self.judges], axis=1)
            misfits = [judge.misfit(values[:, i], self.margin) for i, judge in enumerate(self.judges)]
        growth = np.sign(reading.shortfall) * np.maximum(np.abs(reading.shortfall) - 0.02, 0) / GROWTH
        found = np.concatenate([np.stack(misfits, axis=1), growth], axis=1)
        return values, np.clip(np.nan_to_num(found, nan=WORST), -WORST, WORST)

    def residuals(self, misfits: Floats, robust: float) -> Floats:
        """Robust, weighted residuals (..., rows + lines): sign(m) sqrt(w c^2 log(1 + (m / c)^2))."""
        size = robust * np.sqrt(np.log1p((misfits / robust) ** 2))
        return np.sqrt(self.weights) * np.sign(misfits) * size

    def residual_slopes(self, misfits: Floats, robust: float) -> Floats:
        """Derivatives of the residuals by the misfits (..., rows + lines)."""
        scaled = (misfits / robust) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            outer = np.where(scaled > 1e-12, np.sqrt(scaled / np.log1p(scaled)) / (1 + scaled), 1.0)
        return np.where(misfits == 0, 0.0, outer) * np.sqrt(self.weights)

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Which statements hold (K, rows) by the objective's own, coarser, reading."""
        lower = np.array([judge.lower for judge in self.judges])
        upper = np.array([judge.upper for judge in self.judges])
        return (values >= lower) & (values <= upper)

    def energies(self, scores: Floats, robust: float) -> Floats:
        """Half the sum of squared residuals, prior included (K,); infinite out of reach."""
        inside = (np.abs(scores) <= self.priors.reach).all(axis=1)
        found = np.full(len(scores), np.inf)
        if inside.any():
            misfits = self.evaluate(scores[inside]).misfits
            own = self.residuals(misfits, robust)
            found[inside] = 0.5 * (own**2).sum(axis=1) + 0.5 * (scores[inside] ** 2).sum(axis=1)
        return found
