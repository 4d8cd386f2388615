"""Chains of a calibration: all free values move, draws are their states, and a stop leaves no trace."""

from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration import sampling
from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import calibrate, lay_out
from screen.analysis.calibration.free_values import LOGARITHM
from screen.analysis.calibration.refining import problem_of
from screen.analysis.calibration.sampling import sampled
from screen.analysis.methods import hamiltonian
from screen.analysis.methods.gauss_newton import begin
from screen.config.calibration import CalibrationConfig, load_calibration
from screen.errors import InputError
from screen.pathway import load_pathway


class Killed(Exception):
    pass


@pytest.mark.slow
def test_chains_move_every_free_value_and_end_alike_wherever_they_were_stopped(
    few: CalibrationConfig, abundance: AbundancePrior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "BLOCK", 1)
    monkeypatch.setattr(hamiltonian, "MOST_STEPS", 2)
    settings = few.model_copy(update={"sweeps": 4, "chains": 2})
    assay, observations = lay_out(load_pathway(), abundance, few)
    problem = problem_of(observations)
    optima = [begin(problem, place) for place in 0.2 * observations.free.sample(np.random.default_rng(1), 2)]
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole = sampled(assay, observations, settings, optima, tmp_path / "whole")
    assert [chain.scores.shape for chain in whole] == [(2, len(observations.free))] * 2
    assert (np.concatenate([chain.scores for chain in whole]) != 0).all()
    again = observations.predict(whole[0].scores[-1:])[0]
    np.testing.assert_allclose(whole[0].values[-1], again, rtol=1e-3, atol=1e-3)

    def kill(stage: str, done: int, total: int, misfit: float) -> None:
        raise Killed

    with pytest.raises(Killed):
        sampled(assay, observations, settings, optima, tmp_path / "killed", kill)
    assert (tmp_path / "killed" / "chains-1.npz").exists()
    others = sampled(assay, observations, settings, optima, tmp_path / "killed", jobs=2)
    for one, other in zip(whole, others, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)
    for number in (2, 4):
        (tmp_path / "whole" / f"chains-{number}.npz").unlink()
    mended = sampled(assay, observations, settings, optima, tmp_path / "whole")
    np.testing.assert_array_equal(mended[0].scores, others[0].scores)


@pytest.mark.slow
def test_draws_of_a_calibration_with_chains_are_their_states(
    few: CalibrationConfig, abundance: AbundancePrior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "BLOCK", 2)
    monkeypatch.setattr(hamiltonian, "MOST_STEPS", 2)
    asked = few.model_copy(
        update={"refine": 2, "steps": 1, "members": 8, "sweeps": 8, "chains": 2, "draws": 2}
    )
    found = calibrate(load_pathway(), abundance, asked, tmp_path / "c")
    assert found.record["chains"] == {"count": 2, "states": 4, "markov": True}
    assert found.record["predictions"]["r_hat"]["median"] > 0.9
    name = next(item.name for item in found.free.items if item.kind == LOGARITHM)
    assert len({draw.values[name] for draw in (found.nominal_draw, *found.draws)}) == 3, (
        "shared values move too"
    )
    lowest = min(energies[-1] for energies in found.record["energy_by_step"])
    assert found.record["energy_nominal"] <= lowest, "the optimum beside the chains' mean counts too"
    assert (tmp_path / "c" / "optimum-of-chains.npz").exists()


def test_the_mass_is_stretched_where_chains_spread_further_than_it_lets_them() -> None:
    rng = np.random.default_rng(2)
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    spread = np.array([2.7, 2.3, 1.0, 1.0, 1.0, 1.0])
    states = (rng.standard_normal((200, 4, 6)) * spread) @ turn.T
    root = np.diag([1.0, 1.0, 1.0, 1.0, 1.0, 0.9])
    found = sampling.stretched(root, states)
    np.testing.assert_allclose(found @ found.T, turn @ np.diag(spread**2) @ turn.T, rtol=0.15, atol=0.3)
    far = sampling.stretched(root, 100 * states + 1e4 * np.arange(4)[:, None])
    assert np.linalg.norm(far, 2) == pytest.approx(sampling.STRETCH, rel=0.05), "and no further at once"
    narrow = np.diag(np.full(6, 20.0))
    np.testing.assert_array_equal(sampling.stretched(narrow, states), narrow)


def test_few_states_in_many_dimensions_stretch_the_mass_along_what_is_long_and_not_along_noise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampling, "STRETCH", 10.0)
    rng = np.random.default_rng(3)
    size, long = 600, np.zeros(600)
    long[7] = 1.0
    plain = rng.standard_normal((20, 4, size))
    np.testing.assert_array_equal(sampling.stretched(np.eye(size), plain), np.eye(size))
    found = sampling.stretched(np.eye(size), plain * (1 + 2.5 * long))
    values, ways = np.linalg.eigh(found)
    assert (values > 1 + 1e-9).sum() == 1
    assert 2.8 < values[-1] < 4.2, "as long as it is, not as its states look"
    assert abs(ways[:, -1] @ long) > 0.7


def test_a_chain_that_is_stuck_restarts_from_the_lowest() -> None:
    """50 values: energies scatter by 5, so one may be 50 above the lowest."""
    rng = np.random.default_rng(4)
    scores, slope, values = (rng.standard_normal((3, size)) for size in (50, 50, 4))
    block = {"scores": rng.standard_normal((2, 3, 50)), "values": rng.standard_normal((2, 3, 4))}
    chains = hamiltonian.Chains(scores, np.array([59.0, 10.0, 61.0]), slope, values, 0.1)
    moved, kept = sampling.restarted(chains, {**block, "states": scores, "step": np.array(0.1)})
    np.testing.assert_array_equal(moved.energy, [59.0, 10.0, 10.0])
    for name in ("scores", "slope", "values"):
        np.testing.assert_array_equal(getattr(moved, name), getattr(chains, name)[[0, 1, 1]])
    np.testing.assert_array_equal(kept["states"], moved.scores)
    np.testing.assert_array_equal(kept["scores"], block["scores"][:, [0, 1, 1]])
    assert kept["step"] == 0.1


def test_chains_need_an_optimum(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("sweeps: 10\n")
    with pytest.raises(InputError, match="sweeps: found 10, expected 0 where `refine` is 0"):
        load_calibration(path)
