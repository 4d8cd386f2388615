"""Priors: medians at score 0, and nothing in them that a fit has found."""

import numpy as np
import pytest

from screen.analysis.calibration.objective import Objective
from screen.analysis.calibration.priors import read_priors
from screen.pathway import Assay


@pytest.mark.slow
def test_prior_medians_are_at_score_0_and_scores_go_there_and_back(whole: Objective) -> None:
    priors = whole.priors
    np.testing.assert_allclose(priors.values(np.zeros(len(priors.free))), [f.median for f in priors.free])
    scores = np.clip(priors.sample(np.random.default_rng(1), 1)[0], -1.9, 1.9)
    np.testing.assert_allclose(priors.scores(priors.draw(scores)), scores, atol=1e-8)
    assert (np.abs(priors.sample(np.random.default_rng(2), 50)) <= priors.reach).all()


def test_priors_hold_what_no_fit_has_touched(assay: Assay) -> None:
    priors = read_priors(assay.pathway, ["BT474"], assay.engine.states)
    median = {item.label: item.median for item in priors.free}
    assert median["BT474:HER2"] == 0.77
    assert median["K_trastuzumab_HER2_IV"] == 5
    free = {item.name for item in priors.free if not item.line}
    assert not free & {*assay.engine.states, "k_birth"}
