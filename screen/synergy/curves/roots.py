"""Bracketed root finding for many equations at once: Chandrupatla 1997, doi:10.1016/S0965-9978(96)00051-8
(inverse quadratic interpolation where it is safe, bisection elsewhere; it needs no derivative). Kept in place of
`scipy.optimize.elementwise.find_root` (SciPy 1.17, the same method): 20,000 roots take 0.014 s here and 0.028 s there,
whose last digits move a third of the cells' Loewe excess, by up to 2e-10 percent points.
"""

from collections.abc import Callable

import numpy as np

from screen.arrays import Floats, Indices


def find_roots(
    function: Callable[[Floats, Indices], Floats],
    low: Floats,
    high: Floats,
    tolerance: float = 1e-11,
    steps: int = 80,
) -> Floats:
    """Roots `(lane,)` of `function(x, lane)` between `low` and `high` `(lane,)`.

    `lane` are the indices of the equations still open, so that settled ones cost nothing. The function must
    change sign between the two ends; where it does not, the end nearer to a root is returned.
    """
    lanes = np.arange(len(low))
    result = np.array(low, dtype=float)
    a, b = np.array(high, dtype=float), np.array(low, dtype=float)
    fa, fb = function(a, lanes), function(b, lanes)
    c, fc = a.copy(), fa.copy()
    t = np.full(len(a), 0.5)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for _step in range(steps):
            x = a + t * (b - a)
            f = function(x, lanes)
            same = np.sign(f) == np.sign(fa)
            c, fc = np.where(same, a, b), np.where(same, fa, fb)
            b, fb = np.where(same, b, a), np.where(same, fb, fa)
            a, fa = x, f
            nearer = np.abs(fa) < np.abs(fb)
            best, fbest = np.where(nearer, a, b), np.where(nearer, fa, fb)
            limit = 0.5 * tolerance / np.abs(b - c)
            open_ = ~((limit > 0.5) | (fbest == 0) | np.isnan(fbest))
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            inverse = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            quadratic = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
            t = np.clip(np.where(inverse, quadratic, 0.5), limit, 1 - limit)
            closed = ~open_
            if closed.any():
                result[lanes[closed]] = best[closed]
                lanes, a, b, c, t = lanes[open_], a[open_], b[open_], c[open_], t[open_]
                fa, fb, fc = fa[open_], fb[open_], fc[open_]
                if not lanes.size:
                    return result
    result[lanes] = a
    return result
