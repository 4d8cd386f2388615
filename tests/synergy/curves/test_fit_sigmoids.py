"""Batched sigmoid fits: exact on clean curves, never worse than a patient search, and blind to their
neighbours."""

import numpy as np
import pytest

from screen.synergy.curves.fit_sigmoids import fit_sigmoids
from screen.synergy.curves.sigmoid import sigmoid
from screen.synergy.curves.single_agent import fit_curves
from tests.synergy.known_matrices import doses, hill


def curves(count, noise, seed=0, size=8):
    rng = np.random.default_rng(seed)
    conc = doses(size=size)
    half, slope = (
        np.exp(rng.uniform(0, np.log(1e4), count)),
        np.exp(rng.uniform(np.log(0.5), np.log(3), count)),
    )
    bottom = rng.uniform(0, 0.8, count)
    y = np.stack([hill(conc, *values) for values in zip(bottom, half, slope)])
    return conc, y + noise * rng.normal(size=y.shape), (bottom, half, slope)


def test_clean_curves_come_back():
    conc, y, (bottom, half, slope) = curves(300, 0.0)
    fit = fit_curves(np.tile(conc, (300, 1)), y).fit
    assert np.quantile(np.sqrt(fit.rss / 8), 0.99) < 1e-9
    inside = (half > 10) & (half < 1000) & (slope < 2)
    np.testing.assert_allclose(fit.end[inside], bottom[inside], atol=1e-6)
    np.testing.assert_allclose(np.exp(fit.midpoint)[inside], half[inside], rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_no_patient_search_finds_a_better_fit(noise):
    """SciPy from eight starts each, in the same box, does not beat the batch by more than 1 % of the
    residual."""
    from scipy.optimize import least_squares

    conc, y, _ = curves(12, noise, seed=4)
    x = np.log(conc[1:]) - np.log(conc[[1, -1]]).mean()
    ours = fit_curves(np.tile(conc, (12, 1)), y).fit

    def residual(p, row):
        s = np.concatenate([[0.0], sigmoid(x, p[2], np.exp(p[3]))])
        return p[0] + (p[1] - p[0]) * s - row

    for k, row in enumerate(y):
        low, high = min(0.0, row.min()), 2 * row.max() - row.min()
        span = x[-1] + np.log(100)
        best = min(
            2 * least_squares(
                residual, [row[0], np.clip(row[-1], low, high), middle, slope], args=(row,),
                bounds=([-5, low, -span, np.log(0.1)], [5, high + 1e-9, span, np.log(20)]),
            ).cost
            for middle in (-3, -1, 1, 3)
            for slope in (0.0, 1.2)
        )  # fmt: skip
        assert ours.rss[k] <= 1.01 * best + 1e-9


@pytest.mark.slow
def test_a_curve_does_not_know_its_neighbours_to_the_last_bit():
    conc, y, _ = curves(40, 0.1, seed=2, size=5)
    y[3, 2], y[7, 0] = np.nan, np.nan
    x = np.log(np.maximum(np.tile(conc, (40, 1)), 1e-300))
    x[:, 0] = -np.inf
    ends = (np.full(40, -0.5), np.full(40, 2.0))
    together = fit_sigmoids(x, y, ends, np.ones(40))
    for k in range(40):
        alone = fit_sigmoids(x[k : k + 1], y[k : k + 1], (ends[0][:1], ends[1][:1]), np.ones(1))
        for name in ("start", "end", "midpoint", "hill", "rss"):
            assert getattr(alone, name)[0] == getattr(together, name)[k], name
