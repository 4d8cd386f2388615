"""The self-test passes here, and each of its checks fails where what it looks at is broken."""

import base64
import hashlib
import time
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from screen.selftest import checks, plate
from tests.cli.conftest import inside


@pytest.mark.slow
def test_every_check_passes_in_ten_seconds(tmp_path: Path) -> None:
    begun = time.process_time()
    ended = inside("selftest", cwd=tmp_path)
    used = time.process_time() - begun
    lines = ended.stdout.splitlines()
    assert ended.returncode == 0, ended.stdout
    assert [line.split()[:2] for line in lines] == [["passed", name] for name in checks.CHECKS]
    assert used < 10  # four on an idle machine
    assert not list(tmp_path.iterdir())


def test_a_check_that_fails_is_a_line_and_exit_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise OSError("no space left\non device")

    monkeypatch.setattr(checks, "CHECKS", {"first": broken, "second": lambda: "fine"})
    ended = inside("selftest", cwd=tmp_path)
    assert ended.returncode == 1
    first, second = ended.stdout.splitlines()
    assert first.startswith("FAILED  first   OSError: no space left on device (")
    assert second.startswith("passed  second  fine (")


def _installed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """As if a wheel had brought one file of the package, with this content."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    own = Path(plate.path())
    entry = SimpleNamespace(locate=lambda: own, hash=SimpleNamespace(value=digest))
    monkeypatch.setattr(metadata, "distribution", lambda _name: SimpleNamespace(files=[entry]))


def test_files_of_the_wheel_are_compared_with_their_checksums(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, plate.path().read_bytes())
    assert checks.files() == "1 files are those of the wheel"


def test_a_file_that_somebody_changed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, b"something else")
    with pytest.raises(checks.SelfTestFailed, match=r"1 files other than .* selftest/synthetic-plate.csv"):
        checks.files()


@pytest.mark.slow
def test_a_plate_with_other_numbers_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = plate.path().read_text(encoding="utf-8")
    other = tmp_path / "plate.csv"
    other.write_text(text.replace("synergy,A,B,30,30,nM,nM,", "synergy,A,B,30,30,nM,nM,1"))
    monkeypatch.setattr(plate, "path", lambda: other)
    with pytest.raises(checks.SelfTestFailed, match=r"block synergy: found bliss .* expected 5\.\d+ points"):
        checks.scores()


@pytest.mark.slow
def test_a_solver_that_is_off_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = checks.simulate

    def off(*arguments: object, solver: str, **options: object) -> object:
        found = exact(*arguments, solver="batch", **options)  # type: ignore[arg-type]
        return found * 1.001 if solver == "batch" else found

    monkeypatch.setattr(checks, "simulate", off)
    with pytest.raises(checks.SelfTestFailed, match=r"deviation from SciPy of 1\.0e-03"):
        checks.engine()


@pytest.mark.slow
def test_scores_that_are_not_those_of_the_responses_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_rescored", lambda _written: np.zeros((2, 1, 1)))
    with pytest.raises(checks.SelfTestFailed, match="other scores in the cube"):
        checks.cube()
