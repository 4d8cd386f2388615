"""Errors that a user can mend: one clear line that names the place, what was found and what was expected."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Bad input. The command line prints its one line and exits with status 2."""


IGNORED = str.maketrans("", "", " -_\t")


def plain(name: str) -> str:
    """The form in which names are compared: case, spaces, `-` and `_` do not count."""
    return name.casefold().translate(IGNORED)


def nearest(name: str, known: Iterable[str]) -> str:
    """`"; did you mean 'SKBR3'?"` for the known name most like `name`, or an empty string."""
    by_plain = {plain(candidate): candidate for candidate in known}
    match = difflib.get_close_matches(plain(name), list(by_plain), n=1, cutoff=0.6)
    return f"; did you mean '{by_plain[match[0]]}'?" if match else ""
