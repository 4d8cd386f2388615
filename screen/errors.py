"""Errors of one clear line: what a user can mend (the place, what was found, what was expected), and how a run
can end early.
"""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Bad input. The command line prints its one line and exits with status 2."""


class RunError(RuntimeError):
    """A run that failed, in one line; the command line exits with status 1."""


class Stopped(Exception):
    """A run that stopped when asked to: 130 after Ctrl-C, 75 when it wants requeueing."""

    def __init__(self, exit_status: int) -> None:
        super().__init__("stopped early; the same command resumes")
        self.exit_status = exit_status


CONTROLS = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (
        *range(32),
        *range(127, 160),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
    )
    if chr(code) not in "\n\t"
}


def printable(text: str) -> str:
    """`text` for a terminal: what would steer it (escape codes, changes of direction) as its code, for names are
    data and may be a stranger's. Line ends and tabs stay.
    """
    return text.translate(CONTROLS)


IGNORED = str.maketrans("", "", " -_\t")


def plain(name: str) -> str:
    """The form in which names are compared: case, spaces, `-` and `_` do not count."""
    return name.casefold().translate(IGNORED)


def nearest(name: str, known: Iterable[str]) -> str:
    """`"; did you mean 'SKBR3'?"` for the known name most like `name`, or an empty string."""
    by_plain = {plain(candidate): candidate for candidate in known}
    match = difflib.get_close_matches(plain(name), list(by_plain), n=1, cutoff=0.6)
    return f"; did you mean '{by_plain[match[0]]}'?" if match else ""
