"""Which untreated quantities of a line predict what drugs do to it.

Rank correlation over a panel, with bootstrap intervals and control of the false-discovery rate (Benjamini and
Hochberg 1995, 10.1111/j.2517-6161.1995.tb02031.x).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from screen.arrays import Array

FEWEST_LINES = 8
MOST_TERMS = 500
ENDS = 0.025, 0.975
SHOWN = 1.95996 + 0.84162
"""Standard deviations from 0 at which 80 % of panels are beyond the two-sided 5 %."""
JOINED = " = "
"""Between the names of markers that rank all lines alike."""


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
    a quantity that is the same in all of them, is not tested. The interval resamples lines; the resamples
    depend on `seed` and the number of lines alone, so that the company of a marker does not change it.
    """
    found, products = [], []
    ranked: dict[tuple[str, str, bytes], tuple[Array, Array]] = {}
    drawn: dict[int, Array] = {}

    def ranks(kind: str, name: str, values: Array, keep: Array) -> tuple[Array, Array]:
        key = (kind, name, keep.tobytes())
        if key not in ranked:
            chosen = np.asarray(values, float)[keep]
            size = len(chosen)
            if size not in drawn:
                drawn[size] = np.random.default_rng([seed, size]).integers(0, size, (resamples, size))
            ranked[key] = standard_ranks(chosen), standard_ranks(chosen, drawn[size])
        return ranked[key]

    for marker, values in markers.items():
        for target, wanted in targets.items():
            keep = np.isfinite(values) & np.isfinite(wanted)
            if keep.sum() < FEWEST_LINES or np.ptp(values[keep]) == 0 or np.ptp(wanted[keep]) == 0:
                continue
            (x, many_x), (y, many_y) = (
                ranks("marker", marker, values, keep),
                ranks("target", target, wanted, keep),
            )
            rho, lines = float(np.clip(x @ y, -1, 1)), int(keep.sum())
            products.append((many_x * many_y).sum(axis=-1))
            found.append(Association(marker, target, lines, rho, np.nan, np.nan, p_value(rho, lines), np.nan))
    ends = intervals(np.reshape(products, (len(found), resamples)))
    found = [
        replace(item, low=float(low), high=float(high)) for item, (low, high) in zip(found, ends, strict=True)
    ]
    rates = false_discovery(np.array([item.p for item in found]))
    known = [replace(item, q=float(rate)) for item, rate in zip(found, rates, strict=True)]
    return sorted(known, key=lambda item: (-abs(item.rho), item.marker, item.target))


def merged_markers(markers: Mapping[str, Array]) -> dict[str, Array]:
    """Markers that rank all lines alike as one, their names joined with `JOINED`: they
    carry the same evidence, and as several they would count several times among the tests. The others as they are.
    """
    groups: dict[bytes, list[str]] = {}
    for name, values in markers.items():
        values = np.asarray(values, float)
        known = np.isfinite(values)
        ranks = np.full(len(values), -1, dtype=np.int64)
        ranks[known] = np.unique(values[known], return_inverse=True)[1]
        differs = known.sum() > 1 and np.ptp(values[known]) > 0
        groups.setdefault(ranks.tobytes() if differs else name.encode(), []).append(name)
    return {JOINED.join(names): np.asarray(markers[names[0]], float) for names in groups.values()}


def standard_ranks(values: Array, rows: Array | None = None) -> Array:
    """Ranks of values (line,), ties at their mean, centred and of length 1; NaN where all are equal. Where there are
    `rows` (resample, line), those of the values in each row.

    The product of two of them, summed, is Spearman's rho.
    """
    ranks = mean_ranks(np.asarray(values, float), rows)
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(centred / np.sqrt((centred * centred).sum(axis=-1, keepdims=True)))


def mean_ranks(values: Array, rows: Array | None = None) -> Array:
    """Ranks from 1 of values (line,), ties at their mean, or of the values in each of `rows` (resample, line). Values
    are counted, not sorted, since resamples hold few different ones; pandas and scipy.stats rank as well, but take
    longer to load than all else here to run.
    """
    known, codes = np.unique(values, return_inverse=True)
    codes = codes.reshape(1, -1) if rows is None else codes.reshape(-1)[rows]
    place = np.arange(len(codes))[:, None] * len(known) + codes
    counts = np.bincount(place.ravel(), minlength=len(codes) * len(known)).reshape(len(codes), len(known))
    middle = np.cumsum(counts, axis=1) - (counts - 1) / 2
    ranks: Array = middle.ravel()[place]
    return ranks[0] if rows is None else ranks


def intervals(values: Array) -> Array:
    """The 95 % percentile intervals (pair, end) of resampled rho (pair, resample); resamples without variation are
    left out.
    """
    found, known = np.full((len(values), 2), np.nan), np.isfinite(values)
    whole = known.all(axis=1)
    if whole.any():
        found[whole] = np.quantile(values[whole], ENDS, axis=1).T
    for row in np.flatnonzero(~whole & known.any(axis=1)):
        found[row] = np.quantile(values[row][known[row]], ENDS)
    return found.clip(-1, 1)


def p_value(rho: float, lines: int) -> float:
    """Two-sided p of rho by Student's t with `lines` - 2 degrees of freedom."""
    if abs(rho) >= 1 - 1e-12:
        return 0.0
    return incomplete_beta((lines - 2) / 2, 0.5, 1 - rho * rho)


def lines_to_show(rho: float) -> float:
    """How many unrelated lines show a correlation of this size at a two-sided 5 % in four of five panels, by Fisher's z
    with the variance 1.06 / (lines - 3) of ranks (Fieller 1957, 10.1093/biomet/44.3-4.470); infinite for 0.
    """
    z = abs(math.atanh(min(abs(rho), 1 - 1e-12)))
    return math.ceil(3 + 1.06 * (SHOWN / z) ** 2) if z > 0 else math.inf


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function by its continued fraction (Numerical Recipes, 6.4), as
    `scipy.special.betainc`, whose package takes longer to load than a report takes to rank its markers.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            c, d = 1 + term / c, 1 / (1 + term * d)
            fraction *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(scale + a * math.log(x) + b * math.log1p(-x)) * fraction / a


def false_discovery(p: Array) -> Array:
    """Benjamini-Hochberg adjusted values of `p`, in its order."""
    if not len(p):
        return p
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1)
    return np.asarray(adjusted[np.argsort(order, kind="stable")])
