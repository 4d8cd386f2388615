"""Which untreated quantities of a line foretell what drugs do to it.

Rank correlation over a panel, with bootstrap intervals and control of the false-discovery rate (Benjamini and
Hochberg 1995, 10.1111/j.2517-6161.1995.tb02031.x).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
FEWEST_LINES = 8


@dataclass(frozen=True)
class Association:
    """Spearman's `rho` of a marker with a target over `lines` lines; `low`, `high`: 95 % bootstrap interval.

    `p` is two-sided against no association, `q` the false-discovery rate among all pairs tested together.
    """

    marker: str
    target: str
    lines: int
    rho: float
    low: float
    high: float
    p: float
    q: float


def associate(
    markers: Mapping[str, Array], targets: Mapping[str, Array], seed: int = 0, resamples: int = 400
) -> list[Association]:
    """Every marker (cell_line,) against every target (cell_line,), the strongest first.

    Lines where either is NaN are left out of that pair. A pair with fewer than `FEWEST_LINES` lines, or with
    a quantity that is the same in all of them, is not tested. The interval resamples lines, keyed by `seed`,
    marker and target, so that neither the order nor the company of a marker changes it.
    """
    found = []
    for marker, values in markers.items():
        for target, wanted in targets.items():
            keep = np.isfinite(values) & np.isfinite(wanted)
            x, y = np.asarray(values, float)[keep], np.asarray(wanted, float)[keep]
            if len(x) < FEWEST_LINES or np.ptp(x) == 0 or np.ptp(y) == 0:
                continue
            rho = float(spearman(x, y))
            low, high = interval(
                x, y, np.random.default_rng([seed, *f"{marker}|{target}".encode()]), resamples
            )
            found.append(Association(marker, target, len(x), rho, low, high, p_value(rho, len(x)), np.nan))
    rates = false_discovery(np.array([item.p for item in found]))
    ranked = [
        Association(**(vars(item) | {"q": float(rate)})) for item, rate in zip(found, rates, strict=True)
    ]
    return sorted(ranked, key=lambda item: (-abs(item.rho), item.marker, item.target))


def spearman(x: Array, y: Array) -> Array:
    """Spearman's rho along the last axis, ties at their mean rank; NaN where either is constant."""
    from scipy.stats import rankdata

    a, b = rankdata(x, axis=-1), rankdata(y, axis=-1)
    a, b = a - a.mean(axis=-1, keepdims=True), b - b.mean(axis=-1, keepdims=True)
    scale = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * b).sum(axis=-1) / scale)


def interval(x: Array, y: Array, random: np.random.Generator, resamples: int) -> tuple[float, float]:
    """The 95 % percentile interval of rho over resampled lines; resamples without variation are left out."""
    rows = random.integers(0, len(x), (resamples, len(x)))
    values = spearman(x[rows], y[rows])
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [0.025, 0.975]) if len(values) else (np.nan, np.nan)
    return float(low), float(high)


def p_value(rho: float, lines: int) -> float:
    """Two-sided p of rho by Student's t with `lines` - 2 degrees of freedom."""
    from scipy.stats import t

    if abs(rho) >= 1 - 1e-12:
        return 0.0
    return float(2 * t.sf(abs(rho) * np.sqrt((lines - 2) / (1 - rho * rho)), lines - 2))


def false_discovery(p: Array) -> Array:
    """Benjamini-Hochberg adjusted values of `p`, in its order."""
    if not len(p):
        return p
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1)
    return np.asarray(adjusted[np.argsort(order, kind="stable")])
