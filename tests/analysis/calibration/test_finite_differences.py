"""Free values moved together have the slopes that they have alone."""

import numpy as np
import pytest

from screen.analysis.calibration.finite_differences import groups, slopes, touched
from screen.analysis.calibration.objective import Objective
from screen.analysis.calibration.priors import nominal_draw


@pytest.mark.slow
def test_grouped_slopes_are_the_slopes_one_by_one(whole: Objective) -> None:
    scores = whole.priors.scores(nominal_draw(whole.wells.pathway)) * 0.9
    table = touched(whole)
    sets = groups(table)
    assert len(sets) < len(scores) / 2
    assert all((table[:, group].sum(axis=1) <= 1).all() for group in sets)
    here = whole.evaluate(scores[None])
    _, by_value = slopes(whole, scores, here, table)
    labels = [item.label for item in whole.priors.free]
    for label in ("BT474:HER2", "K_neratinib_HER2", "k_death"):
        column = labels.index(label)
        step = -0.02 if scores[column] > 0 else 0.02
        moved = scores.copy()
        moved[column] += step
        alone = (whole.evaluate(moved[None]).values[0] - here.values[0]) / step
        np.testing.assert_allclose(by_value[:, column], alone, atol=1e-6)
