"""How far a run has come, read from its files: which shards are done, running, failed or missing."""

from dataclasses import dataclass
from pathlib import Path

from screen.config import ScreenConfig
from screen.errors import InputError
from screen.runner.lock import holder
from screen.runner.prepared import is_finished, prepare
from screen.runner.shardfile import BadShard, check_shard


@dataclass(frozen=True)
class Status:
    """Shards by state. `running` says who has each, `failed` why and where the note stands."""

    cube: Path
    folder: Path
    finished: bool
    shards: int
    done: tuple[int, ...]
    running: dict[int, str]
    failed: dict[int, tuple[str, Path]]
    missing: tuple[int, ...]
    writing: str | None
    """Who holds the cube, if anybody does."""
    problem: str = ""
    """Why the files that stand there are not of this configuration."""


def status(config: ScreenConfig, output: str | Path | None = None) -> Status:
    """The state of a run's files. Raises `InputError` for bad input only."""
    prepared = prepare(config, output)
    files, plan = prepared.files, prepared.plan
    try:
        complete, problem = is_finished(prepared, restart=False), ""
    except InputError as error:
        complete, problem = False, str(error)
    done: list[int] = []
    missing: list[int] = []
    running: dict[int, str] = {}
    failed: dict[int, tuple[str, Path]] = {}
    names = {path.name for path in files.folder.iterdir()} if files.folder.is_dir() else set()
    for shard in plan.shards:
        path, note, lock = (
            files.shard(shard.index),
            files.shard_failure(shard.index),
            files.shard_lock(shard.index),
        )
        who = holder(lock) if lock.name in names else None
        if path.name in names:
            try:
                check_shard(path, plan, prepared.model_sha256, shard)
                done.append(shard.index)
                continue
            except BadShard as reason:
                failed[shard.index] = str(reason), path
        if who is not None:
            running[shard.index] = who
            failed.pop(shard.index, None)
        elif note.name in names and shard.index not in failed:
            failed[shard.index] = _first_line(note), note
        elif shard.index not in failed:
            missing.append(shard.index)
    writing = holder(files.cube_lock) if files.cube_lock.name in names else None
    return Status(
        files.cube,
        files.folder,
        complete,
        len(plan.shards),
        tuple(done),
        running,
        failed,
        tuple(missing),
        writing,
        problem,
    )


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").split("\n", 1)[0]
    except OSError:
        return "unknown"
