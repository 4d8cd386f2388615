"""`herscreen model`, called as a user calls it."""

import xml.etree.ElementTree as tree
from pathlib import Path

import pytest

from screen.cli.main import invoke


def run(*arguments: object) -> int:
    return invoke([str(argument) for argument in arguments])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["m.xml", "m.ant"])
def test_model_export(tmp_path: Path, name: str) -> None:
    assert run("model", "export", "-o", tmp_path / name, "--cell-line", "BT474") == 0
    assert "trastuzumab" in (tmp_path / name).read_text()


def test_model_export_says_what_endings_it_knows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("model", "export", "-o", tmp_path / "m.mat") == 2
    assert "expected .xml, .sbml or .ant" in capsys.readouterr().err


def test_model_diagram_is_well_formed(tmp_path: Path) -> None:
    assert run("model", "diagram", "-o", tmp_path / "m.svg") == 0
    assert tree.parse(tmp_path / "m.svg").getroot().tag.endswith("svg")


@pytest.mark.slow
def test_model_show_and_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("model", "show") == 0
    assert "states: 34" in capsys.readouterr().out
    assert run("model", "check") == 0
    assert "0 errors" in capsys.readouterr().out
