"""A few of the kills that `python -m tests.hardening.kills` goes on with."""

import random
from pathlib import Path

import pytest

from tests.hardening.kills import COMMANDS, Kills, content, finish
from tests.hardening.seeds import PLATES, TINY


@pytest.mark.slow
@pytest.mark.parametrize("name", ["score plates", "jobs"])
def test_a_killed_command_leaves_whole_files_and_ends_as_ever(tmp_path: Path, name: str) -> None:
    (tmp_path / "p.csv").write_text(PLATES)
    (tmp_path / "tiny.yaml").write_text(TINY)
    kills = Kills(tmp_path, random.Random(1))
    assert kills.round(name, 2) == []


def test_every_command_that_writes_results_is_killed() -> None:
    named = {words.split()[0] for words, _ in COMMANDS.values()}
    assert named >= {
        "score",
        "report",
        "export",
        "crate",
        "calibrate",
        "learn",
        "fit-line",
        "next",
        "optimise",
    }


def test_times_in_a_file_do_not_count_and_a_cut_file_does(tmp_path: Path) -> None:
    for name, text in {
        "a": "at 2026-01-01T10:00:00Z: 1",
        "b": "at 2027-02-03T11:12:13Z: 1",
        "c": "at 20",
    }.items():
        (tmp_path / name).write_text(text)
    assert content(tmp_path / "a") == content(tmp_path / "b") != content(tmp_path / "c")
    (tmp_path / "cut.xlsx").write_bytes(b"PK\x03\x04")
    assert content(tmp_path / "cut.xlsx") == b"PK\x03\x04"


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such file"):
        finish(tmp_path, "plan nope.yaml")
