"""Predictions for many members of an ensemble, some at a time, by threads next to each other: compiled simulations let
other threads run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from screen.arrays import Floats


def in_batches(
    predict: Callable[[Floats], Floats],
    scores: Floats,
    size: int,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Floats:
    """`predict` of `scores` (K, D), `size` members at a time by `jobs` threads, joined along K: the same bits for any
    `jobs`. `progress` hears of members done and in all.
    """
    parts = [scores[first : first + size] for first in range(0, len(scores), size)]
    found: list[Floats] = []
    with ThreadPoolExecutor(jobs) as pool:
        for part in pool.map(predict, parts) if jobs > 1 else map(predict, parts):
            found.append(part)
            if progress is not None:
                progress(sum(map(len, found)), len(scores))
    return np.concatenate(found)
