"""Tables and progress: drawn on a terminal, plain elsewhere, and Rich is loaded for a terminal only."""

import re
import sys

import pytest

from screen.cli.console import progress_bar, table

ROWS = [["SKBR3", "1.0"], ["a [b]", "2\n3"]]


def test_a_pipe_gets_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    table("Lines", ["line", "value"], ROWS, ["value"])
    assert capsys.readouterr().out == "line\tvalue\nSKBR3\t1.0\na [b]\t2 3\n"


def test_a_terminal_gets_a_drawn_table_with_its_title(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    table("Lines", ["line", "value"], ROWS, ["value"])
    shown = capsys.readouterr().out
    assert "Lines" in shown
    assert "a [b]" in shown
    assert "\t" not in shown


def test_no_name_in_a_drawn_table_is_read_as_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    table("[/red]title", ["[/b]name"], [["[link=x]cell[/link]"]])
    shown = capsys.readouterr().out
    for words in ("[/red]title", "[/b]name", "[link=x]cell[/link]"):
        assert words in shown


def test_progress_is_shown_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress_bar() as report:
        assert report is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress_bar() as report:
        assert report is not None
        report("simulate", 1, 2)
        report("simulate", 2, 2)
    assert "2/2" in capsys.readouterr().err


def test_no_word_is_broken_and_a_narrow_terminal_gets_no_lines_or_a_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    rows = [["trastuzumab", "binds HER2 domain IV", "0.06757 to 675.7"]]
    for width, lines in ((60, True), (36, False), (24, None)):
        monkeypatch.setenv("COLUMNS", str(width))
        table("Drugs", ["drug", "action", "range"], rows, ["range"])
        shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
        assert all(
            word in shown for word in ["trastuzumab", "action", "binds", "HER2", "0.06757", "675.7"]
        ), width
        assert max(map(len, shown.splitlines())) <= width
        assert ("│" in shown) is bool(lines)
        assert ("action" in shown.splitlines()[1]) is (lines is False)
