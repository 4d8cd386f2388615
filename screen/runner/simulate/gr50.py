"""Dose grids centred on each cell line: the single-agent GR50 that a drug has in a line, found by simulation
before the line's wells are dosed. It depends on the line and the drug alone, so every shard finds it for its
own lines.

The GR50 is the smallest concentration at which the GR value at the last assay time falls to 0.5, searched
from 1e-3 to 1e5 nM. Where it is not reached, and where the untreated line does not grow, the middle of the
drug's standard range on the log scale stands in for it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.cube.status import FAILED, status_code
from screen.pathway.growth import gr_value

if TYPE_CHECKING:
    from screen.pathway import Assay, Untreated

SEARCH_nM = (1e-3, 1e5)
SCAN, REFINE, ROUNDS = 17, 9, 2
HALF = 0.5


def find_gr50(assay: "Assay", drugs: Sequence[str], time_h: float, untreated: "Untreated") -> Array:
    """GR50 in nM of drugs at an assay time, (cell_line, drug): infinite where the GR value does not
    fall to 0.5, NaN where there is none.
    """
    return (
        np.array([_gr50(assay, time_h, untreated, drug) for drug in drugs])
        .reshape(len(drugs), len(untreated.status))
        .T
    )


def _gr50(assay: "Assay", time_h: float, untreated: "Untreated", drug: str) -> Array:
    """GR50 (cell_line,): a scan, then refinements of the interval in which it is first reached."""
    lines = np.arange(len(untreated.status))
    logs = np.tile(np.log(np.geomspace(*SEARCH_nM, SCAN)), (len(lines), 1))
    values = _gr_values(assay, time_h, untreated, drug, logs)
    reached = (values <= HALF).any(axis=1)
    first = np.argmax(values <= HALF, axis=1)
    ends = np.stack([np.maximum(first - 1, 0), first], axis=1)
    log_ends, value_ends = np.take_along_axis(logs, ends, 1), np.take_along_axis(values, ends, 1)
    share = np.linspace(0, 1, REFINE)
    for _ in range(ROUNDS):
        logs = log_ends[:, :1] + (log_ends[:, 1:] - log_ends[:, :1]) * share
        values = _gr_values(assay, time_h, untreated, drug, logs)
        first = np.maximum(np.argmax(values <= HALF, axis=1), 1)
        ends = np.stack([first - 1, first], axis=1)
        log_ends, value_ends = np.take_along_axis(logs, ends, 1), np.take_along_axis(values, ends, 1)
    (low, high), (above, below) = log_ends.T, value_ends.T
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip((above - HALF) / (above - below), 0, 1)
    found = np.exp(low + np.nan_to_num(part, nan=1.0) * (high - low))
    return np.where(np.isnan(values).any(axis=1), np.nan, np.where(reached, found, np.inf))


def _gr_values(assay: "Assay", time_h: float, untreated: "Untreated", drug: str, logs: Array) -> Array:
    """GR values at an assay time at log doses (cell_line, dose); NaN where a well or vehicle failed."""
    lines, many = logs.shape
    doses = np.concatenate([np.zeros((lines, 1)), np.exp(logs)], axis=1)
    rows = np.repeat(np.arange(lines), many + 1)
    found = assay.dose(untreated, rows, {drug: doses.ravel()}, np.array([time_h]))
    cells = found.log_cells[:, -1].reshape(lines, many + 1)
    failed = status_code(found.status).reshape(lines, many + 1) == FAILED
    failed |= (failed[:, :1]) | (status_code(untreated.status) == FAILED)[:, None]
    cells = np.where(failed, np.nan, cells)
    return gr_value(cells[:, 1:], cells[:, :1])
