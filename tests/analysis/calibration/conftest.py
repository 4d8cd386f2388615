"""One objective over all of the built-in evidence for every test of calibration."""

import pytest

from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.objective import Objective
from screen.analysis.evidence.table import BUILT_IN, read_evidence
from screen.config.calibration import CalibrationConfig
from screen.pathway import Assay


@pytest.fixture(scope="session")
def whole(assay: Assay) -> Objective:
    statements = read_evidence(BUILT_IN, assay.pathway)
    return lay_out(assay.pathway, statements, CalibrationConfig())[1]
