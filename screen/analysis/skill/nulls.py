"""Predictions that need no model: what the other cells of the same table say. Each leaves the cell itself out."""

from collections.abc import Hashable, Sequence

import numpy as np

from screen.analysis.skill.correlations import codes
from screen.analysis.skill.measured_table import Cell
from screen.arrays import Floats


def single_agent_nulls(cells: Sequence[Cell], measured: Floats) -> dict[str, Floats]:
    """The mean of the drug over other lines, of the line over other drugs, and of both added up (N,)."""
    drugs, lines = [cell.drugs for cell in cells], [cell.line for cell in cells]
    of_drug, of_line = mean_of_others(measured, drugs), mean_of_others(measured, lines)
    of_all = mean_of_others(measured, [0] * len(cells))
    return {"drug_mean": of_drug, "line_mean": of_line, "drug_and_line_mean": of_drug + of_line - of_all}


def pair_nulls(cells: Sequence[Cell], measured: Floats) -> dict[str, Floats]:
    """The same pair's mean in other lines, the mean of the line over other pairs, and synergy everywhere (N,)."""
    pairs, lines = [frozenset(cell.drugs) for cell in cells], [cell.line for cell in cells]
    return {
        "same_pair_other_lines": mean_of_others(measured, pairs),
        "line_mean": mean_of_others(measured, lines),
        "always_positive": np.ones(len(cells)),
    }


def mean_of_others(values: Floats, groups: Sequence[Hashable]) -> Floats:
    """Each cell's group mean without the cell (N,); NaN where it is alone in its group."""
    index = codes(groups)
    there = np.isfinite(values)
    sums = np.bincount(index, np.where(there, values, 0.0))[index] - np.where(there, values, 0.0)
    counts = np.bincount(index, there)[index] - there
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)
