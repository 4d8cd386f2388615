"""`--json`: every command that prints a table prints the same as JSON, one document, names as in the columns."""

import json
from pathlib import Path
from typing import Any

import pytest

from screen.cli.json_tables import value_of
from screen.cli.lazy_group import FOLDER, TABLES
from tests.cli.commands.test_evidence import few
from tests.cli.commands.test_learn import SETTINGS as LEARN
from tests.cli.commands.test_learn import write_plates
from tests.cli.conftest import ROOT, inside
from tests.report.conftest import build

OWN = {"plan", "status", "evidence"}
SCREEN = """\
cell_lines: [SKBR3, SKBR3-pool2]
combinations: {anchor: trastuzumab, partners: [linsitinib]}
doses: {points: 3}
times: 72 h
"""
NEXT = """\
about: parameters
lines: [SKBR3, BT474]
drugs: {partners: [linsitinib]}
offered: {points: 2}
budget: {plates: 1}
members: 32
"""
ROWS = ("model show", "model check", "selftest")
"""Lines for people, rows for programs."""
PRINTED = (
    "drugs trastuzumab lapatinib",
    "lines",
    "example",
    "compare one.h5 two.h5",
    "score plates.csv",
    "cohort two.h5",
)
"""Quick ones, whose columns are compared with those of a pipe."""
SIMULATED = (
    "run screen.yaml -o own.h5",
    "verify own.h5 --points 2 --seed 1",
    "explain own.h5 --line SKBR3-pool2 --combination linsitinib --top 3",
    "markers one.h5 --top 3",
    "panel screen.yaml",
    "optimise optimise.yaml --set optimise.points=6 --set optimise.rounds=2",
    "learn learn.yaml",
    "next next.yaml",
    "fit-line one-line.csv --around SKBR3 --particles 32 --draws 8",
)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two made-up cubes, plates and configurations."""
    folder = tmp_path_factory.mktemp("json")
    build(failures=False).to_netcdf(folder / "one.h5", engine="h5netcdf")
    build(lines=["SKBR3", "BT474-HR20"], failures=False).to_netcdf(folder / "two.h5", engine="h5netcdf")
    write_plates(folder / "plates.csv")
    rows = (folder / "plates.csv").read_text().splitlines()
    (folder / "one-line.csv").write_text("\n".join(row for row in rows if "MINE" not in row) + "\n")
    optimise = (ROOT / "configs" / "optimise.yaml").read_text(encoding="utf-8")
    for name, text in (("screen", SCREEN), ("learn", LEARN), ("next", NEXT), ("optimise", optimise)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def strict(text: str) -> Any:
    """One document of JSON as the standard has it: no NaN, no infinity."""

    def refuse(word: str) -> None:
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


def document(folder: Path, command: str) -> list[dict[str, Any]]:
    """The tables of a command, each with rows that have all of its columns."""
    ended = inside(*command.split(), "--json", cwd=folder)
    assert ended.returncode == 0, f"{command}: {ended.stderr}"
    found = strict(ended.stdout)
    assert set(found) == {"tables", "notes"}
    for table in found["tables"]:
        assert all(list(row) == table["columns"] for row in table["rows"]), command
    assert any(table["rows"] for table in found["tables"]), command
    return list(found["tables"])


def test_cells_are_numbers_fractions_intervals_or_unknown() -> None:
    assert [value_of(cell) for cell in ("7", "+1.50", "-3e-05", "1e+04")] == [7, 1.5, -3e-5, 1e4]
    assert [value_of(cell) for cell in ("7%", "+12 %", "0.1 to 1e+04", "-3 to +40%")] == [
        0.07, 0.12, [0.1, 1e4], [-0.03, 0.4],
    ]  # fmt: skip
    assert [value_of(cell) for cell in ("", "-", "nan", "+nan", "nan%")] == [None] * 5
    assert [value_of(cell) for cell in ("inf", "not simulated")] == ["inf", "not simulated"]


def test_every_command_that_prints_a_table_has_the_option_and_is_walked_here() -> None:
    walked = {command.split()[0] for command in (*PRINTED, *SIMULATED)}
    assert walked | set(ROWS) == set(TABLES)
    tabled = {
        path.stem.replace("_", "-")
        for path in FOLDER.glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("from screen.cli.") and any(
            word.strip() in ("table", "print_answer") for word in line.partition(" import ")[2].split(",")
        )
    }  # fmt: skip
    assert tabled - OWN == {name.split()[0] for name in TABLES}


@pytest.mark.slow
@pytest.mark.parametrize("command", PRINTED)
def test_the_columns_are_those_of_a_pipe(beside: Path, command: str) -> None:
    tables = document(beside, command)
    printed = inside(*command.split(), cwd=beside).stdout.splitlines()
    for table in tables:
        if len(set(table["columns"])) == len(table["columns"]):
            assert "\t".join(table["columns"]) in printed


def test_numbers_are_numbers_and_unknown_is_null(tmp_path: Path) -> None:
    (table,) = document(tmp_path, "drugs trastuzumab lapatinib")
    antibody, molecule = table["rows"]
    assert antibody["clinical peak, nM"] == 1200
    assert antibody["range, ug/mL"] == [0.01, 100]
    assert molecule["range, ug/mL"] is None


@pytest.mark.slow
def test_lines_for_people_are_rows_for_programs(tmp_path: Path) -> None:
    found = {name: document(tmp_path, name)[0] for name in ROWS}
    assert {row["what"]: row["how many"] for row in found["model show"]["rows"]}["drugs"] > 90
    assert {row["level"] for row in found["model check"]["rows"]} <= {"error", "warning", "note", "info"}
    assert all(row["verdict"] == "passed" and row["seconds"] >= 0 for row in found["selftest"]["rows"])


@pytest.mark.slow
def test_scores_are_numbers(beside: Path) -> None:
    (scores,) = document(beside, "score plates.csv")
    assert all(isinstance(row["bliss"], float) for row in scores["rows"])


def test_an_error_is_one_line_and_no_document(tmp_path: Path) -> None:
    ended = inside("lines", "nobody", "--json", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "unknown cell line" in ended.stderr
    assert inside("lines", "SKBR3", cwd=tmp_path).stdout.startswith("cell line\t"), (
        "asked for once, not for good"
    )


@pytest.mark.slow
def test_commands_with_a_json_of_their_own_print_one_document(beside: Path) -> None:
    for command in ("plan screen.yaml --json", "status screen.yaml --json"):
        assert isinstance(strict(inside(*command.split(), cwd=beside).stdout), dict)
    few(beside, "E001", "E109")
    ended = inside("evidence", "check", "-f", "few.csv", "--json", "-", cwd=beside)
    assert {"id", "value", "pass"} <= set(strict(ended.stdout)[0])


@pytest.mark.slow
def test_commands_that_simulate_print_json(beside: Path) -> None:
    for command in SIMULATED:
        document(beside, command)
    status = inside("verify", "own.h5", "--points", "2", "--json", cwd=beside)
    assert any("verified" in note for note in strict(status.stdout)["notes"])
