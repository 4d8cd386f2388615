"""Calibration: it starts from the priors alone, finds known answers, and resumes where it stopped."""

import json
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration import sampling
from screen.analysis.calibration.calibrate import calibrate
from screen.analysis.calibration_outputs.outputs import write_tables
from screen.analysis.evidence.check import check_draws
from screen.analysis.evidence.table import BUILT_IN, read_evidence
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.pathway import Assay
from screen.pathway.tables.ensemble import Draw, load_draws, write_draws
from screen.report.standalone.calibration import page

ROWS = ("E013", "E026", "E101", "E180", "E302")
QUICK = {
    "candidates": 6,
    "starts": 2,
    "bursts": 2,
    "evaluations": 3,
    "chains": 2,
    "steps": 40,
    "warm_up": 10,
    "thin": 5,
    "draws": 4,
}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = tmp_path_factory.mktemp("few") / "few.csv"
    rows = BUILT_IN.read_text().splitlines()
    table.write_text("\n".join([rows[0], *(row for row in rows if row.split(",")[0] in ROWS)]))
    return table


def test_a_derivative_follows_its_parents_draw(assay: Assay) -> None:
    pathway = assay.pathway
    draw = Draw({}, {"BT474": {"IGF1R": 9.0}})
    child = pathway.cell_line("BT474-HR20")
    values = draw.line_values(child, pathway.cell_line("BT474"))
    assert values["IGF1R"] == 9.0
    assert values["SRC"] == child.values["SRC"]


def test_draws_survive_the_disk(tmp_path: Path) -> None:
    draws = (
        Draw({"K_NRG1": 2.0}, {"BT474": {"HER2": 0.5}}),
        Draw({"K_NRG1": 3.0}, {"BT474": {"HER2": 0.25}}),
    )
    write_draws(draws, tmp_path / "e.tsv")
    assert load_draws(tmp_path / "e.tsv") == draws


class Killed(Exception):
    pass


@pytest.mark.slow
def test_a_calibration_killed_anywhere_ends_in_the_same_numbers(
    assay: Assay, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "STRIDE", 10)
    settings = CalibrationConfig(evidence=str(few), **QUICK)  # type: ignore[arg-type]
    whole = calibrate(assay.pathway, settings, tmp_path / "whole")
    for stage, at in (("search", 1), ("search", 3), ("sample", 20)):

        def kill(now: str, done: int, total: int, energy: float, stage: str = stage, at: int = at) -> None:
            if now == stage and done == at:
                raise Killed

        with pytest.raises(Killed):
            calibrate(assay.pathway, settings, tmp_path / "killed", kill)
    again = calibrate(assay.pathway, settings, tmp_path / "killed", jobs=2)
    np.testing.assert_array_equal(whole.ensemble, again.ensemble)
    np.testing.assert_array_equal(whole.nominal, again.nominal)
    assert whole.draws == again.draws
    with pytest.raises(InputError, match="other settings"):
        calibrate(assay.pathway, settings.model_copy(update={"seed": 2}), tmp_path / "killed")


@pytest.mark.slow
def test_a_calibration_leaves_tables_a_record_and_a_page(assay: Assay, few: Path, tmp_path: Path) -> None:
    settings = CalibrationConfig(evidence=str(few), **QUICK)  # type: ignore[arg-type]
    found = calibrate(assay.pathway, settings, tmp_path / "c")
    names = [path.name for path in write_tables(found, tmp_path / "c")]
    assert names == ["ensemble.tsv", "nominal.tsv", "posterior.tsv"]
    record = json.loads((tmp_path / "c" / "record.json").read_text())
    for name in (
        "evidence_sha256",
        "versions",
        "accepted",
        "r_hat",
        "effective_size",
        "hold_draws",
        "seconds",
    ):
        assert record[name]
    statements = read_evidence(few, assay.pathway)
    results = check_draws(statements, assay.pathway, load_draws(tmp_path / "c" / "ensemble.tsv"), assay)
    shares = [result.pass_fraction or 0 for result in results]
    np.testing.assert_allclose(sum(shares), np.mean(record["hold_draws"]), atol=1e-9)
    text = page(found)
    assert all(f"<td>{item.name}</td>" in text for item in found.priors.free)
    for statement in found.statements:
        assert (f"<td>{statement.id}</td>" in text) == (statement.kind == "gr_measured")
    assert "http" not in text
