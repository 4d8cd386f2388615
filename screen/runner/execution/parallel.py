"""Shards side by side on one machine: each of joblib's threads has a worker process do its shards, or does
them itself where a fork is not safe, such as in a notebook. Results come as they finish, and a request to
stop ends the handing out of tasks.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from screen.runner.execution.stop import Stop
from screen.runner.execution.workers import Lost, ask, can_fork, dismiss, fork_workers

if TYPE_CHECKING:
    from screen.runner.execution.workers import Workers

T = TypeVar("T")


def each(
    tasks: Sequence[Callable[[], T]], jobs: int, stop: Stop, lost: Callable[[int, str], T]
) -> Iterator[T]:
    """What every task returns, `jobs` at a time, in the order in which they finish; `lost` says what it is
    for a task, by number and reason, whose worker process died. Workers stand when this returns.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        return (tasks[k]() for k in _until(len(tasks), stop))
    if not can_fork():
        return _beside(lambda k: tasks[k](), len(tasks), jobs, stop)
    return _by_workers(fork_workers(tasks, jobs), jobs, stop, lost)


def _by_workers(workers: "Workers[T]", jobs: int, stop: Stop, lost: Callable[[int, str], T]) -> Iterator[T]:
    def do(task: int) -> T:
        try:
            return ask(workers, task)
        except Lost as reason:
            return lost(task, str(reason))

    try:
        yield from _beside(do, len(workers.tasks), jobs, stop)
    finally:
        dismiss(workers)


def _beside(do: Callable[[int], T], count: int, jobs: int, stop: Stop) -> Iterator[T]:
    """`do` of every number below `count`, in threads."""
    from joblib import Parallel, delayed

    parallel = Parallel(
        n_jobs=jobs, backend="threading", return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs"
    )
    yield from parallel(delayed(do)(k) for k in _until(count, stop))


def _until(count: int, stop: Stop) -> Iterator[int]:
    for number in range(count):
        if stop.asked:
            return
        yield number
