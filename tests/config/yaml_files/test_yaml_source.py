"""Files that extend one another: key by key, each key with the place where it was written."""

from pathlib import Path

import pytest

from screen.config.screen import load_config
from screen.errors import InputError
from tests.config.test_screen import SMALL


def test_a_file_extends_another_key_by_key(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "panel.yaml").write_text("cell_lines: {table: mine.csv}\ndoses: {points: 4}\n")
    (parts / "base.yaml").write_text("extends: panel.yaml\nseed: 3\ndoses:\n  drugs: {linsitinib: [5]}\n")
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: [parts/base.yaml]\ncombinations: {anchor: trastuzumab, partners: linsitinib}\n"
        "doses: {points: 6}\n"
    )
    config = load_config(path)
    assert (config.name, config.seed, config.doses.points) == ("mine", 3, 6)
    assert [dose.value for dose in config.doses.drugs["linsitinib"].values or []] == [5]
    assert config.cell_lines[0].table == str(parts / "mine.csv"), "relative to the file that says it"
    assert "extends" not in config.model_dump()


def test_an_error_names_the_file_that_holds_the_key(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("seed: 1\ndoses:\n  points: 1\n")
    path = tmp_path / "mine.yaml"
    path.write_text("extends: base.yaml\n" + SMALL)
    with pytest.raises(InputError, match=r"base.yaml: line 3: doses.points: found 1"):
        load_config(path)
    with pytest.raises(InputError, match=r"--set doses.points=0: doses.points: found 0"):
        load_config(path, ["doses.points=0"])


@pytest.mark.parametrize(
    ("extends", "words"),
    [
        ("mine.yaml", "line 1: extends: .*mine.yaml extends itself"),
        ("circle.yaml", "circle.yaml: line 1: extends: .*mine.yaml extends itself"),
        ("absent.yaml", "line 1: extends: .*absent.yaml: no such file"),
        ("deep-0.yaml", "deep-6.yaml: line 1: extends: more than 8 files"),
        ("{a: b}", "expected the path of a YAML file"),
        ("[3]", "found 3, expected the path"),
    ],
)
def test_files_that_extend_without_end_are_refused(tmp_path: Path, extends: str, words: str) -> None:
    (tmp_path / "circle.yaml").write_text("extends: mine.yaml\n")
    for step in range(20):
        (tmp_path / f"deep-{step}.yaml").write_text(f"extends: deep-{step + 1}.yaml\n")
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: {extends}\n{SMALL}")
    with pytest.raises(InputError, match=words) as caught:
        load_config(path)
    assert "\n" not in str(caught.value)
