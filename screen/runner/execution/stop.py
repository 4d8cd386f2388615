"""Asking a run to stop: it finishes and writes the shards in hand, and begins no other."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

INTERRUPTED, REQUEUE = 130, 75
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


class Stop:
    """A request to stop, shared by the threads of a run."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.exit_status = INTERRUPTED

    @property
    def asked(self) -> bool:
        return self._event.is_set()

    def ask(self, exit_status: int = INTERRUPTED) -> None:
        self.exit_status = exit_status
        self._event.set()

    @contextlib.contextmanager
    def on_signals(self, notice: Callable[[str], None]) -> Iterator["Stop"]:
        """Within, Ctrl-C asks once and ends the process the second time; SIGTERM and SIGUSR1 ask for
        requeueing.
        """

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            if self.asked:
                notice("stopped at once; the same command resumes")
                os._exit(INTERRUPTED)  # an orderly end would pull compiled code from under threads in it
            self.ask(INTERRUPTED)
            notice("finishing the shards in hand; Ctrl-C again stops at once")

        def requeue(_number: int, _frame: FrameType | None) -> None:
            if not self.asked:
                self.ask(REQUEUE)
                notice("asked to stop: finishing the shards in hand")

        handlers = {signal.SIGINT: interrupt, signal.SIGTERM: requeue, signal.SIGUSR1: requeue}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
