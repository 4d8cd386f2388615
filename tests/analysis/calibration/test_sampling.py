"""Chains of a calibration: shared values stay, what no row knows keeps its prior, and a stop leaves no trace."""

from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration import sampling
from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import calibrate, lay_out
from screen.analysis.calibration.free_values import LOGARITHM, SHARED
from screen.analysis.calibration.sampling import sampled
from screen.config.calibration import CalibrationConfig, load_calibration
from screen.errors import InputError
from screen.pathway import load_pathway


class Killed(Exception):
    pass


@pytest.mark.slow
def test_chains_move_drugs_and_lines_and_end_alike_wherever_they_were_stopped(
    few: CalibrationConfig, abundance: AbundancePrior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "HELD", 1)
    monkeypatch.setattr(sampling, "BLOCK", 1)
    settings = few.model_copy(update={"sweeps": 4, "chains": 2})
    assay, observations = lay_out(load_pathway(), abundance, few)
    optimum = np.zeros(len(observations.free))
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole = sampled(assay, observations, settings, optimum, tmp_path / "whole")
    assert [chain.scores.shape for chain in whole] == [(1, len(optimum))] * 2
    states = np.concatenate([chain.scores for chain in whole])
    shared = np.array([item.kind in SHARED for item in observations.free.items])
    assert (states[:, shared] == 0).all()
    assert (states[:, ~shared] != 0).all()
    again = observations.predict(whole[0].scores[-1:])[0]
    np.testing.assert_allclose(whole[0].values[-1], again, rtol=1e-4, atol=1e-4)

    def kill(stage: str, done: int, total: int, misfit: float) -> None:
        raise Killed

    with pytest.raises(Killed):
        sampled(assay, observations, settings, optimum, tmp_path / "killed", kill)
    assert (tmp_path / "killed" / "chains-1.npz").exists()
    others = sampled(assay, observations, settings, optimum, tmp_path / "killed", jobs=2)
    for one, other in zip(whole, others, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)


@pytest.mark.slow
def test_draws_of_a_calibration_with_chains_are_their_states(
    few: CalibrationConfig, abundance: AbundancePrior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "BLOCK", 4)
    asked = few.model_copy(
        update={"refine": 2, "steps": 1, "members": 8, "sweeps": 4, "chains": 2, "draws": 2}
    )
    found = calibrate(load_pathway(), abundance, asked, tmp_path / "c")
    assert found.record["chains"] == {"count": 2, "states": 4, "markov": True}
    assert found.record["predictions"]["r_hat"]["median"] > 0.9
    shared = [item.name for item in found.free.items if item.kind == LOGARITHM]
    for draw in found.draws:
        assert [draw.values[name] for name in shared] == [found.nominal_draw.values[name] for name in shared]


def test_chains_need_an_optimum(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("sweeps: 10\n")
    with pytest.raises(InputError, match="sweeps: found 10, expected 0 where `refine` is 0"):
        load_calibration(path)
