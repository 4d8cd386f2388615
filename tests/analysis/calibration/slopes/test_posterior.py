"""The slope of a calibration's energy is what differences of the energy say, by every kind of free value."""

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.free_values import KINDS
from screen.analysis.calibration.refining import problem_of
from screen.analysis.calibration.slopes.posterior import Posterior, posterior_of
from screen.config.calibration import CalibrationConfig
from screen.pathway import load_pathway

STEP = 1e-3


@pytest.fixture(scope="module")
def posterior(few: CalibrationConfig, abundance: AbundancePrior) -> Posterior:
    assay, observations = lay_out(load_pathway(), abundance, few)
    return posterior_of(assay, observations, problem_of(observations))


def test_the_slope_by_each_kind_of_free_value_is_that_of_the_energy(posterior: Posterior) -> None:
    rng = np.random.default_rng(1)
    place = 0.5 * rng.standard_normal((1, len(posterior.observations.free)))
    energy, slope, values = posterior(place)
    np.testing.assert_allclose(values, posterior.problem.forward(place), rtol=1e-12)
    assert energy[0] == pytest.approx(posterior.problem.energy(place, values)[0])
    kinds = np.array([item.kind for item in posterior.observations.free.items])
    for kind in KINDS:
        if (kinds == kind).any():
            way = np.where(kinds == kind, rng.standard_normal(len(kinds)), 0.0)
            way /= np.linalg.norm(way)
            sides = posterior(np.concatenate([place - STEP * way, place + STEP * way]))[0]
            assert slope[0] @ way == pytest.approx(np.diff(sides)[0] / (2 * STEP), rel=2e-3, abs=2e-3), kind


def test_parameter_sets_beside_each_other_and_threads_change_no_bit(posterior: Posterior) -> None:
    places = 0.3 * np.random.default_rng(2).standard_normal((3, len(posterior.observations.free)))
    together = posterior(places, jobs=2)
    for number in range(3):
        alone = posterior(places[number : number + 1])
        for one, other in zip(together, alone, strict=True):
            np.testing.assert_array_equal(one[number], other[0])


def test_at_the_energy_s_own_steepest_descent_it_falls(posterior: Posterior) -> None:
    place = np.zeros((1, len(posterior.observations.free)))
    energy, slope, _ = posterior(place)
    lower, _, _ = posterior(place - 1e-3 * slope / np.linalg.norm(slope))
    assert lower[0] - energy[0] == pytest.approx(-1e-3 * np.linalg.norm(slope), rel=0.02)
