"""`herscreen evidence`, called as a user calls it."""

import json
from pathlib import Path

import pytest

from screen.cli.main import invoke
from screen.pathway.tables.tsv import FOLDER


def run(*arguments: object) -> int:
    return invoke([str(argument) for argument in arguments])


def few(folder: Path, *ids: str) -> Path:
    header, *rows = (FOLDER / "evidence.csv").read_text().splitlines()
    path = folder / "few.csv"
    path.write_text("\n".join([header, *(row for row in rows if row.split(",")[0] in ids)]) + "\n")
    return path


def test_evidence_check_writes_json_and_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = few(tmp_path, "E001", "E109")
    json_path, csv_path = tmp_path / "o.json", tmp_path / "o.csv"
    assert run("evidence", "check", "--file", table, "--json", json_path, "--csv", csv_path) == 0
    records = json.loads(json_path.read_text())
    assert [record["id"] for record in records] == ["E001", "E109"]
    assert {"id", "value", "lower", "upper", "pass", "reason"} <= set(records[0])
    assert csv_path.read_text().startswith("id,kind,value,lower,upper,pass,reason")
    assert "resistant_state" in capsys.readouterr().out


def test_a_failing_statement_is_listed_and_the_exit_status_is_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = few(tmp_path, "E109")
    table.write_text(table.read_text().replace(",0.3,background", ",-5,background"))
    assert run("evidence", "check", "--file", table) == 0
    told = "pHER2 in SKBR3 under lapatinib 1000 nM at 2 h, divided by that in the same line untreated at 2 h"
    assert f"{told}\t-5 or less\t0.01389\tbackground" in capsys.readouterr().out


def test_an_unknown_name_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = few(tmp_path, "E109")
    table.write_text(table.read_text().replace("lapatinib=", "lapatinb="))
    assert run("evidence", "check", "--file", table) == 2
    message = capsys.readouterr().err
    assert "E109: treatment: unknown drug or ligand 'lapatinb'; did you mean 'lapatinib'?" in message
