"""Tasks done next to each other by worker processes of this machine: the standard library's `Process`, a pipe
each, and one loop in the parent that waits for all of them.

No pool of joblib's or of `concurrent.futures`: a worker that is killed breaks those, and every task in hand is
lost; here it costs its own task, which is tried once more. Nor are their workers forked, as ours are on Linux
where no other thread is there, to share plan and compiled model: with 100,000 lines a worker was ready after
0.01 s of processor time with 3 MB of its own, loky's after 0.6 s with 51 MB. On macOS, in notebooks and next to
threads workers are spawned (0.6 s, 70 MB), and sent what they need once they are up.
"""

import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import ModuleType, SimpleNamespace
from typing import Any, Generic, TypeVar

from screen.errors import RunError
from screen.runner.execution.stop import SIGNALS, Stop

T = TypeVar("T")
Do = Callable[[int], T]
TRIES = 2
TICK_SECONDS = 0.5
EXIT_SECONDS = 10
START_SECONDS = 120  # a worker that has not said a word by then hangs
SILENT_SECONDS = 600  # without the end of a task, after which the log says which are in hand
AHEAD = 2, 8  # tasks that a worker is sent at a time, the first of them to begin at once; and at the start
UP, SPAWNED, LOGGED, DONE, RAISED = "up", "spawned", "logged", "done", "raised"

log = logging.getLogger(__name__)


@dataclass
class Worker:
    """A process, the pipe to it, and the tasks that it was sent, the first of them in hand."""

    process: BaseProcess
    pipe: Connection
    up: bool = False
    begun: float = field(default_factory=time.monotonic)
    tasks: deque[int] = field(default_factory=deque)


@dataclass
class Pool(Generic[T]):
    """What is to do, how often each task has cost a worker its life, and the workers by their pipes."""

    do: Do[T]
    jobs: int
    todo: deque[int]
    workers: dict[Connection, Worker] = field(default_factory=dict)
    died: "Counter[int]" = field(default_factory=Counter)
    stopping: bool = False
    stillborn: int = 0
    """Workers in a row that died before they were up."""


def each(
    do: Do[T],
    numbers: Sequence[int],
    jobs: int,
    stop: Stop,
    lost: Callable[[int, str], T],
    tick: Callable[[], None] = lambda: None,
) -> Iterator[T]:
    """What `do` returns for every number, `jobs` at a time, in the order in which they finish; `lost` says
    what it is for a number whose worker died each time, by number and reason. `tick` is called now and then.

    `do` must pickle where workers are spawned. A request to stop ends the handing out. Raises what `do`
    raises, and `RunError` where there can be no workers.
    """
    if min(jobs, len(numbers)) <= 1:
        yield from (do(number) for number in _until(stop, numbers))
        return
    pool = Pool(do, jobs, deque(numbers))
    first, heard = min(max(len(numbers) // (2 * jobs), AHEAD[0]), AHEAD[1]), time.monotonic()
    try:
        while pool.todo or any(worker.tasks for worker in pool.workers.values()):
            if stop.asked:
                _send_home(pool)
            _fill(pool)
            for worker in pool.workers.values():
                _hand_out(pool, worker, first)
            ready = wait(list(pool.workers), TICK_SECONDS)
            heard_of = [worker for pipe, worker in pool.workers.items() if pipe in ready]
            found = [answer for worker in heard_of for answer in _heard(pool, worker, lost)]
            first, heard = (AHEAD[0], time.monotonic()) if found else (first, heard)
            yield from found
            tick()
            heard = _watch(pool, heard)
    finally:
        for worker in pool.workers.values():
            _end(worker)


def _until(stop: Stop, numbers: Sequence[int]) -> Iterator[int]:
    for number in numbers:
        if stop.asked:
            return
        yield number


def _fill(pool: Pool[Any]) -> None:
    """Have a worker for each task, `jobs` at most; fewer where the system makes no more."""
    in_hand = sum(len(worker.tasks) > 0 for worker in pool.workers.values())
    while len(pool.workers) < min(pool.jobs, len(pool.todo) + in_hand):
        try:
            worker = start_worker(pool.do)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            if not pool.workers:
                raise RunError(f"no worker process can be made ({why}); fewer --jobs need fewer") from None
            log.warning("%d worker processes instead of %d: %s", len(pool.workers), pool.jobs, why)
            pool.jobs = len(pool.workers)
            return
        pool.workers[worker.pipe] = worker


def can_fork() -> bool:
    """Whether a fork is safe: on Linux, and where no other thread can hold a lock that a child would miss."""
    return sys.platform == "linux" and threading.active_count() == 1


def start_worker(do: Do[Any]) -> Worker:
    """A worker that is about to be up. Signals that ask to stop wait meanwhile: they are not for it."""
    fork = can_fork()
    context: BaseContext = multiprocessing.get_context("fork" if fork else "spawn")
    ours, theirs = multiprocessing.Pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        process = context.Process(target=serve, args=(theirs, do if fork else None), daemon=True)  # type: ignore[attr-defined]
        with contextlib.nullcontext() if fork else _no_main_module():
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
    return Worker(process, ours)


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide the program from a spawned worker, which would run it again to have what it defines: nothing that
    is done here is defined there, and a script without a guard, or from standard input, could not be run.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _hand_out(pool: Pool[Any], worker: Worker, ahead: int) -> None:
    """Send a worker that is up tasks to do; more than one only while there are more than workers."""
    while worker.up and pool.todo and len(worker.tasks) < (ahead if len(pool.todo) > pool.jobs else 1):
        worker.tasks.append(pool.todo.popleft())
        _send(worker, worker.tasks[-1])


def _send(worker: Worker, what: Any) -> None:
    """Send; that a worker died is heard when its pipe is read."""
    with contextlib.suppress(OSError):
        worker.pipe.send(what)


def _send_home(pool: Pool[Any]) -> None:
    """Have workers end once the task in hand is done."""
    if not pool.stopping:
        pool.stopping = True
        pool.todo.clear()
        for worker in pool.workers.values():
            _send(worker, None)


def _heard(pool: Pool[T], worker: Worker, lost: Callable[[int, str], T]) -> Iterator[T]:
    """What a worker has to say: the end of a task, a line for the log, that it is up; or that it died."""
    try:
        kind, message = worker.pipe.recv()
    except (EOFError, OSError):
        yield from _taken_back(pool, worker, lost)
        return
    if kind == UP:
        worker.up, pool.stillborn = True, 0
        if message == SPAWNED:
            _send(worker, pool.do)
    elif kind == LOGGED:
        logging.getLogger(message.name).handle(message)
    elif kind == RAISED:
        raise message
    else:
        worker.tasks.popleft()
        yield message


def _taken_back(pool: Pool[T], worker: Worker, lost: Callable[[int, str], T]) -> Iterator[T]:
    """Take back the tasks of a worker that died, but for one that has cost its second worker."""
    del pool.workers[worker.pipe]
    how = _end(worker, EXIT_SECONDS)
    if pool.stopping:
        return
    if not worker.up:
        pool.stillborn += 1
        if pool.stillborn > TRIES * pool.jobs:
            raise RunError(f"worker processes do not come up: the last one {how}; --jobs 1 needs none")
    elif worker.tasks:
        number = worker.tasks.popleft()
        pool.died[number] += 1
        if pool.died[number] < TRIES:
            worker.tasks.appendleft(number)
        else:
            yield lost(number, f"its process {how}, {TRIES} times")
    pool.todo.extendleft(reversed(worker.tasks))


def _watch(pool: Pool[Any], heard: float) -> float:
    """Kill workers that hang before they are up, and say when nothing has been heard for long; when it was
    last heard or said.
    """
    now = time.monotonic()
    for worker in pool.workers.values():
        if not worker.up and now - worker.begun > START_SECONDS:
            worker.process.kill()
    if now - heard < SILENT_SECONDS:
        return heard
    in_hand = ", ".join(str(worker.tasks[0]) for worker in pool.workers.values() if worker.tasks)
    log.warning("no shard has ended for %d minutes; in hand: %s", SILENT_SECONDS // 60, in_hand)
    return now


def _end(worker: Worker, patience: float = 0.0) -> str:
    """End a worker that does not end by itself; how it did, in words."""
    worker.process.join(patience)
    worker.process.kill()
    worker.process.join(EXIT_SECONDS)
    worker.pipe.close()
    code = worker.process.exitcode
    if code is None:  # the system reaps by itself where SIGCHLD is ignored
        return "ended"
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


def serve(pipe: Connection, do: Do[Any] | None) -> None:
    """In the worker: do what it is sent, until it is sent home or its parent is gone. To stop is for the
    parent to decide, which hears the same signals.
    """
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()  # what is the parent's stays where it is, and shared
    _log_through(pipe)
    with contextlib.suppress(EOFError, OSError):
        pipe.send((UP, SPAWNED if do is None else ""))
        do = pipe.recv() if do is None else do
        todo: deque[int] = deque()
        while do is not None:
            while not todo or pipe.poll():
                if (number := pipe.recv()) is None:
                    return
                todo.append(number)
            pipe.send(_answer(do, todo.popleft()))


def _answer(do: Do[Any], number: int) -> tuple[str, Any]:
    try:
        return DONE, do(number)
    except RunError as error:
        return RAISED, error
    except Exception as error:  # which may not pickle
        return RAISED, RunError(f"{type(error).__name__}: {' '.join(str(error).split())}")


def _end_with_parent() -> None:
    """End this process at once when its parent ends, however that happens."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _log_through(pipe: Connection) -> None:
    """Send what is logged to the parent, whose terminal has a progress bar."""
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
    sender = SimpleNamespace(put_nowait=lambda record: pipe.send((LOGGED, record)))
    logging.root.handlers[:] = [QueueHandler(sender)]
