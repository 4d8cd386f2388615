"""From a smoother's mean to an optimum and draws around it: lower than its start, and resumable."""

from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import calibrate, lay_out
from screen.analysis.calibration.refining import problem_of, refined
from screen.analysis.calibration.rows.observations import Observations
from screen.analysis.calibration.smoothing import Smoothed
from screen.config.calibration import CalibrationConfig
from screen.pathway import load_pathway

pytestmark = pytest.mark.slow

STEPS = 3


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def settings(few: CalibrationConfig) -> CalibrationConfig:
    return few.model_copy(update={"refine": STEPS, "members": 8})


@pytest.fixture(scope="module")
def observations(few: CalibrationConfig, abundance: AbundancePrior) -> Observations:
    return lay_out(load_pathway(), abundance, few)[1]


@pytest.fixture(scope="module")
def start(observations: Observations) -> Smoothed:
    scores = 0.5 * observations.free.sample(np.random.default_rng(9), 8)
    return Smoothed(scores, observations.predict(scores), np.zeros(8, dtype=bool), (1.0,))


def test_an_optimum_is_lower_than_its_start_and_draws_scatter_around_it(
    observations: Observations, settings: CalibrationConfig, start: Smoothed, tmp_path: Path
) -> None:
    optimum, found = refined(observations, settings, 0, start, tmp_path)
    assert optimum.energies[-1] < 0.8 * optimum.energies[0]
    assert found.scores.shape == start.scores.shape
    assert found.misfits[:1] == start.misfits
    problem = problem_of(observations)
    middle = np.median(problem.energy(found.scores, found.values))
    free = np.median(problem.energy(start.scores, start.values))
    assert optimum.energies[-1] < middle < optimum.energies[-1] + 0.7 * len(observations.free) + 60
    assert np.isfinite(free)
    reached = problem.reach.any(axis=1)
    assert 0.6 < found.scores[:, ~reached].std() < 1.4, "what no row knows is left to the prior"


def test_chains_take_the_optimum_and_make_their_own_draws(
    observations: Observations, settings: CalibrationConfig, start: Smoothed, tmp_path: Path
) -> None:
    short = settings.model_copy(update={"refine": 1, "sweeps": 4})
    optimum, found = refined(observations, short, 0, start, tmp_path)
    assert optimum.energies[1] < optimum.energies[0]
    np.testing.assert_array_equal(found.scores, start.scores)
    assert not (tmp_path / "draws-1.npz").exists()


def test_stopped_anywhere_it_ends_in_the_same_numbers(
    observations: Observations, settings: CalibrationConfig, start: Smoothed, tmp_path: Path
) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole, draws = refined(observations, settings, 1, start, tmp_path / "whole")

    def kill(stage: str, done: int, total: int, misfit: float) -> None:
        assert (stage, total) == ("optimum 2", STEPS + 1)
        raise Killed

    for _ in range(STEPS):
        with pytest.raises(Killed):
            refined(observations, settings, 1, start, tmp_path / "killed", kill)
    again, others = refined(observations, settings, 1, start, tmp_path / "killed", jobs=2)
    np.testing.assert_array_equal(whole.scores, again.scores)
    np.testing.assert_array_equal(draws.scores, others.scores)
    assert whole.energies == again.energies


@pytest.mark.slow
def test_a_refined_calibration_ships_its_lowest_optimum(
    few: CalibrationConfig, abundance: AbundancePrior, tmp_path: Path
) -> None:
    asked = few.model_copy(update={"refine": 2, "steps": 1, "members": 8})
    found = calibrate(load_pathway(), abundance, asked, tmp_path / "c")
    energies = [row[-1] for row in found.record["energy_by_step"]]
    assert len(energies) == few.repeats
    problem = problem_of(found.observations)
    np.testing.assert_allclose(problem.energy(found.nominal[None], found.nominal_values[None]), min(energies))
    assert len(found.draws) == few.draws
