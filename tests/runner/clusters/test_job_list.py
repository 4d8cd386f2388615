"""The list of a run's jobs: what is queued, why the rest ended, and how much memory the next turn gets."""

import json
from pathlib import Path

import pytest

from screen.runner.clusters.job_list import (
    Submitted,
    ended,
    log_of,
    memory_needed,
    merge_memory,
    queued_shards,
    submit,
    submitted,
)
from screen.runner.clusters.schedulers.registry import SCHEDULERS
from screen.runner.clusters.schedulers.scheduler import Resources
from screen.runner.clusters.scripts import Script
from tests.runner.clusters.conftest import Commands

FIRST = Submitted("7", (0, 1, 2), 3, 800, "2026-01-01T00:00:00Z")
AGAIN = Submitted("9", (1,), 3, 800, "2026-01-01T01:00:00Z")
MERGE = Submitted("8", (), 1, 500, "2026-01-01T00:00:00Z")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path


def write_log(folder: Path, task: str, text: str) -> None:
    log_of(folder, task).write_text(text)


def test_the_last_job_of_a_shard_says_why_it_ended(folder: Path, commands: Commands) -> None:
    commands(sacct="exit 1", squeue="exit 1")  # a real Slurm may know jobs of the same numbers
    for task, text in {"7_0": "a\nb\n", "7_1": "exceeded memory limit", "9_0": ""}.items():
        write_log(folder, task, text)
    found = ended(folder, [FIRST, MERGE, AGAIN], range(6))
    assert {shard: reason for shard, (reason, _) in found.items()} == {
        0: "b",
        3: "b",
        1: "its log is empty",
        4: "its log is empty",
    }
    assert found[4][1] == log_of(folder, "9_0")


def test_a_task_that_is_put_back_into_the_queue_has_not_failed(folder: Path, commands: Commands) -> None:
    commands(
        sacct="echo '7_0|NODE_FAIL'; echo '7_1|NODE_FAIL'", squeue="echo '7 0 PENDING'; echo '7 1 NODE_FAIL'"
    )
    for task in ("7_0", "7_1"):
        write_log(folder, task, "")
    assert ended(folder, [FIRST], range(2)).keys() == {1}


def test_what_ran_out_of_memory_gets_twice_as_much(folder: Path, commands: Commands) -> None:
    commands(sacct="echo '7_1|OUT_OF_MEMORY'; echo '8|OUT_OF_MEMORY'")
    for task in ("7_0", "7_1", "8"):
        write_log(folder, task, "nothing of the kind")
    assert memory_needed(folder, [FIRST, MERGE], range(6), 600) == {1: 1600, 4: 1600}
    assert memory_needed(folder, [FIRST, MERGE], [4], 2000) == {4: 2000}
    assert merge_memory(folder, [FIRST, MERGE], 600) == 1000
    assert merge_memory(folder, [FIRST], 600) == 600


def test_shards_of_tasks_in_the_queue_are_not_missing(commands: Commands) -> None:
    commands(squeue="echo '7 2 RUNNING'; echo '7 0 COMPLETED'; echo '9 0 PENDING'")
    queue = SCHEDULERS["slurm"].queue
    assert queue is not None
    assert queued_shards(queue, [FIRST, MERGE, AGAIN], 7) == {2, 5, 1, 4}
    assert queued_shards(queue, [], 7) == set()


def test_a_merge_waits_for_new_arrays_and_for_those_in_the_queue(folder: Path, commands: Commands) -> None:
    (folder / "jobs.jsonl").write_text(
        "".join(
            json.dumps({"job": job, "parts": [0], "of_parts": 3, "memory_MB": 800, "when": "then"}) + "\n"
            for job in ("5", "6")
        )
    )
    assert [one.scheduler for one in submitted(folder)] == ["slurm", "slurm"]
    commands(
        sbatch=f'echo "$*" >>{folder}/asked; [[ $* = *merge.sh ]] && echo 12 || echo 11',
        squeue="echo '5 0 COMPLETED'; echo '6 0 RUNNING'",
    )
    scripts = [Script(folder / "array-0.sh", (1, 2), Resources(60, 900))]
    assert submit(folder, "slurm", scripts, 3, 700) == ["11", "12"]
    assert (folder / "asked").read_text().splitlines() == [
        "--parsable array-0.sh",
        "--parsable --dependency=afterany:6:11 merge.sh",
    ]
    assert [(one.job, one.parts, one.memory_MB) for one in submitted(folder)[2:]] == [
        ("11", (1, 2), 900),
        ("12", (), 700),
    ]
