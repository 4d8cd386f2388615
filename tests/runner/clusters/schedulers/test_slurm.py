"""What Slurm is asked and how its answers are read, with stand-ins for its commands."""

from pathlib import Path

import pytest

from screen.errors import RunError
from screen.runner.clusters.schedulers import slurm
from screen.runner.clusters.schedulers.scheduler import OUT_OF_MEMORY, TIME_LIMIT, Queue
from tests.runner.clusters.conftest import Commands

QUEUE: Queue = slurm.SlurmQueue()
DISABLED = "echo Slurm accounting storage is disabled >&2; exit 1"


def test_a_task_waits_until_squeue_shows_an_end(commands: Commands) -> None:
    states = [
        "7 0 PENDING",
        "7 1 SUSPENDED",
        "7 2 COMPLETED",
        "7 3 OUT_OF_MEMORY",
        "8 N/A RUNNING",
        "9 0 RUNNING",
    ]
    commands(squeue="\n".join(f"echo '{line}'" for line in states))
    assert QUEUE.waiting(["7", "8"]) == {"7_0", "7_1", "8"}
    assert QUEUE.waiting([]) == set()


def test_what_must_be_known_is_an_error_where_slurm_does_not_answer(commands: Commands) -> None:
    with pytest.raises(RunError, match="squeue: not found; Slurm's commands are needed"):
        QUEUE.waiting(["7"])
    commands(squeue="echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1")
    assert QUEUE.waiting(["7"]) == set()
    commands(squeue="echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(RunError, match="squeue: Unable to contact"):
        QUEUE.waiting(["7"])


@pytest.mark.parametrize(
    ("state", "log", "reason"),
    [
        ("OUT_OF_MEMORY", "", OUT_OF_MEMORY),
        ("TIMEOUT", "of an earlier turn: exceeded memory limit", TIME_LIMIT),
        ("CANCELLED by 1000", "slurmstepd: error: Job exceeded memory limit, being killed", OUT_OF_MEMORY),
        ("CANCELLED by 1000", "", "cancelled"),
        ("NODE_FAIL", "12 shards stand", "its node failed"),
        ("FAILED", "CANCELLED AT 12:00 DUE TO TIME LIMIT", TIME_LIMIT),
        ("FAILED", "herscreen: no room", None),
        ("COMPLETED", "", None),
    ],
)
def test_why_a_task_ended_is_asked_of_sacct(
    commands: Commands, state: str, log: str, reason: str | None
) -> None:
    commands(sacct=f"echo '7_3|{state}'; echo '7_[4-9]|PENDING'", squeue="exit 0")
    assert QUEUE.why_ended({"7_3": log}).get("7_3") == reason


def test_without_accounts_squeue_and_the_log_are_asked(commands: Commands) -> None:
    logs = {"7_3": "", "8": "exceeded memory limit", "9": "gone"}
    commands(sacct=DISABLED, squeue="echo '7 3 OUT_OF_MEMORY'")
    assert QUEUE.why_ended(logs) == {"7_3": OUT_OF_MEMORY, "8": OUT_OF_MEMORY}
    commands(squeue="exit 1")
    assert QUEUE.why_ended(logs) == {"8": OUT_OF_MEMORY}


def test_without_slurm_the_log_alone_says_why() -> None:
    assert QUEUE.why_ended({"8": "oom-kill event"}) == {"8": OUT_OF_MEMORY}


def test_squeue_knows_better_than_sacct_what_is_in_its_next_turn(commands: Commands) -> None:
    commands(sacct="echo '7_3|NODE_FAIL'", squeue="echo '7 3 RUNNING'")
    assert QUEUE.why_ended({"7_3": ""}) == {}


def test_a_busy_sbatch_is_asked_again(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm.time, "sleep", lambda _: None)
    script = tmp_path / "array-0.sh"
    busy = 'if [ -e asked ]; then echo "$*;cluster"; else : >asked; echo Socket timed out >&2; exit 1; fi'
    commands(sbatch=busy)
    assert QUEUE.submit(script, ["7", "8"]) == "--parsable --dependency=afterany:7:8 array-0.sh"
    commands(sbatch="echo Invalid account >&2; exit 1")
    with pytest.raises(RunError, match=r"sbatch refused .*array-0.sh: Invalid account"):
        QUEUE.submit(script)


def test_sbatch_without_a_cluster_gives_the_hint_and_where_the_scripts_are(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm.time, "sleep", lambda _: None)
    hint = "no Slurm cluster answers on this machine; the scripts stand in .*--scheduler names another than Slurm.*"
    for said in ("Could not establish a configuration source", "Unable to contact slurm controller"):
        commands(sbatch=f"echo 'sbatch: error: x' >&2; echo 'sbatch: fatal: {said}' >&2; exit 1")
        with pytest.raises(RunError, match=f"{hint}it said: sbatch: fatal: {said}"):
            QUEUE.submit(tmp_path / "array-0.sh")


def test_the_largest_array_is_slurm_s_or_its_default(commands: Commands) -> None:
    assert QUEUE.largest_array() == slurm.DEFAULT_MAX_ARRAY
    commands(scontrol="echo 'MaxArraySize            = 250'")
    assert QUEUE.largest_array() == 250
