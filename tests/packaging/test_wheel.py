"""What is installed is what is in the repository: tables, templates and scripts beside the modules."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from screen._version import __version__
from tests.paths import ROOT, tracked

BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, by the build backend of the lock file, as pip would ask it."""
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert built.returncode == 0, built.stderr
    return folder / built.stdout.split()[-1]


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(path.relative_to(ROOT)) for path in tracked("screen", "**/*") if path.is_file()}
    assert not wanted - held
    assert not [name for name in held if not name.startswith(("screen/", "herscreen-"))]


def test_the_wheel_takes_its_version_from_the_one_place(wheel: Path) -> None:
    assert wheel.name == f"herscreen-{__version__}-py3-none-any.whl"
