"""`herscreen calibrate`, called as a user calls it."""

from pathlib import Path

import pytest

from screen.analysis.evidence.evidence_table import BUILT_IN as EVIDENCE
from screen.analysis.skill.measured_table import BUILT_IN as MEASURED
from screen.cli.main import invoke

TABLES = (
    *("ensemble.tsv", "nominal.tsv", "posterior.tsv", "parameters.tsv", "drugs.tsv", "cell_lines.tsv"),
    *("omics_groups.tsv", "population.tsv", "calibration.html", "record.json"),
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Three statements, and neratinib and trametinib in four lines of one laboratory."""
    head, *rows = EVIDENCE.read_text().splitlines()
    (tmp_path / "e.csv").write_text("\n".join([head, *rows[12:15]]))
    head, *rows = MEASURED.read_text().splitlines()
    kept = [
        row for row in rows
        if row.split(",")[0] == "HMS_BRCA"
        and row.split(",")[1] in ("SKBR3", "BT474", "AU565", "HCC1954")
        and row.split(",")[2] in ("neratinib", "trametinib")
    ]  # fmt: skip
    (tmp_path / "m.csv").write_text("\n".join([head, *kept]))
    path = tmp_path / "c.yaml"
    path.write_text("evidence: e.csv\nmeasured: m.csv\nmembers: 16\nsteps: 2\nrepeats: 2\ndraws: 4\n")
    return path


def test_calibrate_refuses_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["calibrate", str(tmp_path / "none.yaml"), "-o", str(tmp_path / "c")]) == 2
    assert "no such file or directory; expected a YAML file" in capsys.readouterr().err


@pytest.mark.slow
def test_calibrate_writes_its_tables_and_says_what_it_found(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["calibrate", str(config), "-o", str(tmp_path / "c")]) == 0
    said = capsys.readouterr().out
    assert {path.name for path in (tmp_path / "c").iterdir()} >= set(TABLES)
    assert "24 measured numbers and 3 statements" in said
    assert "R-hat" in said
    first = (tmp_path / "c" / "ensemble.tsv").read_text()
    assert invoke(["calibrate", str(config), "-o", str(tmp_path / "c"), "-j", "1"]) == 0
    assert (tmp_path / "c" / "ensemble.tsv").read_text() == first


@pytest.mark.slow
def test_calibrate_holds_out_lines_by_folds(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["-o", str(tmp_path / "h"), "--hold-out"]
    assert invoke(["calibrate", str(config), *out, "drugs", "--folds", "2"]) == 0
    said = capsys.readouterr().out
    assert len((tmp_path / "h" / "held-out-drugs.csv").read_text().splitlines()) == 1 + 24
    for word in ("Held-out drugs", "in 90 %", "GR_AOC", "HCC1954", "trametinib"):
        assert word in said
    assert invoke(["calibrate", str(config), *out, "drugs", "--folds", "9"]) == 2
    assert "--folds: found 9, expected 2 to 2" in capsys.readouterr().err
    assert invoke(["calibrate", str(config), *out, "plates"]) == 2
    assert "found 'plates', expected lines, drugs or laboratories" in capsys.readouterr().err


@pytest.mark.slow
def test_calibrate_writes_the_problem_in_petab_form(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["calibrate", str(config), "--petab", str(tmp_path / "p")]) == 0
    assert "18 of 27 rows" in capsys.readouterr().out
    assert (tmp_path / "p" / "problem.yaml").exists()
