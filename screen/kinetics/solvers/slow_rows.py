"""Rows that are solved one after the other: slow enough that whoever waits should hear how far they are."""

import logging
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

FIRST_WORD_SECONDS = 30.0

T = TypeVar("T")
log = logging.getLogger(__name__)


def told(rows: Sequence[T]) -> Iterator[T]:
    """The rows; while they are worked on, the log says how many are done: after half a minute, then after twice as
    long as before.
    """
    begun, due = time.monotonic(), FIRST_WORD_SECONDS
    for done, row in enumerate(rows):
        if (spent := time.monotonic() - begun) > due:
            log.warning(
                "the reference solver has done %d of %d simulations in %.0f s: the batched one could not, or was not "
                "asked to; a model that blows up may hold them",
                done,
                len(rows),
                spent,
            )
            due = 2 * spent
        yield row
