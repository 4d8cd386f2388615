"""What a plate's file loses is told with the messages, not in the table alone."""

from pathlib import Path

import pytest

from screen.synergy.plates.read_plates import read_plates
from tests.cli.conftest import inside
from tests.hardening.seeds import PLATES


def read(folder: Path, text: str) -> str:
    (folder / "p.csv").write_text(text)
    return "\n".join(read_plates(folder / "p.csv").messages)


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ("lapatinib,1,5,nM,", "lapatinib,1,abc,nM,", "left out: 1 of 16 rows: line 7 holds a text that is no number"),
        ("lapatinib,1,5,nM,", "lapatinib,1,-1,nM,", "left out: 1 of 16 rows: line 7 holds a negative dose"),
        ("lapatinib,1,5,nM,", "lapatinib,inf,5,nM,", "left out: 1 of 16 rows: line 7 holds an infinite number"),
        ("lapatinib,1,", "lapatinib,1_000,", "left out: 4 of 16 rows: line 6 (and 3 more) holds a text"),
        ("nM,100\n", "nM,#DIV/0!\n", "left out: 1 of 16 rows: line 2 holds a text"),
        ("nM,100\n", "nM,\n", "no response: 1 of 16 rows: line 2"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_told_with_its_first_line(
    tmp_path: Path, was: str, becomes: str, words: str
) -> None:
    assert PLATES.count(was)
    assert words in read(tmp_path, PLATES.replace(was, becomes))


def test_reasons_are_told_one_after_the_other_and_each_row_once(tmp_path: Path) -> None:
    text = PLATES.replace("lapatinib,1,5,nM,", "lapatinib,abc,-5,nM,")
    text = text.replace("lapatinib,10,5,nM,", "lapatinib,-10,5,nM,")
    words = "left out: 2 of 16 rows: line 7 holds a text that is no number; line 11 holds a negative dose"
    assert words in read(tmp_path, text)


def test_a_sound_file_loses_nothing(tmp_path: Path) -> None:
    said = read(tmp_path, PLATES)
    assert "left out" not in said
    assert "no response" not in said
    assert "same value" not in said


@pytest.mark.parametrize("options", [["--check"], ["--models", "hsa"]])
def test_the_command_says_it_with_check_and_without(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "p.csv").write_text(PLATES.replace("lapatinib,1,5,nM,", "lapatinib,1,parsec,nM,"))
    ended = inside("score", "p.csv", *options, cwd=tmp_path)
    assert ended.returncode == 0
    assert "left out: 1 of 16 rows: line 7 holds a text that is no number" in ended.stdout + ended.stderr


def test_wells_that_are_all_alike_and_levels_that_tell_no_kind_are_told(tmp_path: Path) -> None:
    rows = [f"{line.rpartition(',')[0]},50" for line in PLATES.splitlines()[1:]]
    said = read(tmp_path, "\n".join([PLATES.splitlines()[0], *rows]))
    assert "untreated wells at 50, near neither 0 nor 100 % (--response says what the values are)" in said
    assert "all wells have the same value in 1 of 1 blocks (the first 1, 50)" in said
    block = read_plates(tmp_path / "p.csv").blocks[0]
    assert any("all 16 wells have the same value (50)" in note for note in block.notes)
