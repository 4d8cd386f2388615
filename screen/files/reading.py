"""Files of the user's own, read without trust: a regular file, at most so many bytes, text in UTF-8. A pipe that
nobody writes to, a device that never ends and a folder are one line instead of a wait or of all memory.
"""

import os
import stat
from pathlib import Path

from screen.errors import InputError

LARGEST_TABLE = 2_000_000_000
"""Bytes of a table that is read at once, at most."""
ANY_SIZE = 2**60
"""Bytes of a file that is read piece by piece."""


def require_file(path: str | Path, most: int, expected: str) -> None:
    """Raise `InputError` unless `path` is a regular file of at most `most` bytes; `expected` says what it should be."""
    os.close(_opened(path, most, expected))


def read_bytes(path: str | Path, most: int, expected: str) -> bytes:
    """All bytes of a regular file; raises `InputError` as `require_file` does."""
    with os.fdopen(_opened(path, most, expected), "rb") as file:
        found = file.read(most + 1)  # a file of /proc has no size before it is read
    if len(found) > most:
        raise _too_large(path, most, expected)
    return found


def read_text(path: str | Path, most: int, expected: str) -> str:
    """The text of a regular file in UTF-8, with newlines as Python has them; raises `InputError`."""
    try:
        text = read_bytes(path, most, expected).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected {expected} in UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _opened(path: str | Path, most: int, expected: str) -> int:
    """A handle to read with, of a file that was found to be one after it was opened."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe is not waited for
    except OSError as error:
        found = (error.strerror or "cannot be read").lower()
        raise InputError(f"{path}: {found}; expected {expected}") from None
    except ValueError:  # a NUL, or half of a character
        raise InputError(f"{str(path)!r}: found a name that no file can have; expected {expected}") from None
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        what = "a folder" if stat.S_ISDIR(about.st_mode) else "a pipe or a device, not a file"
        raise InputError(f"{path}: found {what}; expected {expected}")
    if about.st_size > most:
        os.close(handle)
        raise _too_large(path, most, expected)
    return handle


def _too_large(path: str | Path, most: int, expected: str) -> InputError:
    return InputError(f"{path}: expected {expected} of at most {most // 1_000_000} MB")
