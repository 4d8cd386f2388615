"""Have chains converged? Split R-hat and effective sample size (Vehtari 2021, 10.1214/20-BA1221)."""

import numpy as np

from screen.arrays import Floats


def split(chains: Floats) -> Floats:
    """Chains (C, N, ...) cut in halves (2 C, N // 2, ...)."""
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def ranked(chains: Floats) -> Floats:
    """Chains (C, N) as normal scores of their pooled ranks."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = rankdata(chains.ravel(), method="average").reshape(chains.shape)
    return np.asarray(ndtri((ranks - 0.375) / (chains.size + 0.25)))


def r_hat(chains: Floats) -> float:
    """Rank-normalised split R-hat of one quantity in chains (C, N): 1 where chains agree, the worse of bulk
    and tails; NaN for a quantity that does not move.
    """
    halves = split(chains)
    folded = np.abs(halves - np.median(halves))
    return max(_plain(ranked(halves)), _plain(ranked(folded)))


def _plain(chains: Floats) -> float:
    count = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    between = count * chains.mean(axis=1).var(ddof=1)
    if within == 0:
        return float("nan") if between == 0 else float("inf")
    return float(np.sqrt((count - 1) / count + between / within / count))


def effective_size(chains: Floats) -> float:
    """Bulk effective sample size of one quantity in chains (C, N), by Geyer's initial monotone sequence."""
    halves = ranked(split(chains))
    number, count = halves.shape
    centered = halves - halves.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centered, 2 * count, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :count] / count
    within = covariance[:, 0].mean() * count / (count - 1)
    total = within * (count - 1) / count + halves.mean(axis=1).var(ddof=1)
    if total == 0:
        return float("nan")
    rho = 1 - (within - covariance.mean(axis=0)) / total
    pairs = rho[0 : count - 1 : 2] + rho[1:count:2]
    positive = np.flatnonzero(pairs <= 0)
    pairs = np.minimum.accumulate(pairs[: positive[0] if len(positive) else len(pairs)])
    return float(number * count / max(2 * pairs.sum() - 1, 1 / np.log10(number * count)))
