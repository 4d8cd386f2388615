"""Worker processes on one machine, forked once the model is compiled: they share plan and code with their
parent without a copy, and have an interpreter of their own, so that none waits for another's lock.

A worker does the tasks that it is asked for by number, until its parent is gone. One that is killed, for want
of memory perhaps, costs the task in hand: it is replaced, and the task is tried once more.
"""

import contextlib
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Generic, TypeVar

from screen.runner.errors import RunError

T = TypeVar("T")
TRIES = 2
PARENT_DEATH_SIGNAL = 1  # of prctl(2)


class Lost(Exception):
    """A task whose worker died each time; the text says how."""


@dataclass(frozen=True)
class Worker:
    """A child process and the parent's end of the pipe to it."""

    process: int
    pipe: Connection


@dataclass(frozen=True)
class Workers(Generic[T]):
    """The tasks, the workers that are `alive` by process, and those among them that are `idle`."""

    tasks: Sequence[Callable[[], T]]
    alive: dict[int, Worker] = field(default_factory=dict)
    idle: "SimpleQueue[Worker]" = field(default_factory=SimpleQueue)


def can_fork() -> bool:
    """Whether a fork is safe: on Linux, and where no other thread can hold a lock that a child would miss."""
    return sys.platform == "linux" and threading.active_count() == 1


def fork_workers(tasks: Sequence[Callable[[], T]], count: int) -> Workers[T]:
    """`count` workers for the tasks. Raises `RunError` where the system makes no more processes."""
    workers = Workers(tasks)
    for _ in range(count):
        _fork(workers)
    return workers


def ask(workers: Workers[T], task: int) -> T:
    """Have the first idle worker do a task; what it returns or raises. Raises `Lost` for a task whose workers
    died, `RunError` where none can be made in their place.
    """
    for _ in range(TRIES):
        worker = workers.idle.get()
        try:
            worker.pipe.send(task)
            while (answer := worker.pipe.recv())[0] == "said":
                logging.getLogger(answer[1].name).handle(answer[1])
        except (EOFError, OSError):
            if workers.alive.pop(worker.process, None) is None:
                break  # dismissed
            how = _bury(worker.process)
            worker.pipe.close()
            _fork(workers)
            continue
        workers.idle.put(worker)
        if answer[0] == "raised":
            raise answer[1]
        result: T = answer[1]
        return result
    else:
        raise Lost(f"its process {how}, {TRIES} times")
    raise Lost("its process was dismissed")


def dismiss(workers: Workers[T]) -> None:
    """End all workers, whatever they do."""
    while workers.alive:
        process, _ = workers.alive.popitem()
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        _bury(process)


def _fork(workers: Workers[T]) -> None:
    """Add a worker. h5py and logging see to their own locks; a child takes no other of its parent's."""
    ours, theirs = Pipe()
    parent = os.getpid()
    try:
        process = os.fork()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise RunError(f"no worker process can be made ({why}); fewer --jobs need fewer") from None
    if process == 0:
        try:
            _serve(theirs, workers.tasks, parent)
        finally:
            os._exit(0)
    theirs.close()
    worker = Worker(process, ours)
    workers.alive[process] = worker
    workers.idle.put(worker)


def _serve(pipe: Connection, tasks: Sequence[Callable[[], T]], parent: int) -> None:
    """In the child: do what is asked for. To stop is the parent's to decide, which hears the same signals."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    _end_with(parent)
    _let_go_of_files(pipe.fileno())
    _speak_through(pipe)
    gc.freeze()  # what is the parent's stays where it is, and shared
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            answer = "done", tasks[task]()
        except Exception as error:
            answer = "raised", error
        pipe.send(answer)


def _end_with(parent: int) -> None:
    """Have the system end this process when its parent ends, however that happens."""
    import ctypes

    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _let_go_of_files(but: int) -> None:
    """Hold none of the parent's open files: a lock of its would outlive it. Their numbers stay taken, since
    objects of the parent's still have them.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number > 2 and number not in (but, nothing) and os.path.exists(f"/proc/self/fd/{name}"):
            os.dup2(nothing, number)
    os.close(nothing)


def _speak_through(pipe: Connection) -> None:
    """Send what is logged to the parent, whose terminal has a progress bar."""
    from logging.handlers import QueueHandler

    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
    sender = SimpleNamespace(put_nowait=lambda record: pipe.send(("said", record)))
    logging.root.handlers[:] = [QueueHandler(sender)]


def _bury(process: int) -> str:
    """Wait for a process to end; how it did, in words."""
    try:
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    except ChildProcessError:  # the system buries by itself where SIGCHLD is ignored
        return "ended"
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
