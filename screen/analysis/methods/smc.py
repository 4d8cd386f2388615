"""Sequential Monte Carlo: particles of the prior are brought to the posterior by tempering the likelihood,
each stage as far as half of them remain effective, and moved there by preconditioned Crank-Nicolson steps.

Del Moral 2006, 10.1111/j.1467-9868.2006.00553.x; the steps keep the normal distribution that the particles
have (Rudolf and Sprungk 2018, 10.1007/s10208-016-9340-x), so that many variables of which the data know
nothing do not shorten them. Every step is one call of the likelihood for all particles.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats

Likelihood = Callable[[Floats], Floats]
EFFECTIVE = 0.5  # of the particles, at each stage
GOAL = 0.3  # of the proposals accepted
LEAST = 1e-6
MOST_STAGES = 60


@dataclass(frozen=True)
class Tempered:
    """`scores` (N, D) of the posterior, equally likely; their `log_likelihood` (N,); `log_evidence`; how many
    `stages` it took, and the share of proposals `accepted` in the last.
    """

    scores: Floats
    log_likelihood: Floats
    log_evidence: float
    stages: int
    accepted: float


def temper(
    log_likelihood: Likelihood,
    dimensions: int,
    rng: np.random.Generator,
    particles: int = 256,
    moves: int = 8,
    progress: Callable[[float], None] | None = None,
) -> Tempered:
    """Sample prior x likelihood, the prior being standard normal in D `dimensions`.

    `log_likelihood` maps scores (N, D) to (N,), -inf where there is none; each stage makes `moves` steps.
    `progress` hears how much of the likelihood counts, 0 to 1.
    """
    scores = rng.standard_normal((particles, dimensions))
    known = log_likelihood(scores)
    power, evidence, step, stage, accepted = 0.0, 0.0, 0.5, 0, 0.0
    while power < 1 and stage < MOST_STAGES:
        rise = _rise(known, power)
        power, stage = power + rise, stage + 1
        weights = _weights(rise * known)
        evidence += _log_mean(rise * known)
        middle, root = _normal(scores, weights)
        chosen = _systematic(weights, rng)
        scores, known = scores[chosen], known[chosen]
        for _ in range(moves):
            scores, known, taken = _step(log_likelihood, scores, known, power, middle, root, step, rng)
            accepted = float(taken.mean())
            step = float(np.clip(step * np.exp(accepted - GOAL), 0.02, 1.0))
        if progress is not None:
            progress(power)
    return Tempered(scores, known, evidence, stage, accepted)


def _step(
    log_likelihood: Likelihood,
    scores: Floats,
    known: Floats,
    power: float,
    middle: Floats,
    root: Floats,
    step: float,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """One step of every particle; it would leave the normal distribution (middle, root) as it is."""
    fresh = rng.standard_normal(scores.shape) @ root.T
    proposed = middle + np.sqrt(1 - step * step) * (scores - middle) + step * fresh
    there = log_likelihood(proposed)
    with np.errstate(invalid="ignore"):
        gain = power * (there - known)
    gain += _excess(proposed, middle, root) - _excess(scores, middle, root)
    taken = np.log(rng.random(len(scores))) < np.where(np.isnan(gain), -np.inf, gain)
    return np.where(taken[:, None], proposed, scores), np.where(taken, there, known), taken


def _excess(scores: Floats, middle: Floats, root: Floats) -> Floats:
    """Logarithm of the prior's density over that of the normal distribution (middle, root), but for a
    constant.
    """
    normal = np.linalg.solve(root, (scores - middle).T)
    return np.asarray(0.5 * ((normal * normal).sum(axis=0) - (scores * scores).sum(axis=1)))


def _rise(known: Floats, power: float) -> float:
    """How far the power of the likelihood may rise with half of the particles effective."""
    low, high = 0.0, 1.0 - power
    if _effective(high * known) >= EFFECTIVE * len(known):
        return high
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _effective(middle * known) >= EFFECTIVE * len(known) else (low, middle)
    return max(low, 1e-9)


def _weights(logs: Floats) -> Floats:
    weights = np.exp(logs - np.max(logs))
    return np.asarray(weights / weights.sum())


def _effective(logs: Floats) -> float:
    weights = _weights(np.where(np.isfinite(logs), logs, -np.inf))
    return float(1 / np.sum(weights**2))


def _log_mean(logs: Floats) -> float:
    top = np.max(logs)
    return float(top + np.log(np.mean(np.exp(logs - top))))


def _normal(scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean (D,) and a root (D, D) of the covariance of the weighted particles in the directions in which they
    are narrower than the prior beyond chance (Marchenko and Pastur 1967), and of the prior in all others.
    """
    middle = weights @ scores
    away = scores - middle
    spread, directions = np.linalg.eigh((weights[:, None] * away).T @ away)
    chance = max(0.0, 1 - np.sqrt(scores.shape[1] * np.sum(weights**2))) ** 2
    informed = spread < chance
    spread = np.where(informed, np.maximum(spread, LEAST), 1.0)
    return directions[:, informed] @ (directions[:, informed].T @ middle), directions * np.sqrt(spread)


def _systematic(weights: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
    """Particles resampled in proportion to their weights, with the least chance (Kitagawa 1996)."""
    ticks = (rng.random() + np.arange(len(weights))) / len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), ticks), len(weights) - 1)
