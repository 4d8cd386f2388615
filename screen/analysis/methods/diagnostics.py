"""Have chains converged? Rank-normalised split R-hat, the worse of bulk and tails, and the bulk effective sample
size (Vehtari 2021, 10.1214/20-BA1221), as arviz-stats computes them.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Floats


def r_hat(chains: Floats) -> Floats:
    """R-hat (...) of the quantities in chains (C, N, ...): 1 where chains agree; NaN for one that does not move
    and for fewer than four states a chain.
    """
    from arviz_stats.base import array_stats  # brings pandas and xarray

    with np.errstate(invalid="ignore"):
        return np.asarray(array_stats.rhat(chains, chain_axis=0, draw_axis=1, method="rank"))


def effective_size(chains: Floats) -> Floats:
    """Effective sample size (...) of the quantities in chains (C, N, ...): all states for one that does not move,
    NaN for fewer than four a chain.
    """
    from arviz_stats.base import array_stats

    with np.errstate(invalid="ignore"):
        return np.asarray(array_stats.ess(chains, chain_axis=0, draw_axis=1, method="bulk"))


@dataclass(frozen=True, eq=False)
class Agreement:
    """R-hat and effective sample size of each quantity (D,)."""

    r_hat: Floats
    effective_size: Floats

    def summary(self) -> dict[str, dict[str, float]]:
        """Both over the quantities that move."""
        hats, sizes = self.r_hat[np.isfinite(self.r_hat)], self.effective_size[np.isfinite(self.r_hat)]
        if not len(hats):
            hats = sizes = np.array([np.nan])
        return {
            "r_hat": {
                "median": float(np.median(hats)),
                "q95": float(np.quantile(hats, 0.95)),
                "largest": float(np.max(hats)),
                "within_1.05": float(np.mean(hats <= 1.05)),
            },
            "effective_size": {"median": float(np.median(sizes)), "smallest": float(np.min(sizes))},
        }


def agreement(chains: Floats) -> Agreement:
    """Of the quantities in chains (C, N, D)."""
    return Agreement(r_hat(chains), effective_size(chains))
