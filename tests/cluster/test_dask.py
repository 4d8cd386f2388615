"""Runs on Dask workers: the same cube, one shard lost with a killed worker, a deadly shard named."""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from screen.config.screen import ScreenConfig, parse_config
from screen.runner import RunError, RunOptions, run, status
from screen.runner.execution.dask import each_on
from screen.runner.execution.stop import Stop
from screen.runner.execution.task import Run
from tests.cli.conftest import herscreen
from tests.cubes import data_of
from tests.paths import ROOT

distributed = pytest.importorskip("distributed", reason="Dask is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
DEADLY = 2


def config(**changes: Any) -> ScreenConfig:
    settings: dict[str, Any] = {
        "name": "dask",
        "cell_lines": ["SKBR3", "BT474", "JIMT-1", "HCC1954"],
        "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib"]},
        "doses": {"points": 5},
        "times": "24 h",
        "shard_simulations": 25,
    }
    return parse_config(settings | changes)


class Deadly(distributed.WorkerPlugin):  # type: ignore[misc]
    """Has the workers die of one shard, each time."""

    def setup(self, worker: Any) -> None:
        from screen.runner.execution import task

        whole = task.one_shard

        def one_shard(prepared: Any, index: int) -> Any:
            if index == DEADLY:
                os.kill(os.getpid(), signal.SIGKILL)
            return whole(prepared, index)

        task.one_shard = one_shard


class Slow(distributed.WorkerPlugin):  # type: ignore[misc]
    """Has every shard in hand for half a second more."""

    def setup(self, worker: Any) -> None:
        from screen.runner.execution import task

        whole = task.score_block

        def score_block(*of_shard: Any) -> Any:
            time.sleep(0.5)
            return whole(*of_shard)

        task.score_block = score_block


def kill_a_holder(folder: Path) -> None:
    """Wait until a process holds a shard's lock, and kill it."""
    begun = time.monotonic()
    while time.monotonic() - begun < 60:
        for lock in folder.glob("shard-*.lock"):
            with contextlib.suppress(OSError, ValueError):
                os.kill(json.loads(lock.read_text())["pid"], signal.SIGKILL)
                return
        time.sleep(0.01)


@pytest.fixture
def cluster() -> Any:
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_dask_makes_the_same_cube(cluster: Any, tmp_path: Path) -> None:
    alone = run(config(), tmp_path / "alone.h5")
    there = run(config(), tmp_path / "there.h5", options=RunOptions(dask=cluster.scheduler.address))
    assert data_of(there) == data_of(alone)


def test_the_command_says_nothing_of_schedulers_and_workers(tmp_path: Path) -> None:
    (tmp_path / "dask.yaml").write_text(
        yaml.safe_dump(config().model_dump(mode="json", exclude_defaults=True))
    )
    ended = herscreen("run", "dask.yaml", "-o", "cube.h5", "--backend", "dask", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""


def test_a_killed_worker_costs_its_shard_only(cluster: Any, tmp_path: Path) -> None:
    cluster.register_plugin(Slow())
    workers = set(cluster.run(os.getpid).values())
    killer = threading.Thread(target=kill_a_holder, args=(tmp_path / "there.run",))
    killer.start()
    there = run(config(), tmp_path / "there.h5", options=RunOptions(dask=cluster.scheduler.address))
    killer.join()
    assert workers - set(cluster.run(os.getpid).values())
    assert data_of(there) == data_of(run(config(), tmp_path / "alone.h5"))


def test_a_deadly_shard_is_named_and_the_others_finish(cluster: Any, tmp_path: Path) -> None:
    cluster.register_plugin(Deadly())
    with pytest.raises(RunError, match=f"1 of 4 shards failed; shard {DEADLY}: its worker died"):
        run(config(), tmp_path / "there.h5", options=RunOptions(dask=cluster.scheduler.address))
    assert status(config(), tmp_path / "there.h5").done == (0, 1, 3)
    assert run(config(), tmp_path / "there.h5").exists()


def test_a_cluster_without_workers_is_one_line_and_no_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screen.runner.execution.dask.PATIENCE_SECONDS", 2)
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address=None, host="127.0.0.1", silence_logs=50
        ) as empty,
        distributed.Client(empty) as client,
        pytest.raises(
            RunError, match="no Dask workers for 2 s, 3 shards wait for one; the same command resumes"
        ),
    ):
        list(each_on(client, Run("{}", str(tmp_path / "there.h5")), [0, 1, 2], Stop()))


def test_dask_jobqueue_on_a_real_slurm(tmp_path: Path) -> None:
    """The example of docs/clusters.md."""
    jobqueue = pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    from tests.cluster.test_slurm import slurm_answers

    if not slurm_answers():
        pytest.skip("no Slurm answers here; .ci/slurm-up starts one")
    with jobqueue.SLURMCluster(
        cores=1,
        processes=1,
        memory="600MB",
        walltime="00:10:00",
        interface="lo",
        python=sys.executable,
        scheduler_options={"host": "127.0.0.1", "dashboard_address": None},
        local_directory=str(tmp_path),
        log_directory=str(tmp_path),
        job_script_prologue=[f"export PYTHONPATH={ROOT}"],
    ) as there:
        there.scale(2)
        cube = run(config(), tmp_path / "there.h5", options=RunOptions(dask=there.scheduler_address))
    assert data_of(cube) == data_of(run(config(), tmp_path / "alone.h5"))
