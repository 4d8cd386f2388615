"""Files written whole or not at all: to another name in the same folder, flushed to disk, renamed. Pipes and
devices, which cannot be renamed to, get all of it at once at the end.

A command that is killed leaves `.<file>.<random>.<host>.<process>.part`; its name says whose it is, so that the
next one that writes the file can tell what nobody is writing any more.
"""

import contextlib
import os
import re
import secrets
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from screen.errors import InputError

STALE_SECONDS = 86_400
UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}\..+\.(\d{1,9})\.part", re.DOTALL)
LONGEST_NAME = 255
"""Bytes in the name of a file on the file systems of Linux and macOS."""
OWN_HANDLE = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/self/fd/\d+")


def checked(path: Path, endings: tuple[str, ...], keep: Iterable[Path | None] = ()) -> Path:
    """`path`, when its folder exists, its ending is one of `endings`, and it is none of the files to `keep`,
    which a command reads or writes as well (links followed); else `InputError`. What killed commands left in the
    folder is removed. A pipe or a device may have any ending.
    """
    if is_stream(path):
        return path
    if path.suffix.lower() not in endings:
        raise InputError(
            f"{path}: the ending {path.suffix or '(none)'!r} is not known; expected {' or '.join(endings)}"
        )
    try:
        inside = path.absolute().parent.is_dir()
    except ValueError:
        raise InputError(f"{str(path)!r}: found a name that no file can have") from None
    if not inside:
        raise InputError(f"{path}: the folder '{path.parent}' does not exist, expected an existing folder")
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected the name of a file")
    if len(os.fsencode(path.name)) > LONGEST_NAME:
        raise InputError(f"{path.name[:40]}...: expected a name of at most {LONGEST_NAME} bytes")
    for other in keep:
        if other is not None and is_same_file(path, other):
            raise InputError(
                f"{path}: is the same file as {other}, expected another name for what is written"
            )
    sweep(path.absolute().parent)
    return path


def occupied(path: Path, why: str = "", force: bool = True) -> InputError:
    """What is said where something stands at `path` that nobody asked to lose; `why` it is not written over, and
    whether `--force` would.
    """
    reason, more = f" and {why}" if why else "", ", or --force" if force else ""
    return InputError(f"{path}: exists already{reason}, expected another name{more}")


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names are of one file, by whatever links; of a file that is not there, whether they would be."""
    if one.exists() and other.exists():
        return os.path.samefile(one, other)
    return os.path.realpath(one) == os.path.realpath(other)


def is_stream(path: Path) -> bool:
    """Whether writing to `path` is writing to a pipe, a terminal or a device."""
    if OWN_HANDLE.fullmatch(str(path)):
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def unfinished_prefix(name: str) -> str:
    """How the names begin under which the file `name` is written, cut so that the rest finds room."""
    room = LONGEST_NAME - 1 - len(os.fsencode(f".00000000.{machine()}.{2**22}.part"))
    return "." + os.fsdecode(os.fsencode(name)[:room])


@cache
def machine() -> str:
    """This machine, and on Linux which of its numberings of processes this is: containers may share a name."""
    with contextlib.suppress(OSError):
        return f"{socket.gethostname()}-{re.sub(r'[^0-9]', '', os.readlink('/proc/self/ns/pid'))}"
    return socket.gethostname()


def sweep(folder: Path) -> None:
    """Remove unfinished files of ours in a folder that nobody is writing: those of ended processes of this machine,
    and those a day old.
    """
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if found := UNFINISHED.fullmatch(name):
                _remove_ended(folder / name, int(found[1]))


def _remove_ended(path: Path, process: int) -> None:
    with contextlib.suppress(OSError):
        ended = path.name.endswith(f".{machine()}.{process}.part") and not _is_alive(process)
        if ended or time.time() - path.lstat().st_mtime > STALE_SECONDS:
            path.unlink()


def _is_alive(process: int) -> bool:
    """Whether a process of this machine is there and has not ended: an orphan may wait long to be reaped."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return True


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A name to write to, which does not exist yet; it becomes `path` when the block ends without an error.

    The file and its folder are flushed to disk. On an error the unfinished file is removed, and what was at
    `path` before stays. The name does not end as `path` does: give a library that goes by endings a file object.
    """
    if is_stream(path):
        with tempfile.TemporaryDirectory(prefix="herscreen-") as folder:
            yield Path(folder) / "whole"
            _pour(Path(folder) / "whole", path)
        return
    token = secrets.token_hex(4)  # two threads may write one file, and nobody may put a link there before
    unfinished = path.with_name(f"{unfinished_prefix(path.name)}.{token}.{machine()}.{os.getpid()}.part")
    try:
        yield unfinished
        flush(unfinished)
        os.replace(unfinished, path)
        flush(path.parent)
    except OSError as error:  # of a disk that is full, which does not say where
        error.filename = error.filename or str(path)
        raise
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _pour(whole: Path, path: Path) -> None:
    """All of a finished file into a pipe or a device; a pipe that nobody reads is not waited for."""
    if OWN_HANDLE.fullmatch(str(path)):
        last = path.name
        number = {"stdout": 1, "stderr": 2}.get(last) or int(last)
        handle = os.dup(number)
    else:
        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as out, whole.open("rb") as found:
        shutil.copyfileobj(found, out)


def flush(path: Path) -> None:
    """Have the system put a file, or a folder's names, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> Path:
    """Write `text` in UTF-8, whole or not at all; returns `path`."""
    with atomic_write(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    return path
