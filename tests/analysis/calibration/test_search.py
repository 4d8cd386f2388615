"""A burst of least squares on one line's evidence."""

import numpy as np
import pytest

from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.search import Burst, improve
from screen.analysis.evidence.table import BUILT_IN, read_evidence
from screen.config.calibration import CalibrationConfig
from screen.pathway import Assay


@pytest.mark.slow
def test_a_burst_brings_a_draw_of_the_prior_much_closer(assay: Assay) -> None:
    statements = [s for s in read_evidence(BUILT_IN, assay.pathway) if s.test.line.name == "HCC1954"]
    _, objective = lay_out(assay.pathway, statements, CalibrationConfig())
    start = objective.priors.sample(np.random.default_rng(4), 1)[0]
    end, energy = improve(objective, start, Burst(6, 20.0))
    before = objective.energies(start[None], 20.0)[0]
    assert energy < 0.6 * before
    np.testing.assert_allclose(objective.energies(end[None], 20.0)[0], energy, rtol=1e-6)
