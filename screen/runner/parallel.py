"""Shards side by side on one machine. The solver works outside Python's global lock, and so does NumPy where
scoring spends most of its time, so threads share one compiled model and one address space; results come as
they finish, and a request to stop ends the handing out of tasks.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from screen.runner.stop import Stop

T = TypeVar("T")


def each(tasks: Iterable[Callable[[], T]], jobs: int, stop: Stop) -> Iterator[T]:
    """What every task returns, `jobs` at a time, in the order in which they finish."""
    wanted = _until(tasks, stop)
    if jobs <= 1:
        yield from (task() for task in wanted)
        return
    from joblib import Parallel, delayed

    parallel = Parallel(
        n_jobs=jobs, backend="threading", return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs"
    )
    yield from parallel(delayed(task)() for task in wanted)


def _until(tasks: Iterable[Callable[[], T]], stop: Stop) -> Iterator[Callable[[], T]]:
    for task in tasks:
        if stop.asked:
            return
        yield task
