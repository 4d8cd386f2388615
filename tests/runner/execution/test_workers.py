"""Worker processes: the tasks that they do, those that die, and what they share with their parent."""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from screen.errors import RunError
from screen.runner.execution.parallel import each
from screen.runner.execution.stop import Stop
from screen.runner.execution.workers import Workers, ask, can_fork, dismiss, fork_workers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
LEFT_ALONE = """\
import os, time
from screen.runner.execution.workers import ask, fork_workers
workers = fork_workers([os.getpid, lambda: time.sleep(60)], 2)
print(workers.server.process, ask(workers, 0), ask(workers, 0), flush=True)
ask(workers, 1)
"""


def given_up(task: int, reason: str) -> str:
    return f"task {task}: {reason}"


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are forked, whatever threads the tests before have left."""
    monkeypatch.setattr("screen.runner.execution.workers.can_fork", lambda: True)


@pytest.fixture
def workers() -> Iterator[Callable[..., "Workers[object]"]]:
    """Makes workers for tasks, and ends them."""
    made = []

    def make(*tasks: Callable[[], object], count: int = 1) -> "Workers[object]":
        made.append(fork_workers(tasks, count))
        return made[-1]

    yield make
    for one in made:
        dismiss(one)


def killed_at_first(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


@pytest.mark.usefixtures("forked")
def test_tasks_are_done_in_processes_side_by_side() -> None:
    def pause() -> int:
        time.sleep(0.05)
        return os.getpid()

    found = list(each([pause] * 6, 2, Stop(), lambda task, reason: -1))
    assert len(found) == 6
    assert len(set(found)) == 2
    assert os.getpid() not in found


@pytest.mark.usefixtures("forked")
def test_a_killed_worker_costs_its_task_which_is_tried_again(tmp_path: Path) -> None:
    tasks = [lambda: killed_at_first(tmp_path / "mark"), *[lambda: "done"] * 4]
    assert list(each(tasks, 2, Stop(), given_up)) == ["done"] * 5


@pytest.mark.usefixtures("forked")
def test_workers_are_replaced_where_the_system_buries_the_dead_by_itself(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        tasks = [lambda: killed_at_first(tmp_path / "mark"), lambda: "done"]
        assert list(each(tasks, 2, Stop(), given_up)) == ["done"] * 2
    finally:
        signal.signal(signal.SIGCHLD, before)


@pytest.mark.usefixtures("forked")
def test_a_task_that_always_kills_its_worker_is_given_up_and_the_others_are_done() -> None:
    tasks = [lambda: "done"] * 5
    tasks.insert(2, lambda: str(os.kill(os.getpid(), signal.SIGKILL)))
    found = sorted(each(tasks, 2, Stop(), given_up))
    assert found == ["done"] * 5 + ["task 2: its process was ended by SIGKILL, 2 times"]


def test_what_a_task_raises_is_raised(workers: Callable[..., "Workers[object]"]) -> None:
    def fail() -> None:
        raise RunError("the disk is full")

    made = workers(fail, lambda: "done")
    with pytest.raises(RunError, match="the disk is full"):
        ask(made, 0)
    assert ask(made, 1) == "done"


def test_what_a_worker_logs_is_said_by_its_parent(
    workers: Callable[..., "Workers[object]"], caplog: pytest.LogCaptureFixture
) -> None:
    ask(workers(lambda: logging.getLogger("screen.runner").warning("shard %d is bad", 7)), 0)
    assert [record.getMessage() for record in caplog.records] == ["shard 7 is bad"]


def test_a_worker_does_not_listen_to_requests_to_stop(workers: Callable[..., "Workers[object]"]) -> None:
    made = workers(os.getpid)
    process = ask(made, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        os.kill(process, number)
        os.kill(made.server.process, number)
    assert ask(made, 0) == process


def test_a_worker_holds_no_lock_of_its_parent(
    workers: Callable[..., "Workers[object]"], tmp_path: Path
) -> None:
    path = tmp_path / "lock"
    held = os.open(path, os.O_CREAT | os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    made = workers(lambda: None)
    ask(made, 0)
    os.close(held)
    with path.open() as again:
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert ask(made, 0) is None


def test_a_worker_misses_no_lock_that_a_thread_held_while_it_was_forked(
    workers: Callable[..., "Workers[object]"], tmp_path: Path
) -> None:
    lock, mark = threading.Lock(), tmp_path / "mark"

    def locked() -> str:
        with lock:
            return killed_at_first(mark)

    made, found = workers(locked), []
    asking = threading.Thread(target=lambda: found.append(ask(made, 0)), daemon=True)
    with lock:
        asking.start()
        asking.join(20)
    assert found == ["done"]


def test_without_what_forks_them_dead_workers_are_not_replaced(
    workers: Callable[..., "Workers[object]"],
) -> None:
    made = workers(lambda: time.sleep(60))
    threading.Timer(0.05, os.kill, (made.server.process, signal.SIGKILL)).start()
    for _ in range(2):
        with pytest.raises(RunError, match="makes workers was killed; the same command resumes"):
            ask(made, 0)


def test_dismissed_workers_are_gone_and_asked_in_vain(workers: Callable[..., "Workers[object]"]) -> None:
    made = workers(os.getpid, lambda: time.sleep(60), count=2)
    processes = [made.server.process, ask(made, 0), ask(made, 0)]
    said = []

    def asked_in_vain() -> None:
        with pytest.raises(RunError) as lost:
            ask(made, 1)
        said.append(str(lost.value))

    asking = threading.Thread(target=asked_in_vain)
    asking.start()
    time.sleep(0.05)
    dismiss(made)
    asking.join(10)
    assert said == ["the workers were dismissed"]
    assert not any(Path(f"/proc/{process}").exists() for process in processes)


def test_workers_end_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", LEFT_ALONE], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    processes = parent.stdout.readline().split()
    assert len(set(processes)) == 3
    parent.kill()
    assert parent.stdout.read() == ""  # the end of the file: nobody has it open any more
    parent.wait()
    begun = time.monotonic()
    while any(_runs(process) for process in processes):
        assert time.monotonic() - begun < 10
        time.sleep(0.01)


def _runs(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_is_forked_beside_another_thread() -> None:
    leave = threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    try:
        assert not can_fork()
        assert set(each([os.getpid] * 3, 2, Stop(), lambda task, reason: -1)) == {os.getpid()}
    finally:
        leave.set()
        thread.join()


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.usefixtures("forked")
def test_a_request_to_stop_ends_the_handing_out(jobs: int) -> None:
    stop = Stop()
    done = 0
    for _ in each([lambda: time.sleep(0.02)] * 20, jobs, stop, lambda task, reason: None):
        done += 1
        stop.ask()
    assert done <= 2 * jobs
