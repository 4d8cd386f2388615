"""Files written whole or not at all: to another name in the same folder, flushed to disk, renamed.

A command that is killed leaves `.<file>.<random>.<host>.<process>.part`; its name says whose it is, so that a
run can tell what nobody is writing any more (`screen.runner.store.run_folder`).
"""

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screen.errors import InputError


def checked(path: Path, endings: tuple[str, ...]) -> Path:
    """`path`, when its folder exists and its ending is one of `endings`; else `InputError`."""
    if path.suffix.lower() not in endings:
        raise InputError(
            f"{path}: the ending {path.suffix or '(none)'!r} is not known; expected {' or '.join(endings)}"
        )
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder '{path.parent}' does not exist, expected an existing folder")
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected the name of a file")
    return path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A name to write to, which does not exist yet; it becomes `path` when the block ends without an error.

    The file and its folder are flushed to disk. On an error the unfinished file is removed, and what was at
    `path` before stays. The name does not end as `path` does: give a library that goes by endings a file object.
    """
    token = secrets.token_hex(4)  # two threads may write one file
    unfinished = path.with_name(f".{path.name}.{token}.{socket.gethostname()}.{os.getpid()}.part")
    try:
        yield unfinished
        flush(unfinished)
        os.replace(unfinished, path)
        flush(path.parent)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


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
