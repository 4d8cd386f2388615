"""How far a run has come, read from its files: which shards are done, running, failed or missing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from screen.config.screen import ScreenConfig
from screen.errors import InputError
from screen.runner.clusters.job_list import ended, job_folder, log_of, submitted
from screen.runner.execution.prepared import Prepared, is_finished, prepare
from screen.runner.plan.plan import Shard
from screen.runner.store.lock import holder
from screen.runner.store.shard_file import BadShard, check_shard

Failure = tuple[str, Path]
"""Why a shard failed, and the file that says more."""


@dataclass(frozen=True)
class RunStatus:
    """Shards by state. `running` says who has each, `failed` why and where the note stands."""

    cube: Path
    folder: Path
    finished: bool
    shards: int
    done: tuple[int, ...]
    running: dict[int, str]
    failed: dict[int, Failure]
    missing: tuple[int, ...]
    writing: str | None
    """Who holds the cube, if anybody does."""
    problem: str = ""
    """Why the files that stand there are not of this configuration."""


def status(config: ScreenConfig, output: str | Path | None = None) -> RunStatus:
    """The state of a run's files. Raises `InputError` for bad input only."""
    prepared = prepare(config, output)
    files = prepared.files
    try:
        complete, problem = is_finished(prepared, restart=False), ""
    except InputError as error:
        complete, problem = False, str(error)
    names = {path.name for path in files.folder.iterdir()} if files.folder.is_dir() else set()
    done: list[int] = []
    running: dict[int, str] = {}
    failed: dict[int, Failure] = {}
    for shard in prepared.plan.shards:
        failure = _bad(prepared, shard) if files.shard(shard.index).name in names else None
        lock, note = files.shard_lock(shard.index), files.shard_failure(shard.index)
        if files.shard(shard.index).name in names and failure is None:
            done.append(shard.index)
        elif lock.name in names and (who := holder(lock)) is not None:
            running[shard.index] = who
        elif failure is not None or note.name in names:
            failed[shard.index] = failure or (_first_line(note), note)
    settled = {*done, *running, *failed}
    absent = [shard.index for shard in prepared.plan.shards if shard.index not in settled]
    failed |= _ended_jobs(job_folder(files.folder), absent, running)
    return RunStatus(
        cube=files.cube,
        folder=files.folder,
        finished=complete,
        shards=len(prepared.plan.shards),
        done=tuple(done),
        running=running,
        failed=failed,
        missing=tuple(shard for shard in absent if shard not in failed),
        writing=holder(files.cube_lock) if files.cube_lock.name in names else None,
        problem=problem,
    )


def _bad(prepared: Prepared, shard: Shard) -> Failure | None:
    """What is wrong with a shard's file."""
    path = prepared.files.shard(shard.index)
    try:
        check_shard(path, prepared.plan, prepared.model_sha256, shard)
    except BadShard as reason:
        return str(reason), path
    return None


def _ended_jobs(folder: Path, absent: Sequence[int], running: Collection[int]) -> dict[int, Failure]:
    """Absent shards whose cluster job has begun and is not at work on any of its shards, by what the scheduler
    or its log says.
    """
    jobs = submitted(folder)
    busy = {log_of(folder, one.task_of(shard)) for one in jobs for shard in running if one.does(shard)}
    return {shard: found for shard, found in ended(folder, jobs, absent).items() if found[1] not in busy}


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0]
    except OSError:
        return "unknown"
