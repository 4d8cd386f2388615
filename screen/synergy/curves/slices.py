"""The curves of rows and columns that ZIP is made of, each from its own value at dose 0, and of the single agents:
where R's drc ends, of least squares, or of each the one that is chosen: drc's, unless its search ended far above least
squares (`FAR_ABOVE` times the sum of squares, and `FAR_FROM_BEST` more at the root mean square).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.synergy.curves.drc import drc_curves
from screen.synergy.curves.fit_sigmoids import fit_sigmoids
from screen.synergy.curves.sigmoid import sigmoid
from screen.synergy.curves.single_agent import MIN_DOSES, Curves

How = Literal["drc", "least-squares", "chosen"]
FAR_ABOVE = 10.0
FAR_FROM_BEST = 0.05


def alone_fitted(conc: Floats, alone: Floats, curves: Curves | None, how: How) -> tuple[Floats, Bools]:
    """The fitted single agent `(matrix, dose)`, and where least squares was chosen `(matrix,)`."""
    theirs = ours = np.full(alone.shape, np.nan)
    if how != "least-squares":
        theirs = 1.0 - drc_curves(conc, 100.0 * (1.0 - alone)) / 100.0
    if how != "drc" and curves is not None:
        with np.errstate(divide="ignore"):
            ours = _fitted(curves, np.log(conc), np.arange(len(alone))[:, None])
    return _chosen(theirs, ours, alone, how)


def rows_fitted(conc: Floats, rows: Floats, how: How, lower_bound: float) -> tuple[Floats, Bools]:
    """Fitted viability `(matrix, row, dose)`, without dose 0, of rows `(matrix, row, dose)` that each begin at their
    own value at dose 0; and the rows where least squares was chosen, `(matrix, row)`."""
    theirs = ours = np.full((*rows.shape[:2], rows.shape[2] - 1), np.nan)
    if how != "least-squares":
        flat = 100.0 * (1.0 - rows.reshape(-1, rows.shape[2]))
        fitted = drc_curves(np.repeat(conc, rows.shape[1], axis=0), flat, flat[:, 0])
        theirs = 1.0 - fitted[:, 1:].reshape(theirs.shape) / 100.0
    if how != "drc":
        with np.errstate(divide="ignore"):
            ours = fit_slices(np.log(conc)[:, 1:], rows[:, :, 1:], rows[:, :, 0], lower_bound)
    return _chosen(theirs, ours, rows[:, :, 1:], how)


def _chosen(theirs: Floats, ours: Floats, observed: Floats, how: How) -> tuple[Floats, Bools]:
    """Curves `(..., dose)`: drc's, those of least squares, or of each the one that `how` says; and where the latter
    was chosen over drc's `(...)`."""
    none = np.zeros(observed.shape[:-1], dtype=bool)
    if how != "chosen":
        return (theirs if how == "drc" else ours), none
    known = ~np.isnan(observed)
    left = [np.where(known, curve - observed, 0.0) ** 2 for curve in (theirs, ours)]
    rss = [squares.sum(axis=-1) for squares in left]
    size = np.maximum(known.sum(axis=-1), 1)
    far = (rss[0] > FAR_ABOVE * rss[1]) & (np.sqrt(rss[0] / size) > np.sqrt(rss[1] / size) + FAR_FROM_BEST)
    return np.where(far[..., None], ours, theirs), far


def _fitted(curves: Curves, x: Floats, lane: NDArray[np.intp]) -> Floats:
    fit = curves.fit
    return fit.start[lane] + (fit.end[lane] - fit.start[lane]) * sigmoid(
        x, fit.midpoint[lane], fit.hill[lane]
    )


def fit_slices(x: Floats, values: Floats, start: Floats, lower_bound: float) -> Floats:
    """Fitted values of the slices `(matrix, slice, dose)` at log doses `x` `(matrix, dose)`, each from its
    own `start` `(matrix, slice)`; `lower_bound` as in `score_matrices`."""
    count, slices, size = values.shape
    flat, begin = values.reshape(-1, size), start.reshape(-1)
    log_dose = np.repeat(x, slices, axis=0)
    flat = np.where(np.isnan(begin)[:, None], np.nan, flat)
    enough = (np.isfinite(flat) & np.isfinite(log_dose)).sum(axis=1) >= MIN_DOSES
    flat = np.where(enough[:, None], flat, np.nan)
    low = np.fmin(np.where(np.isnan(flat), np.inf, flat).min(axis=1, initial=np.inf), begin)
    high = np.fmax(np.where(np.isnan(flat), -np.inf, flat).max(axis=1, initial=-np.inf), begin)
    low, high = np.where(enough, low, 0.0), np.where(enough, high, 1.0)
    fit = fit_sigmoids(
        log_dose, flat, (np.minimum(lower_bound, low), high + (high - low)), np.nan_to_num(begin)
    )
    s = sigmoid(log_dose, fit.midpoint[:, None], fit.hill[:, None])
    curve = fit.start[:, None] + (fit.end - fit.start)[:, None] * s
    return np.where(enough[:, None], curve, np.nan).reshape(count, slices, size)
