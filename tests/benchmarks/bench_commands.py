"""What whole commands take, from interpreter to exit: processor seconds (user and system) and peak memory, with the
models' code in the cache and Python's bytecode written. Medians of three; the load stands above the table.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.tables import installed, machine, table
from tests.paths import ROOT

SCREENS = ("quickstart", "adaptive")
SHOWN = ("numpy", "scipy", "h5py", "h5netcdf")
ROUNDS = 3
MOST_SECONDS = 600


def spent(words: list[str]) -> tuple[float, float]:
    """Processor seconds of a herscreen command, and its peak memory in MB."""
    process = subprocess.Popen(
        [sys.executable, "-m", "screen.cli", *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"herscreen {' '.join(words)} ended with {status}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return used.ru_utime + used.ru_stime, used.ru_maxrss / unit


def commands(folder: Path) -> Iterator[tuple[str, list[str], list[Path]]]:
    """How a command is called, its words, and what is removed before it."""
    yield "`--help`", ["--help"], []
    for command in ("plan", "status"):
        yield f"`{command} configs/quickstart.yaml`", [command, "configs/quickstart.yaml"], []
    for name in SCREENS:
        cube, page = folder / f"{name}.h5", folder / f"{name}.html"
        run = ["run", f"configs/{name}.yaml", "-o", str(cube), "-j", "1"]
        yield f"`run configs/{name}.yaml -j 1`", run, [cube, folder / f"{name}.run"]
        yield f"`report {cube.name}`", ["report", str(cube), "-o", str(page)], [page]


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(f"{machine()}; {installed(SHOWN)}.\n")
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for label, words, made in commands(Path(name)):
            found = []
            for _ in range(ROUNDS + 1):  # the first fills the caches
                for path in made:
                    shutil.rmtree(path, ignore_errors=True)
                    path.unlink(missing_ok=True) if path.is_file() else None
                found.append(spent(words))
            seconds, memory = (statistics.median(one[k] for one in found[1:]) for k in range(2))
            rows.append([label, f"{seconds:.1f}", f"{memory:.0f}"])
    print(table(["command", "processor s", "MB at most"], rows))
