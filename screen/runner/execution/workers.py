"""Worker processes on one machine, forked once the model is compiled: they share plan and code with their
parent without a copy, and have an interpreter of their own, so that none waits for another's lock.

A worker does the tasks that it is asked for by number, until its parent is gone. One that is killed, for want
of memory perhaps, costs the task in hand: it is replaced, and the task is tried once more.
"""

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from screen.errors import RunError
from screen.runner.execution.forks import Child, ForkServer, bury, close, fork, start

T = TypeVar("T")
TRIES = 2


class Lost(Exception):
    """A task whose worker died each time; the text says how."""


@dataclass(frozen=True)
class Workers(Generic[T]):
    """What forks workers for the tasks, and those that are `idle`."""

    tasks: Sequence[Callable[[], T]]
    server: ForkServer
    idle: "SimpleQueue[Child]" = field(default_factory=SimpleQueue)


def can_fork() -> bool:
    """Whether a fork is safe: on Linux, and where no other thread can hold a lock that a child would miss."""
    return sys.platform == "linux" and threading.active_count() == 1


def fork_workers(tasks: Sequence[Callable[[], T]], count: int) -> Workers[T]:
    """`count` workers for the tasks. Raises `RunError` where the system makes no more processes."""
    workers = Workers(tasks, start(lambda pipe: _serve(pipe, tasks)))
    try:
        for _ in range(count):
            workers.idle.put(fork(workers.server))
    except RunError:
        dismiss(workers)
        raise
    return workers


def ask(workers: Workers[T], task: int) -> T:
    """Have the first idle worker do a task; what it returns or raises. Raises `Lost` for a task whose workers
    died, `RunError` where none can be made in their place.
    """
    for _ in range(TRIES):
        worker = workers.idle.get()
        try:
            kind, answer = _answer(worker.pipe, task)
        except (EOFError, OSError):
            worker.pipe.close()
            how = bury(workers.server, worker.process)
            worker = fork(workers.server)
        else:
            if kind == "raised":
                raise answer
            result: T = answer
            return result
        finally:
            workers.idle.put(worker)
    raise Lost(f"its process {how}, {TRIES} times")


def dismiss(workers: Workers[T]) -> None:
    """End all workers, whatever they do."""
    close(workers.server)


def _answer(pipe: Connection, task: int) -> tuple[str, Any]:
    """Ask for a task: "done" and what it returned, or "raised" and what. What is logged meanwhile is said."""
    pipe.send(task)
    while True:
        kind, said = pipe.recv()
        if kind != "said":
            return kind, said
        logging.getLogger(said.name).handle(said)


def _serve(pipe: Connection, tasks: Sequence[Callable[[], T]]) -> None:
    """In the worker: do what is asked for."""
    _speak_through(pipe)
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


def _speak_through(pipe: Connection) -> None:
    """Send what is logged to the parent, whose terminal has a progress bar."""
    from logging.handlers import QueueHandler

    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
    sender = SimpleNamespace(put_nowait=lambda record: pipe.send(("said", record)))
    logging.root.handlers[:] = [QueueHandler(sender)]
