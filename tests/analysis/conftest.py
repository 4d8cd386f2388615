"""For all tests of evidence and calibration: one compiled assay, a calibration of few rows that takes seconds, and a
prior of abundances by made-up levels.
"""

from pathlib import Path

import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.evidence.evidence_table import BUILT_IN as EVIDENCE
from screen.analysis.skill.measured_table import BUILT_IN as MEASURED
from screen.config.calibration import CalibrationConfig
from screen.pathway import Assay, load_pathway
from screen.pathway.names import SIGNALS
from screen.pathway.omics.entity_map import OmicsGroup

STATEMENTS = ("E013", "E026", "E101")
LINES = ("SKBR3", "BT474", "HCC1954", "AU565")
DRUGS = ("neratinib", "trametinib", "everolimus")


@pytest.fixture(scope="session")
def assay() -> Assay:
    return Assay.compile(load_pathway(), SIGNALS)


@pytest.fixture(scope="session")
def abundance() -> AbundancePrior:
    """Two groups; SKBR3 has no level of HER2, and two names are not the model's."""
    levels = {"BT474": 0.4, "HCC1954": -0.3, "AU565": 0.1, "nobody": 3.0}
    return AbundancePrior(
        groups={
            "receptor": OmicsGroup("receptor", 0.9, 0.4, 0.2, 0.3, "assumed"),
            "loop": OmicsGroup("loop", 0.9, 0.3, 0.15, 0.25, "assumed"),
            "empty": OmicsGroup("empty", 0.9, 0.5, 0.1, 0.1, "assumed"),
        },
        entities={
            "HER2": ("receptor", levels),
            "EGFR": ("receptor", {**levels, "SKBR3": -0.2}),
            "SRC": ("loop", {**levels, "SKBR3": 0.3}),
            "nothing": ("empty", levels),
        },
    )


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> CalibrationConfig:
    """Twelve curves of one laboratory and three statements."""
    folder = tmp_path_factory.mktemp("few")
    head, *rows = EVIDENCE.read_text().splitlines()
    (folder / "evidence.csv").write_text(
        "\n".join([head, *(row for row in rows if row.split(",")[0] in STATEMENTS)])
    )
    head, *rows = MEASURED.read_text().splitlines()
    kept = [
        row for row in rows
        if row.startswith("HMS") and row.split(",")[1] in LINES and row.split(",")[2] in DRUGS
    ]  # fmt: skip
    (folder / "measured.csv").write_text("\n".join([head, *kept]))
    return configured(folder)


def configured(folder: Path) -> CalibrationConfig:
    """Small settings over the two tables of a folder."""
    return CalibrationConfig(
        evidence=str(folder / "evidence.csv"),
        measured=str(folder / "measured.csv"),
        members=24,
        steps=2,
        repeats=2,
        draws=5,
    )
