"""The smoother finds posteriors that can be written down."""

import numpy as np
import pytest

from screen.analysis.methods.ensemble_smoother import (
    ErrorFactor,
    Localisation,
    Observed,
    Reach,
    assimilate,
    completed,
    failed,
    inflations,
    smooth,
)
from screen.arrays import Floats

MEMBERS = 4000
ALL = np.arange


def posterior(slopes: Floats, covariance: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of a standard normal seen through linear rows with errors of this covariance."""
    precision = np.linalg.inv(covariance)
    spread = np.linalg.inv(np.eye(slopes.shape[1]) + slopes.T @ precision @ slopes)
    mean = spread @ slopes.T @ precision @ values
    return np.asarray(mean, float), np.asarray(spread, float)


def correlated(size: int) -> Floats:
    return np.asarray(0.2 * np.eye(size) + 0.3)


@pytest.mark.slow
def test_a_linear_gaussian_problem_has_its_known_posterior() -> None:
    rng = np.random.default_rng(3)
    slopes = rng.normal(size=(7, 4))
    covariance = np.eye(7)
    covariance[:5, :5] = correlated(5)
    values = rng.normal(size=7)
    observed = Observed(values, ErrorFactor.of([(ALL(5), correlated(5))]), [Reach(ALL(4), ALL(7))])
    start = rng.normal(size=(MEMBERS, 4))
    found = smooth(lambda scores: scores @ slopes.T, start, observed, inflations(4), rng)
    mean, spread = posterior(slopes, covariance, values)
    np.testing.assert_allclose(found.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(np.cov(found.T), spread, atol=0.03)


def test_a_localised_problem_has_the_posteriors_of_its_parts_even_with_few_members() -> None:
    """Forty parts that share nothing: by chance 60 members correlate across parts, localised they do not."""
    rng = np.random.default_rng(5)
    parts, members = 40, 60
    slope, sd = 2.0, 0.5
    values = rng.normal(size=parts)
    errors = ErrorFactor.of([(ALL(parts), sd**2 * np.eye(parts))])
    each = [Reach(np.array([k]), np.array([k])) for k in range(parts)]
    start = rng.normal(size=(members, parts))
    known = 1 / (1 + slope**2 / sd**2)

    def variance(localisation: Localisation) -> float:
        observed = Observed(values, errors, localisation)
        found = smooth(lambda s: slope * s, start, observed, inflations(4), np.random.default_rng(1))
        return float(found.var(axis=0, ddof=1).mean())

    observed = Observed(values, errors, each)
    found = smooth(lambda s: slope * s, start, observed, inflations(4), np.random.default_rng(1))
    middle = known * slope / sd**2 * values
    np.testing.assert_allclose(found.mean(axis=0), middle, atol=0.15)
    assert variance(each) == pytest.approx(known, rel=0.1)
    assert variance([Reach(ALL(parts), ALL(parts))]) < 0.7 * known


def test_a_parameter_that_no_row_may_move_stays() -> None:
    rng = np.random.default_rng(1)
    start = rng.normal(size=(50, 2))
    observed = Observed(
        np.ones(3), ErrorFactor(), [Reach(np.array([0]), ALL(3)), Reach(np.array([1]), ALL(0))]
    )
    found = assimilate(start, np.repeat(start[:, :1], 3, axis=1), observed, 1.0, rng)
    np.testing.assert_array_equal(found[:, 1], start[:, 1])
    assert found[:, 0].std() < 0.8 * start[:, 0].std()


def test_members_that_failed_are_replaced_and_single_gaps_filled() -> None:
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(200, 1))
    predicted = np.repeat(scores, 100, axis=1)
    predicted[:40] = np.nan
    predicted[50, 3] = np.nan
    assert failed(predicted).sum() == 40
    assert completed(predicted)[50, 3] == np.median(np.delete(scores[40:], 10))
    scores[:40] = 50.0
    observed = Observed(np.zeros(100), ErrorFactor(), [Reach(ALL(1), ALL(100))])
    found = assimilate(scores, predicted, observed, 1.0, rng)
    assert np.abs(found).max() < 1, "a replaced member does not stay where it failed"
    with pytest.raises(ValueError, match="found 0 members"):
        assimilate(scores, np.full_like(predicted, np.nan), observed, 1.0, rng)


def test_inverse_inflations_add_up_to_one_and_fall() -> None:
    found = inflations(7)
    assert np.sum(1 / found) == pytest.approx(1)
    assert (np.diff(found) < 0).all()


def test_rows_and_members_give_the_same_update_whichever_are_fewer() -> None:
    """With more members than rows and with fewer, the update is the one of the full formula."""
    rng = np.random.default_rng(4)
    for members, rows in ((30, 8), (8, 30)):
        scores, slopes = rng.normal(size=(members, 3)), rng.normal(size=(rows, 3))
        predicted, values = scores @ slopes.T, rng.normal(size=rows)
        observed = Observed(values, ErrorFactor(), [Reach(ALL(3), ALL(rows))])
        found = assimilate(scores, predicted, observed, 2.0, np.random.default_rng(9))
        noise = np.random.default_rng(9).standard_normal(predicted.shape)
        cross = np.cov(scores.T, predicted.T)[:3, 3:]
        inner = np.cov(predicted.T) + 2.0 * np.eye(rows)
        gap = values - predicted + np.sqrt(2.0) * noise
        expected = scores + (cross @ np.linalg.solve(inner, gap.T)).T
        np.testing.assert_allclose(found, np.clip(expected, -4, 4), atol=1e-9)


@pytest.mark.slow
def test_rows_that_correlate_by_chance_alone_neither_move_nor_narrow() -> None:
    """One parameter that all 300 rows follow next to thirty that none does, with 60 members."""
    rng = np.random.default_rng(7)
    members, rows, idle = 60, 300, 30
    slopes = np.ones(rows)
    values = slopes + rng.normal(size=rows) * 20
    errors = ErrorFactor.of([(ALL(rows), 400.0 * np.eye(rows))])
    start = rng.normal(size=(members, idle + 1))
    noise = rng.normal(size=(members, rows)) * 0.1

    def forward(scores: Floats) -> Floats:
        return np.asarray(scores[:, :1] * slopes + noise)

    def found(chance: float) -> Floats:
        observed = Observed(values, errors, [Reach(ALL(idle + 1), ALL(rows), chance)])
        return smooth(forward, start, observed, inflations(4), np.random.default_rng(1))

    plain, careful = found(0.0), found(4.0)
    known = 1 / (1 + rows / 400.0)
    assert careful[:, 0].var() == pytest.approx(known, rel=0.35)
    np.testing.assert_array_equal(careful[:, 1:], start[:, 1:])
    assert np.abs(plain[:, 1:] - start[:, 1:]).max() > 0.05
