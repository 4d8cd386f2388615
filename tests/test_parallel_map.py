"""Tasks keep their order, whatever the number of processes."""

import os

import pytest

from screen.errors import InputError
from screen.parallel_map import parallel_map


def power(base: int, exponent: int) -> tuple[int, int]:
    return base**exponent, os.getpid()


@pytest.mark.slow
def test_results_come_in_the_order_of_the_tasks() -> None:
    tasks = [(2, n) for n in range(6)]
    alone, together = parallel_map(power, tasks), parallel_map(power, tasks, jobs=2)
    assert [value for value, _ in alone] == [value for value, _ in together] == [1, 2, 4, 8, 16, 32]
    assert {process for _, process in alone} == {os.getpid()}
    assert os.getpid() not in {process for _, process in together}


def test_one_task_needs_no_process() -> None:
    assert parallel_map(power, [(3, 2)], jobs=8) == [(9, os.getpid())]


def test_less_than_one_process_is_an_error() -> None:
    with pytest.raises(InputError, match="expected at least 1, found 0"):
        parallel_map(power, [], jobs=0)
