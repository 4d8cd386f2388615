"""Batches are joined in order, whoever is done first, and progress is told."""

import time

import numpy as np
import pytest

from screen.analysis.methods.batches import in_batches


@pytest.mark.parametrize("jobs", [1, 3])
def test_batches_are_joined_in_order_and_progress_reaches_the_whole(jobs: int) -> None:
    scores = np.arange(14.0).reshape(7, 2)
    told: list[tuple[int, int]] = []

    def slow_at_first(part: np.ndarray) -> np.ndarray:
        time.sleep(0.02 if part[0, 0] == 0 else 0)
        return 10 * part

    found = in_batches(slow_at_first, scores, 3, jobs, lambda done, whole: told.append((done, whole)))
    assert (found == 10 * scores).all()
    assert told == [(3, 7), (6, 7), (7, 7)]
