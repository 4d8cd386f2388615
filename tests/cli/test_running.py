"""A real run in a process of its own: its results, and what interruptions leave behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import LONG, begin, herscreen, processor_seconds
from tests.cubes import data_of
from tests.paths import ROOT


def wait_for_shards(folder: Path, count: int, process: "subprocess.Popen[str]") -> None:
    begun = time.monotonic()
    while len(list(folder.glob("shard-*.h5"))) < count:
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() - begun < 120
        time.sleep(0.002)


def children(process: int) -> list[int]:
    """What the process's first thread forked."""
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The cube of the long configuration, made without interruption in one process."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "long.yaml").write_text(LONG)
    ended = herscreen("run", "long.yaml", "-j", "1", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return data_of(folder / "results" / "long.h5")


@pytest.mark.slow
def test_a_run_tells_its_results_and_files(folder: Path) -> None:
    ended = herscreen("run", "good.yaml", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert "wrote results/good.h5" in ended.stdout
    assert "18 simulations" in ended.stdout
    for phase in ("compile", "simulate", "merge", "controls"):
        assert f"{phase} " in ended.stdout
    assert "trastuzumab+linsitinib" in ended.stdout
    used = processor_seconds()
    again = herscreen("run", "good.yaml", cwd=folder)
    assert processor_seconds() - used < 2
    assert again.returncode == 0
    assert "results/good.h5 is finished already" in again.stdout
    assert sorted(path.name for path in (folder / "results").iterdir()) == ["good.h5", "good.run"]
    changed = herscreen("run", "good.yaml", "--set", "times=48 h", cwd=folder)
    assert changed.returncode == 2
    assert "--restart" in changed.stderr


@pytest.mark.slow
def test_parts_on_their_own_and_a_merge_give_the_same_bits(folder: Path, whole: dict[str, bytes]) -> None:
    parts = [begin("run", "long.yaml", "-j", "1", "--shard", f"{part}/2", cwd=folder) for part in range(2)]
    for part in parts:
        assert part.wait(120) == 0
    assert herscreen("merge", "long.yaml", cwd=folder).returncode == 0
    assert data_of(folder / "results" / "long.h5") == whole


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 75)])
def test_a_signal_finishes_what_is_in_hand_and_the_run_resumes(
    folder: Path, whole: dict[str, bytes], number: signal.Signals, status: int
) -> None:
    process = begin("run", "long.yaml", "-j", "2", cwd=folder)
    run_folder = folder / "results" / "long.run"
    wait_for_shards(run_folder, 3, process)
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == status
    assert "resumes" in said
    assert "Traceback" not in said
    assert not list(run_folder.glob(".*"))
    assert not list(run_folder.glob("*.lock"))
    stand = {path.name: path.stat().st_mtime_ns for path in run_folder.glob("shard-*.h5")}
    assert 3 <= len(stand) < 44
    assert herscreen("run", "long.yaml", "-j", "2", cwd=folder).returncode == 0
    assert all((run_folder / name).stat().st_mtime_ns == when for name, when in stand.items())
    assert data_of(folder / "results" / "long.h5") == whole


@pytest.mark.slow
def test_a_second_interrupt_stops_at_once(folder: Path) -> None:
    (folder / "slow.yaml").write_text(LONG.replace("points: 4", "points: 60").replace(": 16", ": 90000"))
    process = begin("run", "slow.yaml", "-j", "2", cwd=folder)
    begun = time.monotonic()
    while len(list((folder / "results" / "slow.run").glob("shard-*.lock"))) < 2:
        assert time.monotonic() - begun < 120
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "finishing the shards in hand" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert process.stderr.read() == "stopped at once; the same command resumes\n"
    assert not list((folder / "results" / "slow.run").glob("shard-*.h5"))


@pytest.mark.slow
def test_a_killed_worker_costs_its_shard_which_is_made_again(folder: Path, whole: dict[str, bytes]) -> None:
    process = begin("run", "long.yaml", "-j", "2", cwd=folder)
    for shards in (2, 8):
        wait_for_shards(folder / "results" / "long.run", shards, process)
        os.kill(children(process.pid)[0], signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (0, "")
    assert data_of(folder / "results" / "long.h5") == whole
    assert not [path for path in folder.rglob(".*") if path.suffix == ".part"]


@pytest.mark.slow
def test_workers_killed_all_at_once_are_replaced(folder: Path, whole: dict[str, bytes]) -> None:
    process = begin("run", "long.yaml", "-j", "2", cwd=folder)
    wait_for_shards(folder / "results" / "long.run", 4, process)
    for worker in children(process.pid):
        os.kill(worker, signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (0, "")
    assert data_of(folder / "results" / "long.h5") == whole
    assert not [path for path in folder.rglob(".*") if path.suffix == ".part"]


@pytest.mark.slow
def test_a_notebook_s_process_with_threads_makes_the_same_cube_by_spawned_workers(
    folder: Path, whole: dict[str, bytes]
) -> None:
    """As a kernel has it: other threads, and a main module that stands in no file and guards nothing."""
    cell = (
        "import threading, screen\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "screen.run(screen.load_config('long.yaml'), jobs=2)\n"
    )
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-"], cwd=folder, env=settings, stdin=subprocess.PIPE, text=True
    )
    process.communicate(cell, timeout=300)
    assert process.returncode == 0
    assert data_of(folder / "results" / "long.h5") == whole


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_cube(folder: Path, whole: dict[str, bytes]) -> None:
    for shards in (2, 8):
        process = begin("run", "long.yaml", "-j", "2", cwd=folder)
        wait_for_shards(folder / "results" / "long.run", shards, process)
        process.kill()
        process.communicate()
    assert herscreen("run", "long.yaml", cwd=folder).returncode == 0
    assert data_of(folder / "results" / "long.h5") == whole
    assert not [path for path in folder.rglob(".*") if path.suffix == ".part"]


@pytest.mark.slow
def test_two_runs_on_one_output_refuse_each_other(folder: Path) -> None:
    process = begin("run", "long.yaml", "-j", "1", cwd=folder)
    wait_for_shards(folder / "results" / "long.run", 1, process)
    process.send_signal(signal.SIGSTOP)
    try:
        second = herscreen("run", "long.yaml", cwd=folder)
        assert second.returncode == 1
        assert f"another run is writing it (process {process.pid} on " in second.stderr
        assert second.stderr.count("\n") == 1
        assert "running" in herscreen("status", "long.yaml", cwd=folder).stdout
    finally:
        process.send_signal(signal.SIGCONT)
    process.communicate(timeout=120)
    assert process.returncode == 0


@pytest.mark.slow
def test_without_hdf5_file_locks(folder: Path) -> None:
    assert herscreen("run", "good.yaml", cwd=folder, HDF5_USE_FILE_LOCKING="FALSE").returncode == 0
