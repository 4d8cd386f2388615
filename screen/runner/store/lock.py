"""Locks between processes. A lock lives as long as its holder: the system lets go of it when the process
ends, however it ends, so a lock file that was left behind means nothing.
"""

import contextlib
import errno
import json
import logging
import os
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from screen.errors import InputError

try:
    import fcntl
except ImportError:
    raise ImportError("screens run on Linux and macOS (on Windows: in WSL 2), for locks are POSIX") from None

TRIES = 5
HELD = (errno.EAGAIN, errno.EACCES)
NOT_SUPPORTED = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)

log = logging.getLogger(__name__)


class Locked(Exception):
    """Somebody else holds the lock; the text says who."""


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock at `path`, or raise `Locked` at once. The file is removed on leaving."""
    handle = _acquire(path)
    try:
        os.ftruncate(handle, 0)
        holder = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        }
        os.pwrite(handle, json.dumps(holder).encode(), 0)
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        os.close(handle)


def holder(path: Path) -> str | None:
    """Who holds the lock at `path`, in words; None when nobody does."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError:  # a link, or one that only its owner may read
        return "another process"
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return _words(handle) if error.errno in HELD else None
    finally:
        os.close(handle)
    return None


def _acquire(path: Path) -> int:
    """An open, locked handle of the file that stands at `path` now (its last holder may just have removed
    it).
    """
    for attempt in range(TRIES):
        handle = _opened(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except OSError as error:
            if error.errno in NOT_SUPPORTED:
                log.warning(
                    "the file system of %s has no locks: make sure that only one run writes there", path
                )
                return handle
            words = _words(handle)
            os.close(handle)
            if error.errno not in HELD:
                raise
            if attempt == TRIES - 1:
                raise Locked(words) from None
            time.sleep(0.02)  # `holder` may be looking at it
        else:
            os.close(handle)
    raise Locked("another process")


def _opened(path: Path) -> int:
    """The lock file, made where it is not there. Raises `InputError` for anything but a plain file of one name:
    what a link leads to would be written over.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise
        raise InputError(f"{path}: found something else in place of a lock file; remove it") from None
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        os.close(handle)
        raise InputError(f"{path}: found something else in place of a lock file; remove it")
    return handle


def _words(handle: int) -> str:
    try:
        found = json.loads(os.pread(handle, 4096, 0))
        return f"process {found['pid']} on {found['host']} since {found['since']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
