"""`herscreen calibrate`, called as a user calls it."""

from pathlib import Path

import pytest

from screen.cli.main import invoke


def test_calibrate_refuses_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["calibrate", str(tmp_path / "none.yaml"), "-o", str(tmp_path / "c")]) == 2
    assert "no such file or directory; expected a YAML file" in capsys.readouterr().err
