"""A server that forks processes for a parent with threads. A child forked beside a thread waits forever for
the locks that the thread held at that moment: an import's, or in Python 3.11 that of a `cached_property`. So
the parent forks this process while it has no thread yet; it never gets one, and forks the others when asked.

They share with the parent what it had loaded by then, hold none of its files, and end with it however that
happens.
"""

import contextlib
import ctypes
import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import Any, NoReturn

from screen.errors import RunError

PARENT_DEATH_SIGNAL = 1  # of prctl(2)
ANOTHER = -1  # asks for a process; any other number asks to bury the process of that number


@dataclass(frozen=True)
class ForkServer:
    """The server's process, the pipe to it, and whose turn it is to ask."""

    process: int
    pipe: Connection
    turn: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Child:
    """A process that the server forked, and the pipe to it."""

    process: int
    pipe: Connection


def start(work: Callable[[Connection], None]) -> ForkServer:
    """A server of processes that each do `work` with their end of a pipe; call it beside no other thread.
    Raises `RunError` where the system makes no more processes.
    """
    ours, theirs = Pipe()
    parent = os.getpid()
    try:
        process = os.fork()
    except OSError as error:
        raise _no_more(error) from None
    if process == 0:
        _ending(_serve, theirs, work, parent)
    theirs.close()
    return ForkServer(process, ours)


def fork(server: ForkServer) -> Child:
    """Another process. Raises `RunError` where the system makes no more, or the server is gone."""
    with server.turn, _answering(server):
        server.pipe.send(ANOTHER)
        answer = server.pipe.recv()
        if isinstance(answer, OSError):
            raise _no_more(answer)
        return Child(answer, Connection(recv_handle(server.pipe)))


def bury(server: ForkServer, process: int) -> str:
    """End a process of the server's whose pipe is broken; how it ended, in words. Raises as `fork` does."""
    with server.turn, _answering(server):
        server.pipe.send(process)
        return str(server.pipe.recv())


def close(server: ForkServer) -> None:
    """End the server and all its processes, whatever they do."""
    with server.turn:
        server.pipe.close()
    _wait(server.process)


@contextlib.contextmanager
def _answering(server: ForkServer) -> Iterator[None]:
    if server.pipe.closed:
        raise RunError("the workers were dismissed")
    try:
        yield
    except (EOFError, OSError):
        raise RunError("the process that makes workers was killed; the same command resumes") from None


def _no_more(error: OSError) -> RunError:
    why = (error.strerror or str(error)).lower()
    return RunError(f"no worker process can be made ({why}); fewer --jobs need fewer")


def _ending(do: Callable[..., None], *arguments: Any) -> NoReturn:
    """Do it and end this process, a child's, without what its parent would do at its end."""
    try:
        do(*arguments)
    finally:
        os._exit(0)


def _serve(pipe: Connection, work: Callable[[Connection], None], parent: int) -> None:
    """In the server: fork and bury until the parent is gone, then end what is left. To stop is the parent's
    to decide, which hears the same signals.
    """
    _end_with(parent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored nobody learns how a child ended
    _let_go_of_files(pipe.fileno())
    gc.freeze()  # what is the parent's stays where it is, and shared
    alive: set[int] = set()
    with contextlib.suppress(EOFError, OSError):
        while True:
            asked = pipe.recv()
            if asked == ANOTHER:
                alive |= _add(pipe, work, parent)
            else:
                pipe.send(_end(asked) if asked in alive else "ended")
                alive.discard(asked)
    for process in alive:
        _end(process)


def _add(pipe: Connection, work: Callable[[Connection], None], parent: int) -> set[int]:
    """In the server: fork a process and hand the parent its pipe."""
    ours, theirs = Pipe()
    server = os.getpid()
    try:
        process = os.fork()
    except OSError as error:
        pipe.send(error)
        return set()
    if process == 0:
        _end_with(server)
        pipe.close()
        ours.close()
        _ending(work, theirs)
    theirs.close()
    with ours:
        pipe.send(process)
        send_handle(pipe, ours.fileno(), parent)
    return {process}


def _end_with(parent: int) -> None:
    """Have the system end this process when its parent ends, however that happens."""
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


def _end(process: int) -> str:
    """End a child, if it has not ended; how it did, in words."""
    os.kill(process, signal.SIGKILL)
    return _wait(process)


def _wait(process: int) -> str:
    """Wait for a child to end; how it did, in words."""
    try:
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    except ChildProcessError:  # the system buries by itself where SIGCHLD is ignored
        return "ended"
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
