"""BRAID and MuSyC on plates where one drug alone does nothing: no interaction is called; where drugs interact it is."""

import numpy as np
import pytest

from screen.arrays import Floats
from screen.synergy.batch import ScoringOptions
from screen.synergy.dose_matrices import Score
from screen.synergy.models import braid, musyc
from screen.synergy.score import score_matrices

PLATES = 60
CONC = np.r_[0.0, np.geomspace(1, 1000, 5)]
DOSES = np.tile(CONC, (PLATES, 1))
with np.errstate(divide="ignore"):
    LOG_1, LOG_2 = (
        np.tile(x.ravel(), (PLATES, 1)) for x in np.meshgrid(np.log(CONC), np.log(CONC), indexing="ij")
    )
WHOLE_1, WHOLE_2 = np.maximum(LOG_1, -1e3), np.maximum(LOG_2, -1e3)


def noisy(plates: Floats, noise: float) -> Floats:
    return plates + noise * np.random.default_rng(11).normal(size=plates.shape)


def scored(plates: Floats) -> dict[str, Score]:
    return score_matrices(plates, DOSES, DOSES, ["braid", "musyc"])


def inert() -> Floats:
    """Drug 1 kills with a midpoint and slope of its own, drug 2 does nothing, alone or in combination."""
    random = np.random.default_rng(3)
    middle, hill = 10 ** random.uniform(0.7, 2.3, (2, PLATES, 1))
    alone = 1 - 0.8 / (1 + (middle / np.maximum(CONC, 1e-9)) ** np.clip(hill / 50, 0.7, 2))
    return np.repeat(alone[:, :, None], len(CONC), axis=2)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.01, 0.03, 0.05])
def test_an_inert_drug_has_no_kappa_and_no_alpha(noise: float) -> None:
    found = scored(noisy(inert(), noise))
    called = {
        "kappa": np.isfinite(found["braid"].parameters["braid_kappa"]),
        "alpha12": np.isfinite(found["musyc"].parameters["musyc_alpha12"]),
        "alpha21": np.isfinite(found["musyc"].parameters["musyc_alpha21"]),
    }
    for name, marks in called.items():
        assert marks.mean() <= 0.05, name
    for model in ("braid", "musyc"):
        said = np.array(
            ["undetermined: drug 2 alone does no more than noise" in r for r in found[model].reason]
        )
        assert said.mean() >= 0.95
    assert np.isnan(found["braid"].mean[~called["kappa"]]).all()
    assert np.isfinite(found["musyc"].parameters["musyc_beta"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.02, 0.05])
def test_an_interaction_that_is_there_is_still_called(noise: float) -> None:
    p = np.tile([1, 0.1, np.log(50), np.log(80), 0.2, 0.2, 0, np.log(0.8), 3.0], (PLATES, 1))
    plates = braid.predict(p, WHOLE_1, WHOLE_2).reshape(PLATES, 6, 6)
    found = scored(noisy(plates, noise))
    kappa = found["braid"].parameters["braid_kappa"]
    assert np.isfinite(kappa).mean() >= 0.95
    assert np.nanmedian(kappa) == pytest.approx(3, rel=0.1)
    assert not any("undetermined" in reason for reason in found["musyc"].reason)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.02, 0.05])
def test_a_drug_that_only_sensitises_has_the_alpha_that_combinations_show(noise: float) -> None:
    p = np.tile([1, 0.1, 1, 0.1, 0, 0, np.log(200), np.log(30), 0, np.log(10), 0, 0], (PLATES, 1))
    plates = musyc.evaluate(p, WHOLE_1, WHOLE_2)[0].reshape(PLATES, 6, 6)
    found = scored(noisy(plates, noise))["musyc"]
    alpha21 = found.parameters["musyc_alpha21"]
    assert np.isfinite(alpha21).mean() >= 0.95
    assert np.nanmedian(alpha21) == pytest.approx(10, rel=0.4)
    assert np.isfinite(found.parameters["musyc_alpha12"]).mean() <= 0.05
    assert "alpha12 and gamma12 undetermined" in found.reason[0]


@pytest.mark.slow
def test_draws_keep_what_a_plate_leaves_open() -> None:
    plates = noisy(inert(), 0.03)
    kept = score_matrices(plates, DOSES, DOSES, ["braid"], ScoringOptions(undetermined=True))["braid"]
    assert np.isfinite(kept.parameters["braid_kappa"]).all()
