"""Noise is found where replicates show it, discrepancy where near wells miss together, and outliers count less."""

import numpy as np
import pytest

from screen.analysis.learn.noise import fit_noise, shared_gap
from screen.analysis.learn.readings.plates import LearnPlate, learn_plate

DOSES = np.r_[0.0, np.geomspace(1, 1000, 5)], np.r_[0.0, np.geomspace(1, 1000, 5)]
TRUE = np.linspace(1, 0.3, 6)[:, None] * np.linspace(1, 0.5, 6)


def plates(noise: float, bump: float, seed: int = 0, count: int = 4) -> list[LearnPlate]:
    rng = np.random.default_rng(seed)
    wave = np.sin(np.linspace(0, 3, 6))[:, None] * np.ones(6)
    return [
        learn_plate(
            str(k), "SKBR3", ("trastuzumab", "lapatinib"), DOSES,
            (TRUE + bump * rng.standard_normal() * wave)[..., None] + noise * rng.standard_normal((6, 6, 3)), 72.0,
        )
        for k in range(count)
    ]  # fmt: skip


def known(found: list[LearnPlate]) -> list[np.ndarray]:
    return [TRUE.reshape(1, -1) + 1e-4 * np.random.default_rng(1).standard_normal((50, 36)) for _ in found]


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.02, 0.06])
def test_the_noise_of_wells_is_found(noise: float) -> None:
    found = plates(noise, 0.0)
    fit = fit_noise(found, known(found), "mean")
    assert fit.sigma == pytest.approx(noise, rel=0.12)
    assert fit.delta < 0.012


@pytest.mark.slow
def test_what_near_wells_miss_together_is_not_taken_for_noise() -> None:
    found = plates(0.03, 0.12, count=6)
    fit = fit_noise(found, known(found), "mean")
    assert fit.sigma == pytest.approx(0.03, rel=0.15)
    assert 0.04 < fit.delta < 0.3


@pytest.mark.slow
def test_what_members_of_the_prior_disagree_about_is_no_discrepancy() -> None:
    found, rng = plates(0.03, 0.12, count=3), np.random.default_rng(2)
    wave = (np.sin(np.linspace(0, 3, 6))[:, None] * np.ones(6)).reshape(-1)
    wide = [TRUE.reshape(-1) + 0.12 * rng.standard_normal((200, 1)) * wave for _ in found]
    assert fit_noise(found, wide, "prior").delta < 0.03


@pytest.mark.slow
def test_a_well_far_off_weighs_little_and_moves_neither_mean_nor_noise() -> None:
    found = plates(0.03, 0.0)
    wells = found[0].wells.copy()
    wells[7, 1] += 0.8
    spoilt = [
        learn_plate("0", "SKBR3", ("trastuzumab", "lapatinib"), DOSES, wells.reshape(6, 6, 3), 72.0),
        *found[1:],
    ]
    fit = fit_noise(spoilt, known(spoilt), "mean")
    assert fit.weights[0][7, 1] < 0.05
    assert fit.sigma == pytest.approx(fit_noise(found, known(found), "mean").sigma, rel=0.15)
    assert fit.means(spoilt)[7] == pytest.approx(TRUE.reshape(-1)[7], abs=0.06)


@pytest.mark.slow
def test_what_a_plate_shows_beside_the_model_is_said_again() -> None:
    found = plates(0.03, 0.12)
    fit, center = fit_noise(found, known(found), "mean"), TRUE.reshape(-1)
    others = plates(0.03, 0.12, seed=0)
    for plate, other, weight in zip(found, others, fit.weights):
        again = center + shared_gap(plate, weight, fit, center)
        before, after = (np.sqrt(np.mean((one - other.measured) ** 2)) for one in (center, again))
        assert after < 0.035
        assert after <= before + 1e-9
