"""What the fuzzing targets and the attack damage is sound before."""

from pathlib import Path

import pytest

from tests.cli.conftest import inside
from tests.hardening.seeds import DRAWS, EXPRESSION, LARGER, MODEL, PANEL, PLATES, SCREENS, TINY


@pytest.mark.parametrize("screen", [TINY, LARGER, *SCREENS.values()])
def test_a_seed_is_planned(tmp_path: Path, screen: str) -> None:
    for name, content in {
        "x.yaml": screen,
        "t.csv": PANEL,
        "t.tsv": DRAWS,
        "x.csv": EXPRESSION,
        "m.ant": MODEL,
    }.items():
        (tmp_path / name).write_text(content)
    ended = inside("plan", "x.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr


def test_the_plates_are_scored(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PLATES)
    ended = inside("score", "p.csv", "--models", "hsa", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
