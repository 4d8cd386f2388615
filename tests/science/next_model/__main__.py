"""Calibrate the candidate and print its skill on measured tables: `python -m tests.science.next_model -o FOLDER`."""

import argparse
import os
from pathlib import Path

from rich.console import Console

from screen.analysis.calibration.abundance_prior import built_in_abundance
from screen.analysis.calibration.calibrate import calibrate
from screen.analysis.evidence.check import by_kind
from screen.analysis.evidence.table import BUILT_IN
from screen.analysis.skill.measured_table import read_measured
from screen.analysis.skill.score import score
from screen.analysis.skill.summary import skill_table
from screen.config.calibration import CalibrationConfig
from screen.pathway import Assay
from tests.paths import ROOT
from tests.science.next_model.pathway import FOLDER, next_pathway

TABLES = ("calibrate.csv", "judge.csv", "combinations.csv")
WEIGHTS = {"loop": 9.0, "resensitise": 9.0, "herceptin_response": 9.0, "her2_dependence": 4.0}
"""On squared residuals of statements, which are few beside the measured numbers."""


def evidence(folder: Path) -> Path:
    """The built-in statements with those that the candidate adds, as one table."""
    path = folder / "evidence.csv"
    added = (FOLDER / "evidence_added.csv").read_text(encoding="utf-8").splitlines()[1:]
    path.write_text(
        "\n".join([*BUILT_IN.read_text(encoding="utf-8").splitlines(), *added]) + "\n", encoding="utf-8"
    )
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the calibration; resumed")
    parser.add_argument("--members", type=int, default=384)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--draws", type=int, default=32, help="parameter sets that predict")
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    settings = CalibrationConfig(
        evidence=str(evidence(chosen.output)),
        members=chosen.members,
        steps=chosen.steps,
        repeats=chosen.repeats,
        draws=chosen.draws,
        weights=WEIGHTS,
    )
    pathway, console = next_pathway(), Console()
    found = calibrate(pathway, built_in_abundance(), settings, chosen.output, _tell, jobs=2)
    for kind, (held, total) in by_kind(found.results).items():
        console.print(f"{kind}: {held} of {total}", highlight=False)
    shared = Path(os.environ.get("HERSCREEN_SHARED", ROOT.parent / "shared")) / "measured"
    assay = Assay.compile(pathway, ())
    for name in TABLES:
        if (shared / name).exists():
            console.print(skill_table(score(read_measured(shared / name, pathway), assay, found.draws)))


def _tell(stage: str, done: int, total: int, misfit: float) -> None:
    if done == total or done % 64 == 0:
        print(f"{stage}: {done} of {total} parameter sets, misfit a row {misfit:.3f}", flush=True)


if __name__ == "__main__":
    main()
