"""The pool of worker processes: tasks done, workers that die, requests to stop, and what is left behind. What
matters with forked workers and with spawned ones, which macOS, notebooks and programs with threads have.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from screen.errors import RunError
from screen.runner.execution import pool
from screen.runner.execution.pool import can_fork, each
from screen.runner.execution.stop import Stop
from tests.paths import ROOT

COUNT = 6
LEFT_ALONE = """\
import os, time
from screen.runner.execution.pool import each
from screen.runner.execution.stop import Stop
def do(number):
    print(os.getpid(), flush=True)
    time.sleep(60)
list(each(do, [0, 1], 2, Stop(), lambda number, reason: None))
"""


@pytest.fixture(params=["fork"], autouse=True)
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """How workers begin, whatever threads the tests before have left."""
    if request.param == "fork" and sys.platform != "linux":
        pytest.skip("workers are forked on Linux only")
    monkeypatch.setattr(pool, "can_fork", lambda: request.param == "fork")
    return request.param


both_ways = pytest.mark.parametrize("how", ["fork", "spawn"], indirect=True)


@dataclass(frozen=True)
class Task:
    """Says where it is done; kills its worker at `deadly` numbers, of `once` the first time only."""

    folder: Path
    deadly: tuple[int, ...] = ()
    once: tuple[int, ...] = ()
    seconds: float = 0.05

    def __call__(self, number: int) -> int:
        time.sleep(self.seconds)
        mark = self.folder / f"begun-{number}"
        if number in self.deadly or (number in self.once and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()


def fails(number: int) -> int:
    if number == 1:
        raise RunError("the disk is full")
    return number


def fails_with_what_does_not_pickle(_number: int) -> int:
    raise type("Strange", (Exception,), {})("of its own")


def warns(number: int) -> int:
    logging.getLogger("screen.runner").warning("shard %d is bad", number)
    return number


def signalled(number: int) -> int:
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        os.kill(os.getpid(), one)
    return number


def given_up(number: int, reason: str) -> str:
    return f"{number}: {reason}"


def done(do: Callable[[int], Any], count: int = COUNT, stop: Stop | None = None) -> Iterator[Any]:
    return each(do, range(count), 2, stop or Stop(), given_up)


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_tasks_are_done_in_processes_next_to_each_other(tmp_path: Path) -> None:
    found = list(done(Task(tmp_path)))
    assert len(found) == COUNT
    assert len(set(found)) == 2
    assert os.getpid() not in found
    assert not any(runs(process) for process in found)


@pytest.mark.slow
@both_ways
def test_a_killed_worker_costs_its_task_which_is_tried_again(tmp_path: Path) -> None:
    found = list(done(Task(tmp_path, once=(0, 3))))
    assert all(isinstance(one, int) for one in found)
    assert len(found) == COUNT


@pytest.mark.slow
@both_ways
def test_a_task_that_kills_its_worker_twice_is_given_up_and_the_others_are_done(tmp_path: Path) -> None:
    found = list(done(Task(tmp_path, deadly=(2,))))
    assert len(found) == COUNT
    assert [one for one in found if isinstance(one, str)] == ["2: its process was ended by SIGKILL, 2 times"]


@pytest.mark.slow
def test_workers_are_replaced_where_the_system_reaps_the_dead_by_itself(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        found = list(done(Task(tmp_path, once=(1,), deadly=(4,))))
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert len(found) == COUNT
    assert [one for one in found if isinstance(one, str)] == ["4: its process ended, 2 times"]


def test_what_a_task_raises_is_raised_and_no_worker_is_left() -> None:
    with pytest.raises(RunError, match="the disk is full"):
        list(done(fails))
    with pytest.raises(RunError, match="Strange: of its own"):
        list(done(fails_with_what_does_not_pickle))


@pytest.mark.slow
@both_ways
def test_what_a_worker_logs_is_said_by_its_parent(caplog: pytest.LogCaptureFixture) -> None:
    assert sorted(done(warns, 2)) == [0, 1]
    assert sorted(record.getMessage() for record in caplog.records) == ["shard 0 is bad", "shard 1 is bad"]


def test_a_worker_does_not_listen_to_requests_to_stop() -> None:
    assert sorted(done(signalled)) == list(range(COUNT))


@pytest.mark.slow
@both_ways
def test_a_request_to_stop_ends_with_the_tasks_in_hand(tmp_path: Path) -> None:
    stop, found = Stop(), []
    for one in done(Task(tmp_path, seconds=0.3), 40, stop):
        found.append(one)
        stop.ask()
    assert 1 <= len(found) <= 2 * 2
    assert not any(runs(process) for process in found)


@both_ways
def test_workers_that_do_not_come_up_are_one_error(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    whole = pool.start_worker

    def stillborn(do: Any) -> Any:
        worker = whole(do)
        worker.process.kill()
        return worker

    if how == "fork":
        monkeypatch.setattr(pool, "serve", lambda pipe, do: os._exit(3))
    else:
        monkeypatch.setattr(pool, "start_worker", stillborn)
    with pytest.raises(RunError, match="worker processes do not come up: the last one"):
        list(done(fails))


@pytest.mark.slow
def test_a_worker_that_hangs_before_it_is_up_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole, mark = pool.serve, tmp_path / "hung"

    def hangs_at_first(pipe: Any, do: Any) -> None:
        if not mark.exists():
            mark.touch()
            time.sleep(60)
        whole(pipe, do)

    monkeypatch.setattr(pool, "serve", hangs_at_first)
    monkeypatch.setattr(pool, "START_SECONDS", 0.5)
    begun = time.monotonic()
    assert len(list(done(Task(tmp_path, seconds=0.3), 20))) == 20
    assert mark.exists()
    assert time.monotonic() - begun < 30


def test_a_long_silence_is_told_with_what_is_in_hand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pool, "SILENT_SECONDS", 0.0)
    list(done(Task(tmp_path), 2))
    assert any("no shard has ended for 0 minutes; in hand: " in one.getMessage() for one in caplog.records)


def test_without_processes_to_be_had_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_do: Any) -> Any:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(pool, "start_worker", refused)
    with pytest.raises(RunError, match=r"no worker process can be made .*; fewer --jobs need fewer"):
        list(done(fails))


def test_fewer_processes_than_asked_for_do_it_all(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole, made = pool.start_worker, []

    def one_only(do: Any) -> Any:
        if made:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        made.append(whole(do))
        return made[0]

    monkeypatch.setattr(pool, "start_worker", one_only)
    assert sorted(done(warns)) == list(range(COUNT))
    assert "1 worker processes instead of 2" in caplog.text


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", LEFT_ALONE],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    assert parent.stdout is not None
    workers = [int(parent.stdout.readline()) for _ in range(2)]
    parent.kill()
    assert parent.stdout.read() == ""  # the end of the file: nobody has it open any more
    parent.wait()
    begun = time.monotonic()
    while any(runs(worker) for worker in workers):
        assert time.monotonic() - begun < 10
        time.sleep(0.01)


def test_nothing_is_forked_next_to_another_thread() -> None:
    leave = threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    try:
        assert not can_fork()
    finally:
        leave.set()
        thread.join()
