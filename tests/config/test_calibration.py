"""Calibration files are read as strictly as screens are, with the line of what is wrong."""

from pathlib import Path

import pytest

from screen.config.calibration import CalibrationConfig, load_calibration
from screen.errors import InputError
from tests.paths import ROOT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 2\nrepaets: 2", "line 2: repaets: unknown key 'repaets', .*did you mean 'repeats'"),
        ("seed: 2\nsteps: many", "line 2: steps: found 'many', expected a valid integer"),
        ("steps: 2.5", "line 1: steps: found 2.5, expected a valid integer"),
        ("steps: true", "line 1: steps: found true, expected a number"),
        ("steps: -1", "line 1: steps: found -1, expected greater than or equal to 0"),
        ("margin: -.inf", "line 1: margin: found -inf, expected"),
        ("members: 4", "line 1: members: found 4, expected"),
        ("- 1", "found a list, expected keys and values"),
        ("a: [", "line 1: not valid YAML"),
        ("seed: 1\nweights:\n  loop: heavy", "line 3: weights.loop: found 'heavy', expected a valid number"),
        ("weights: {loop: 0}", "line 1: weights.loop: found 0, expected greater than 0"),
        (
            "members: 8\nrepeats: 2\ndraws: 17",
            "line 3: draws: found 17, expected at most the 16 members of all repeats",
        ),
        ("members: 8\nrepeats: 2", "draws: found 128, expected at most the 16 members of all repeats"),
        ("seed: 1\nseed: 2", "line 2: seed: duplicate key"),
    ],
)
def test_a_bad_calibration_file_is_an_error_that_names_the_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        load_calibration(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_the_shipped_calibration_file_refines_runs_chains_and_weighs_statements() -> None:
    found = load_calibration(ROOT / "configs" / "calibration" / "herceptin.yaml")
    changed = {
        name for name, value in found.model_dump().items() if value != CalibrationConfig().model_dump()[name]
    }
    assert changed == {"members", "steps", "refine", "sweeps", "weights"}
    assert found.refine > 0
    assert found.weights["loop"] > found.weights["signalling"] > 1
    assert "gr_measured" not in found.weights, "those are second readings of plates in the other table"


def test_an_empty_file_is_a_calibration_by_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("# nothing but words\n")
    assert load_calibration(path) == CalibrationConfig()


def test_tables_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "base.yaml").write_text("evidence: mine.csv\n")
    (tmp_path / "c.yaml").write_text("extends: parts/base.yaml\nmeasured: here.csv\nmargin: 7\n")
    config = load_calibration(tmp_path / "c.yaml")
    assert Path(config.evidence) == tmp_path / "parts" / "mine.csv"
    assert Path(config.measured) == tmp_path / "here.csv"
    assert config.margin == 7.0
