"""Shards on Dask workers: each task is a shard's number, and the worker writes the shard's file itself, so
nothing but a few bytes goes through the scheduler. The workers must see the same folder. A shard whose
worker dies goes to another worker; one that keeps killing its workers is tried once more by itself and then
reported as failed.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from screen.config.screen import parse_config
from screen.errors import InputError, RunError
from screen.runner.execution.prepared import Prepared, prepare
from screen.runner.execution.stop import Stop
from screen.runner.execution.task import Outcome, one_shard
from screen.runner.plan.plan import Shard

if TYPE_CHECKING:
    from distributed import Client

    from screen.runner.execution.task import Outcome

LOCAL = "local"
IN_FLIGHT = 4  # tasks handed out per thread, so that a request to stop is soon obeyed
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Screen:
    """What a worker needs to prepare a run by itself: the resolved configuration as JSON, and the cube's
    path.
    """

    config: str
    output: str


def on_dask(
    prepared: Prepared, shards: Sequence[Shard], scheduler: str, jobs: int, stop: Stop
) -> Iterator["Outcome"]:
    """How each shard ended, as they end, on the scheduler at an address, or with `local` on `jobs` processes
    here.
    """
    screen = Screen(prepared.config.model_dump_json(), str(prepared.files.cube.absolute()))
    with _client(scheduler, jobs) as client:
        killers = []
        for outcome in _all(client, screen, [shard.index for shard in shards], stop):
            if outcome.error == KILLED:
                killers.append(outcome.index)
            else:
                yield outcome
        for index in killers:
            yield from _all(client, screen, [index], stop)


KILLED = "its worker died each time it was tried"


def _all(client: "Client", screen: Screen, shards: Sequence[int], stop: Stop) -> Iterator["Outcome"]:
    """Hand out shards, a few per thread at a time, and collect how they end."""
    from distributed import KilledWorker, as_completed

    waiting = iter(shards)
    number: dict[Any, int] = {}

    def hand_out() -> Any:
        index = next(waiting, None) if not stop.asked else None
        if index is None:
            return None
        future = client.submit(shard_on_worker, screen, index, pure=False)
        number[future] = index
        return future

    threads = sum(client.nthreads().values()) or 1
    first = [future for future in (hand_out() for _ in range(IN_FLIGHT * threads)) if future is not None]
    ended = as_completed(first)
    for future in ended:
        index = number.pop(future)
        try:
            yield future.result()
        except KilledWorker:
            yield Outcome(index, error=KILLED)
        except Exception as error:
            yield Outcome(index, error=f"{type(error).__name__}: {' '.join(str(error).split())}")
        if (another := hand_out()) is not None:
            ended.add(another)


@contextlib.contextmanager
def _client(scheduler: str, jobs: int) -> Iterator["Client"]:
    """A client of the scheduler; a local cluster of `jobs` processes with one thread each lives as long as
    this.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError(
            "--backend dask: the package 'distributed' is not installed: pip install distributed"
        ) from None
    if scheduler == LOCAL:
        with (
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


def shard_on_worker(screen: Screen, index: int) -> "Outcome":
    """Runs on a worker: simulate one shard and write its file."""
    prepared = _ready(screen)
    return one_shard(prepared, prepared.plan.shards[index])


@lru_cache(maxsize=1)
def _ready(screen: Screen) -> Prepared:
    """The run with its compiled model, kept by a worker between shards."""
    import json

    return prepare(parse_config(json.loads(screen.config)), screen.output)
