"""Shards on Dask workers: each task is a shard's number, and the worker writes the shard's file itself, so
nothing but a few bytes goes through the scheduler. The workers must see the same folder. A shard whose
worker dies goes to another worker; one that keeps killing its workers is tried once more by itself and then
reported as failed. A cluster that has lost its last worker is given a minute.
"""

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from screen.errors import InputError, RunError
from screen.runner.execution.options import RunOptions
from screen.runner.execution.stop import Stop
from screen.runner.execution.task import Run, ShardOutcome, shard_of_run

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from distributed import Client, Future

LOCAL = "local"
IN_FLIGHT = 4  # tasks handed out per thread, so that a request to stop is soon obeyed
PATIENCE_SECONDS = 60
TICK_SECONDS = 1
SILENT_SECONDS = 600  # without the end of a shard, after which the log says which are handed out
SHOWN = 20
KILLED = "its worker died each time it was tried"


def on_dask(run: Run, shards: Sequence[int], options: RunOptions) -> Iterator[ShardOutcome]:
    """How each shard ended, as they end, on the scheduler at an address, or with `local` on processes here.
    Raises `RunError` where no scheduler answers or no workers are left.
    """
    with _client(options.dask or LOCAL, options.jobs) as client:
        killers = []
        for outcome in each_on(client, run, shards, options.stop):
            if outcome.error == KILLED:
                killers.append(outcome.index)
            else:
                yield outcome
        for index in killers:
            yield from each_on(client, run, [index], options.stop)


def each_on(client: "Client", run: Run, shards: Sequence[int], stop: Stop) -> Iterator[ShardOutcome]:
    """Hand out shards, a few per thread at a time, and collect how they end."""
    from distributed import wait

    waiting = iter(shards)
    number: dict[Future[Any], int] = {}
    manned = time.monotonic()
    heard = manned
    while True:
        threads = _threads(client)
        while len(number) < IN_FLIGHT * max(threads, 1) and not stop.asked:
            if (index := next(waiting, None)) is None:
                break
            number[client.submit(shard_of_run, run, index, pure=False)] = index
        if not number:
            return
        with contextlib.suppress(TimeoutError):
            wait(list(number), timeout=TICK_SECONDS, return_when="FIRST_COMPLETED")
        for future in [one for one in number if one.done()]:
            heard = time.monotonic()
            yield _outcome(future, number.pop(future))
        manned = time.monotonic() if threads else manned
        if time.monotonic() - manned > PATIENCE_SECONDS:
            words = f"no Dask workers for {PATIENCE_SECONDS} s, {len(number)} shards wait for one"
            raise RunError(f"{words}; the same command resumes")
        if time.monotonic() - heard > SILENT_SECONDS:
            shards_in_hand = ", ".join(str(index) for index in list(number.values())[:SHOWN])
            log.warning(
                "no shard has ended for %d minutes; handed out: %s", SILENT_SECONDS // 60, shards_in_hand
            )
            heard = time.monotonic()


def _threads(client: "Client") -> int:
    """The threads of all workers; `RunError` where the scheduler is gone."""
    try:
        return sum(client.nthreads().values())
    except (OSError, TimeoutError) as error:
        words = " ".join(str(error).split())[:200]
        raise RunError(
            f"the Dask scheduler does not answer any more ({words}); the same command resumes"
        ) from None


def _outcome(future: "Future[Any]", index: int) -> ShardOutcome:
    from distributed import KilledWorker

    try:
        found: ShardOutcome = future.result(timeout=PATIENCE_SECONDS)
    except KilledWorker:
        return ShardOutcome(index, error=KILLED)
    except Exception as error:
        return ShardOutcome(index, error=f"{type(error).__name__}: {' '.join(str(error).split())}")
    return found


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep from the log what a cluster of our own says of its schedulers and workers."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextlib.contextmanager
def _client(scheduler: str, jobs: int) -> Iterator["Client"]:
    """A client of the scheduler; a local cluster of `jobs` processes with one thread each lives as long as
    this.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError("--backend dask needs distributed: pip install 'herscreen[dask]'") from None
    if scheduler == LOCAL:
        with (
            _quiet(),
            LocalCluster(
                n_workers=jobs,
                threads_per_worker=1,
                dashboard_address=None,
                host="127.0.0.1",
                silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout=PATIENCE_SECONDS)
    except (OSError, ValueError) as error:
        raise RunError(f"--scheduler {scheduler}: no Dask scheduler answers there ({error})") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        except TimeoutError:
            raise RunError(f"--scheduler {scheduler}: it has no workers") from None
        yield client
