"""What disks and clocks do to runs: full, read-only, stepping back. Each ends in one clear line and then the
same cube.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, GOOD, ROOT, herscreen
from tests.cubes import data_of

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that can be made larger or read-only."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", str(disk)], capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("cannot mount a small file system here")
    (tmp_path / "good.yaml").write_text(GOOD)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def resize(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


@pytest.mark.parametrize("size", ["8k", "24k", "60k", "120k", "200k"])
def test_a_full_disk_is_one_line_and_the_run_resumes_once_there_is_room(small_disk: Path, size: str) -> None:
    folder = small_disk.parent
    resize(small_disk, f"size={size}")
    full = herscreen("run", "good.yaml", "-o", "disk/good.h5", cwd=folder)
    assert full.returncode == 1
    assert full.stderr.count("\n") == 1, full.stderr
    assert "no space left on device" in full.stderr
    assert not (small_disk / "good.h5").exists()
    resize(small_disk, "size=20m")
    assert herscreen("run", "good.yaml", "-o", "disk/good.h5", cwd=folder).returncode == 0
    assert herscreen("run", "good.yaml", "-o", "own.h5", cwd=folder).returncode == 0
    assert data_of(small_disk / "good.h5") == data_of(folder / "own.h5")


def test_a_read_only_disk_is_one_line(small_disk: Path) -> None:
    resize(small_disk, "ro")
    ended = herscreen("run", "good.yaml", "-o", "disk/good.h5", cwd=small_disk.parent)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "read-only file system" in ended.stderr


def test_a_clock_that_steps_back_changes_nothing(tmp_path: Path) -> None:
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not installed")
    (tmp_path / "good.yaml").write_text(GOOD + "shard_simulations: 9\n")
    assert herscreen("run", "good.yaml", "--shard", "0/2", cwd=tmp_path).returncode == 0
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    early = ["faketime", "-f", "-3y", *COMMAND, "run", "good.yaml"]
    subprocess.run(early, cwd=tmp_path, env=settings, check=True, capture_output=True)
    assert "finished already" in herscreen("run", "good.yaml", cwd=tmp_path).stdout
    assert herscreen("run", "good.yaml", "-o", "own.h5", cwd=tmp_path).returncode == 0
    assert data_of(tmp_path / "results" / "good.h5") == data_of(tmp_path / "own.h5")
