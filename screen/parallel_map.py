"""One function on many tasks in several processes. Each process has one thread, so that the numbers do not depend
on how many there are.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from screen.errors import InputError

T = TypeVar("T")


def parallel_map(function: Callable[..., T], tasks: Sequence[tuple[Any, ...]], jobs: int = 1) -> list[T]:
    """`function(*task)` for every task, in their order, in up to `jobs` processes; both must pickle.

    InputError for less than one process.
    """
    if jobs < 1:
        raise InputError(f"jobs: expected at least 1, found {jobs}")
    if jobs == 1 or len(tasks) < 2:
        return [function(*task) for task in tasks]
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", inner_max_num_threads=1):
        results: list[T] = Parallel(n_jobs=min(jobs, len(tasks)), batch_size=1)(
            delayed(function)(*task) for task in tasks
        )
    return results
