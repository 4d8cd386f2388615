"""Runs on a real Slurm (`.ci/slurm-up`, or any cluster that answers `sinfo`): the same cube, whatever
befalls its tasks.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from screen.config.screen import load_config
from screen.runner.clusters.job_list import submit as submit_scripts
from screen.runner.clusters.jobs import Wanted, prepare_jobs
from screen.runner.clusters.schedulers.registry import SCHEDULERS
from screen.runner.clusters.scripts import Command, Division, write_scripts
from tests.cli.conftest import herscreen
from tests.cubes import data_of

SCREEN = """\
cell_lines: all
combinations:
  anchor: trastuzumab
  partners: [linsitinib, alpelisib]
doses:
  points: {points}
times: 72 h
shard_simulations: {shard}
"""
SMALL, BIG = SCREEN.format(points=4, shard=64), SCREEN.format(points=24, shard=1200)
HUGE = SCREEN.format(points=80, shard=6400)  # more than Slurm's next look allows


def slurm_answers() -> bool:
    return (
        bool(shutil.which("sinfo")) and subprocess.run(["sinfo", "-h"], capture_output=True).returncode == 0
    )


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not slurm_answers(), reason="no Slurm answers here; .ci/slurm-up starts one"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "big.yaml").write_text(BIG)
    (tmp_path / "small one's.yaml").write_text(SMALL)
    return tmp_path


def submit(config: str, *options: str, cwd: Path) -> list[str]:
    """Submit a run; the ids of its arrays and, last, of its merge."""
    ended = herscreen("jobs", config, *options, "--submit", cwd=cwd)
    assert ended.returncode == 0, ended.stderr
    found = re.search(r"submitted (.*); merge (\d+) waits", ended.stdout)
    assert found, ended.stdout
    return [*re.findall(r"\d+", found[1]), found[2]]


def wait_for(job: str, seconds: float = 120) -> str:
    """The state in which a job ends."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        shown = subprocess.run(["scontrol", "show", "job", job], capture_output=True, text=True).stdout
        states = set(re.findall(r"JobState=(\w+)", shown))
        if states and not states & {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "REQUEUED"}:
            return ",".join(sorted(states))
        time.sleep(0.2)
    raise AssertionError(f"job {job} did not end: {shown}")


def wait_until(condition: Any, seconds: float = 60) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds
        time.sleep(0.02)


def shards(folder: Path, name: str) -> list[Path]:
    return sorted((folder / "results" / f"{name}.run").glob("shard-*.h5"))


Whole = Callable[[str], dict[str, bytes]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The data of a screen of some settings made in one process, once."""

    @cache
    def data(settings: str) -> dict[str, bytes]:
        alone = tmp_path_factory.mktemp("alone")
        (alone / "alone.yaml").write_text(settings)
        ended = herscreen("run", "alone.yaml", "-o", "alone.h5", "-j", "1", cwd=alone)
        assert ended.returncode == 0, ended.stderr
        return data_of(alone / "alone.h5")

    return data


def test_an_array_and_its_merge_make_the_cube_of_one_process(folder: Path, whole: Whole) -> None:
    config = "small one's.yaml"
    *_, last = submit(
        config, "--tasks", "3", "--throttle", "2", "--time", "5 min", "--mem", "600", cwd=folder
    )
    assert wait_for(last) == "COMPLETED"
    assert data_of(folder / "results" / "small one's.h5") == whole(SMALL)
    again = herscreen("slurm", config, "--tasks", "3", "--submit", cwd=folder)
    assert "finished already" in again.stdout


def test_a_killed_task_is_submitted_again_and_nothing_else(folder: Path, whole: Whole) -> None:
    array, last = submit("big.yaml", "--tasks", "4", "--throttle", "1", "--mem", "600", cwd=folder)
    wait_until(lambda: shards(folder, "big"))
    subprocess.run(["scancel", "--signal=KILL", f"{array}_0"], check=True)
    assert wait_for(last) == "FAILED"
    status = json.loads(herscreen("status", "big.yaml", "--json", cwd=folder).stdout)
    assert status["failed"]
    assert all(int(shard) % 4 == 0 for shard in status["failed"])
    assert all(failure["log"].endswith(f"{array}_0.log") for failure in status["failed"].values())
    before = {path.name: path.stat().st_mtime_ns for path in shards(folder, "big")}
    _, last = submit("big.yaml", "--tasks", "4", "--mem", "600", cwd=folder)
    assert "parts=(0)" in (folder / "results/big.run/jobs/array-0.sh").read_text()
    assert wait_for(last) == "COMPLETED"
    now = {path.name: path.stat().st_mtime_ns for path in shards(folder, "big")}
    assert before.items() <= now.items()
    assert data_of(folder / "results" / "big.h5") == whole(BIG)


def test_what_is_queued_is_not_submitted_again(folder: Path) -> None:
    array, last = submit("big.yaml", "--tasks", "4", "--throttle", "1", "--mem", "600", cwd=folder)
    said = herscreen("slurm", "big.yaml", "--tasks", "4", "--mem", "600", "--submit", cwd=folder).stdout
    assert "0 arrays with 0 tasks" in said
    assert "submitted" not in said
    subprocess.run(["scancel", array, last], check=True)


def test_a_warning_before_the_end_requeues_the_task(folder: Path, whole: Whole) -> None:
    array, last = submit("big.yaml", "--tasks", "1", "--mem", "600", cwd=folder)
    wait_until(lambda: len(shards(folder, "big")) >= 2)
    subprocess.run(["scancel", "--signal=USR1", "--batch", f"{array}_0"], check=True)
    assert wait_for(last, 240) == "COMPLETED"
    log = (folder / f"results/big.run/jobs/logs/{array}_0.log").read_text()
    assert "finishing the shards in hand" in log
    assert data_of(folder / "results" / "big.h5") == whole(BIG)


def test_a_job_killed_for_its_memory_gets_more_from_the_same_command(folder: Path, whole: Whole) -> None:
    (folder / "huge.yaml").write_text(HUGE)
    asked = ("huge.yaml", "--tasks", "2", "--mem", "80")
    array, last = submit(*asked, cwd=folder)
    ended = wait_for(last)
    jobs = folder / "results/huge.run/jobs"
    if "exceeded memory limit" not in (jobs / "logs" / f"{array}_1.log").read_text():
        pytest.skip("this Slurm does not enforce memory, or looks at it too seldom")
    assert ended == "FAILED"
    failed = json.loads(herscreen("status", "huge.yaml", "--json", cwd=folder).stdout)["failed"]
    assert {failure["reason"] for failure in failed.values()} == {"out of memory"}
    said = herscreen("slurm", *asked, cwd=folder).stdout
    assert re.search("[12] with more memory after running out of it", said)
    assert "--mem=160M" in (jobs / "array-0.sh").read_text()
    assert "--mem=160M" in (jobs / "merge.sh").read_text()
    *_, last = submit("huge.yaml", "--tasks", "2", "--mem", "700", cwd=folder)
    assert "--mem=700M" in (jobs / "array-0.sh").read_text()
    assert wait_for(last) == "COMPLETED"
    assert data_of(folder / "results" / "huge.h5") == whole(HUGE)


def test_a_merge_killed_for_its_memory_gets_more(folder: Path) -> None:
    assert herscreen("run", "big.yaml", "--shard", "0/1", cwd=folder).returncode == 0
    (last,) = submit("big.yaml", "--tasks", "2", "--mem", "60", cwd=folder)
    jobs = folder / "results/big.run/jobs"
    if wait_for(last) == "COMPLETED":
        pytest.skip("this Slurm does not enforce memory, or looks at it too seldom")
    assert "exceeded memory limit" in (jobs / "logs" / f"{last}.log").read_text()
    herscreen("slurm", "big.yaml", "--tasks", "2", "--mem", "60", cwd=folder)
    assert "--mem=120M" in (jobs / "merge.sh").read_text()


def process_of(run_folder: Path) -> int:
    """The process that has a shard in hand, as its lock says."""
    for lock in run_folder.glob("shard-*.lock"):
        with contextlib.suppress(OSError, ValueError):
            return int(json.loads(lock.read_text())["pid"])
    return 0


def hold(run_folder: Path) -> int:
    """Stop, as SIGSTOP does, the process of a task that has begun and is not done."""
    found: list[int] = []

    def stopped() -> bool:
        found[:] = [process_of(run_folder)]
        return bool(found[0]) and len(list(run_folder.glob("shard-*.h5"))) >= 1

    wait_until(stopped)
    os.kill(found[0], signal.SIGSTOP)
    return found[0]


def is_told(process: int, number: signal.Signals) -> bool:
    """Whether a signal waits for a stopped process."""
    found = re.findall(
        r"^(?:SigPnd|ShdPnd):\s*(\w+)", Path(f"/proc/{process}/status").read_text(), re.MULTILINE
    )
    return any(int(word, 16) >> (number - 1) & 1 for word in found)


def restarts(job: str) -> int:
    shown = subprocess.run(["scontrol", "show", "job", job], capture_output=True, text=True).stdout
    return max((int(count) for count in re.findall(r"Restarts=(\d+)", shown)), default=0)


def test_a_task_is_warned_before_its_time_limit_and_goes_on_in_another_turn(
    folder: Path, whole: Whole
) -> None:
    array, last = submit("big.yaml", "--tasks", "1", "--mem", "600", "--time", "1 min", cwd=folder)
    process = hold(folder / "results/big.run")
    before = len(shards(folder, "big"))
    wait_until(lambda: is_told(process, signal.SIGUSR1), 60)
    os.kill(process, signal.SIGCONT)
    assert wait_for(last) == "COMPLETED"
    assert restarts(f"{array}_0") == 1
    log = (folder / f"results/big.run/jobs/logs/{array}_0.log").read_text()
    assert "asked to stop: finishing the shards in hand" in log
    assert "TIME LIMIT" not in log
    assert before >= 1
    assert data_of(folder / "results" / "big.h5") == whole(BIG)


def test_a_preempted_task_is_requeued_and_loses_nothing(folder: Path, whole: Whole) -> None:
    partitions = subprocess.run(["sinfo", "-h", "-o", "%R"], capture_output=True, text=True).stdout.split()
    if "urgent" not in partitions:
        pytest.skip("this Slurm has no partition `urgent` that preempts")
    array, last = submit("big.yaml", "--tasks", "1", "--mem", "600", "--partition", "test", cwd=folder)
    process = hold(folder / "results/big.run")
    stood = {path.name: path.stat().st_mtime_ns for path in shards(folder, "big")}
    words = ["sbatch", "--parsable", "--partition=urgent", "--exclusive", "--output=/dev/null", "--wrap=true"]
    urgent = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
    assert wait_for(urgent) == "COMPLETED"
    wait_until(lambda: not Path(f"/proc/{process}").exists())
    assert wait_for(last) == "COMPLETED"
    assert restarts(f"{array}_0") == 1
    now = {path.name: path.stat().st_mtime_ns for path in shards(folder, "big")}
    assert stood.items() <= now.items()
    assert "finishing the shards in hand" in (folder / f"results/big.run/jobs/logs/{array}_0.log").read_text()
    assert data_of(folder / "results" / "big.h5") == whole(BIG)


def test_more_tasks_than_an_array_may_hold_become_several_arrays(folder: Path) -> None:
    path = folder / "small one's.yaml"
    wanted = Wanted(5, "slurm", 300, 600, 1, None, None, None, submit=True)
    jobs = prepare_jobs(load_config(path), path, folder / "x.h5", (), wanted)
    (script,) = jobs.scripts
    command_line = script.path.read_text()
    assert "--array=0-4" in command_line
    command = Command(shutil.which("true") or "/bin/true", folder, "x", path, folder / "x.h5")
    division = Division(SCHEDULERS["slurm"], command, dict.fromkeys(range(5), 600), 5, 2)
    scripts = write_scripts(jobs.folder, division, script.resources)
    assert [one.parts for one in scripts] == [(0, 1), (2, 3), (4,)]
    *arrays, last = submit_scripts(jobs.folder, "slurm", scripts, 5, 600)
    assert len(arrays) == 3
    assert wait_for(last) == "COMPLETED"
