"""A whole run in one process or one part of it: shards that are missing are simulated, then all are merged."""

import contextlib
import errno
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from screen import __version__
from screen.config import ScreenConfig
from screen.errors import InputError
from screen.runner.cube import cube_identity, write_responses, write_scores
from screen.runner.errors import RunError, Stopped
from screen.runner.files import RunFiles, finished, write_text
from screen.runner.lock import Locked, locked
from screen.runner.model import compile_assay, model_sbml, model_sha256, pathway_of
from screen.runner.parallel import each
from screen.runner.plan import Plan, Shard, make_plan
from screen.runner.provenance import Clock, identity, write_provenance
from screen.runner.shardfile import BadShard, check_shard, read_shard, write_shard
from screen.runner.simulate import Block, simulate_shard
from screen.runner.stop import Stop

if TYPE_CHECKING:
    from screen.pathway import Assay, Pathway

Progress = Callable[[str, int, int], None]
"""Called with a phase (`simulate`, `merge`), how much is done and how much there is."""

OF_THE_DISK = (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """A configuration resolved and its files found, nothing written yet."""

    config: ScreenConfig
    plan: Plan
    files: RunFiles
    pathway: "Pathway"
    model_sha256: str

    @property
    def simulations(self) -> dict[int, int]:
        """Wells of each shard."""
        sizes = [combination.simulations for combination in self.plan.combinations]
        return {
            shard.index: (shard.lines[1] - shard.lines[0]) * sum(sizes[slice(*shard.combinations)])
            for shard in self.plan.shards
        }


@dataclass(frozen=True)
class Outcome:
    """How one shard ended: `error` is empty when its file stands; `elsewhere` when another process has it."""

    index: int
    error: str = ""
    elsewhere: bool = False


def prepare(config: ScreenConfig, output: str | Path | None = None) -> Prepared:
    """Resolve a configuration and find its files. Raises `InputError`."""
    pathway = pathway_of(config)
    plan = make_plan(config, pathway)
    return Prepared(config, plan, RunFiles.of(config.name, output), pathway, model_sha256(pathway))


def run(
    config: ScreenConfig,
    output: str | Path | None = None,
    jobs: int = 1,
    restart: bool = False,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Path:
    """Simulate what is missing, merge, score, and return the path of the finished cube.

    A cube that is already there for this configuration, model and version is returned as it is; `restart` makes it
    anew. Raises `InputError` for bad input, `RunError` for failed shards, `Stopped` when asked to stop.
    """
    clock = Clock()
    prepared = prepare(config, output)
    if is_finished(prepared, restart):
        return prepared.files.cube
    with _alone(prepared.files):
        if restart:
            _clear(prepared.files)
        _claim(prepared)
        missing = [shard for shard in prepared.plan.shards if not _is_done(prepared, shard)]
        if missing:
            assay = _compile(prepared, clock)
            _simulate(prepared, assay, missing, jobs, progress, stop or Stop(), clock)
        _merge(prepared, clock, progress, mend=True)
    return prepared.files.cube


def run_part(
    config: ScreenConfig,
    part: tuple[int, int],
    output: str | Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> list[Path]:
    """Simulate the shards k with k mod N = I of `part` (I, N) that are missing; returns the part's shard files."""
    number, parts = part
    prepared = prepare(config, output)
    mine = [shard for shard in prepared.plan.shards if shard.index % parts == number]
    paths = [prepared.files.shard(shard.index) for shard in mine]
    if is_finished(prepared, restart=False):
        return []
    _make_folder(prepared.files)
    _claim(prepared)
    missing = [shard for shard in mine if not _is_done(prepared, shard)]
    if missing:
        clock = Clock()
        _simulate(prepared, _compile(prepared, clock), missing, jobs, progress, stop or Stop(), clock)
    return paths


def merge(config: ScreenConfig, output: str | Path | None = None, progress: Progress | None = None) -> Path:
    """Join the shards into the cube and score it, one shard at a time. Raises `RunError` naming what is missing."""
    prepared = prepare(config, output)
    if is_finished(prepared, restart=False):
        return prepared.files.cube
    if not prepared.files.manifest.exists():
        raise RunError(f"{prepared.files.folder}: no shards there yet, expected {len(prepared.plan.shards)}")
    with _alone(prepared.files):
        _claim(prepared)
        _merge(prepared, Clock(), progress, mend=False)
    return prepared.files.cube


def is_finished(prepared: Prepared, restart: bool) -> bool:
    """Whether the cube stands as asked. Raises `InputError` if another one stands there and may not be replaced."""
    found = cube_identity(prepared.files.cube)
    if found is None or restart:
        return False
    wanted = identity(prepared.plan, prepared.model_sha256)
    different = [name for name, value in wanted.items() if found.get(name) != value]
    if different and different != ["synergy_models"]:
        what = {"version": f"version {found.get('version')}", "model_source_sha256": "another model"}
        made = what.get(different[0], "another configuration")
        raise InputError(
            f"{prepared.files.cube}: made with {made}; --restart replaces it, -o writes to another file"
        )
    return not different


def _is_done(prepared: Prepared, shard: Shard) -> bool:
    path = prepared.files.shard(shard.index)
    if not path.exists():
        return False
    try:
        check_shard(path, prepared.plan, prepared.model_sha256, shard)
    except BadShard as problem:
        log.warning("%s: %s; simulating it again", path, problem)
        return False
    return True


@contextlib.contextmanager
def _alone(files: RunFiles) -> Iterator[None]:
    """Hold the lock of the cube."""
    _make_folder(files)
    try:
        with locked(files.cube_lock):
            yield
    except Locked as holder:
        raise RunError(f"{files.cube}: another run is writing it ({holder}); wait for it or use another -o") from None


def _make_folder(files: RunFiles) -> None:
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{files.folder}: cannot be made: {(error.strerror or str(error)).lower()}") from None


def _clear(files: RunFiles) -> None:
    """Remove the shards of an earlier run, the lock aside."""
    for path in files.folder.iterdir():
        if path != files.cube_lock:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _claim(prepared: Prepared) -> None:
    """Write the manifest, or check that the one that stands there is of this configuration."""
    wanted = {
        "version": __version__,
        "plan_sha256": prepared.plan.identity,
        "model_source_sha256": prepared.model_sha256,
        "shards": len(prepared.plan.shards),
        "config": prepared.config.model_dump(mode="json"),
    }
    manifest = prepared.files.manifest
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except FileNotFoundError:
        write_text(manifest, json.dumps(wanted, indent=1) + "\n")
        return
    except ValueError:
        raise InputError(f"{manifest}: not the manifest of a run; --restart begins anew") from None
    for name in ("version", "model_source_sha256", "plan_sha256"):
        if found.get(name) != wanted[name]:
            what = {"version": f"version {found.get('version')}", "model_source_sha256": "another model"}
            raise InputError(
                f"{manifest.parent}: holds shards of {what.get(name, 'another configuration')}; "
                "--restart begins anew, -o writes elsewhere"
            )


def _compile(prepared: Prepared, clock: Clock) -> "Assay":
    begun = time.perf_counter()
    assay = compile_assay(prepared.config, prepared.plan, prepared.pathway)
    clock.add("compile", time.perf_counter() - begun)
    return assay


def _simulate(
    prepared: Prepared,
    assay: "Assay",
    missing: list[Shard],
    jobs: int,
    progress: Progress | None,
    stop: Stop,
    clock: Clock,
) -> None:
    """Simulate shards; raises `Stopped` or `RunError` once those that could be done are."""
    begun, sizes = time.perf_counter(), prepared.simulations
    done = sum(sizes.values()) - sum(sizes[shard.index] for shard in missing)
    if progress:
        progress("simulate", done, prepared.plan.simulations)
    failed: list[Outcome] = []
    elsewhere = 0
    tasks = ((prepared, assay, shard) for shard in missing)
    for outcome in each(one_shard, tasks, jobs, stop):
        if outcome.error:
            failed.append(outcome)
            continue
        elsewhere += outcome.elsewhere
        done += sizes[outcome.index]
        if progress:
            progress("simulate", done, prepared.plan.simulations)
    clock.add("simulate", time.perf_counter() - begun)
    if stop.asked:
        raise Stopped(stop.exit_status)
    if failed:
        first = min(failed, key=lambda outcome: outcome.index)
        raise RunError(
            f"{len(failed)} of {len(prepared.plan.shards)} shards failed; shard {first.index}: {first.error} "
            f"(see {prepared.files.shard_failure(first.index)})"
        )
    if elsewhere:
        log.warning("%d shards are being simulated by another process", elsewhere)


def one_shard(prepared: Prepared, assay: "Assay", shard: Shard) -> Outcome:
    """Simulate one shard and write its file, unless another process has it in hand or has just done so."""
    files = prepared.files
    try:
        with locked(files.shard_lock(shard.index)):
            if _is_done(prepared, shard):
                return Outcome(shard.index)
            begun = time.perf_counter()
            block = simulate_shard(assay, prepared.plan, shard)
            seconds = time.perf_counter() - begun
            write_shard(files.shard(shard.index), prepared.plan, prepared.model_sha256, shard, block, seconds)
            files.shard_failure(shard.index).unlink(missing_ok=True)
            return Outcome(shard.index)
    except Locked:
        return Outcome(shard.index, elsewhere=True)
    except OSError as error:
        if error.errno in OF_THE_DISK:
            raise RunError(f"{files.folder}: {(error.strerror or str(error)).lower()}") from None
        return _failed(files, shard, error)
    except Exception as error:
        return _failed(files, shard, error)


def _failed(files: RunFiles, shard: Shard, error: Exception) -> Outcome:
    """Leave a note of why a shard failed, with the traceback, for `herscreen status`."""
    import traceback

    reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
    log.debug("shard %d failed", shard.index, exc_info=error)
    with contextlib.suppress(OSError):
        write_text(files.shard_failure(shard.index), reason + "\n\n" + "".join(traceback.format_exception(error)))
    return Outcome(shard.index, error=reason)


def _merge(prepared: Prepared, clock: Clock, progress: Progress | None, mend: bool) -> None:
    """Write the cube from the shards; with `mend` a shard that turns out bad is simulated again."""
    import h5netcdf

    plan, counts = prepared.plan, {"simulations": prepared.plan.simulations, "steps": 0, "wells_simulated": 0}
    counts |= {"reference": 0, "failed": 0}
    begun = time.perf_counter()
    if not mend:
        _all_there(prepared)

    def blocks() -> Iterator[tuple[Shard, Block]]:
        for shard in plan.shards:
            block = _read(prepared, shard, clock, mend)
            counts["steps"] += block.steps
            counts["wells_simulated"] += block.wells
            counts["reference"] += int((block.status == 1).sum())
            counts["failed"] += int((block.status == 2).sum())
            yield shard, block
            if progress:
                progress("merge", shard.index + 1, len(plan.shards))

    with finished(prepared.files.cube) as unfinished, h5netcdf.File(unfinished, "w") as file:
        write_responses(file, plan, blocks())
        clock.add("merge", time.perf_counter() - begun)
        begun = time.perf_counter()
        write_scores(file, plan, plan.synergy)
        clock.add("score", time.perf_counter() - begun)
        sbml = model_sbml(prepared.pathway)
        write_provenance(file, prepared.config, plan, prepared.model_sha256, sbml, clock, counts)
    if counts["failed"]:
        log.warning("%d of %d simulations failed: their readouts are NaN", counts["failed"], plan.simulations)


def _all_there(prepared: Prepared) -> None:
    """Raise `RunError` naming the shards that are missing or of another run."""
    bad = []
    for shard in prepared.plan.shards:
        try:
            check_shard(prepared.files.shard(shard.index), prepared.plan, prepared.model_sha256, shard)
        except BadShard as problem:
            there = prepared.files.shard(shard.index).exists()
            bad.append(f"{shard.index} ({problem})" if there else str(shard.index))
    if bad:
        named = ", ".join(bad[:10]) + (f" and {len(bad) - 10} more" if len(bad) > 10 else "")
        raise RunError(
            f"{prepared.files.folder}: {len(bad)} of {len(prepared.plan.shards)} shards missing or bad: {named}; "
            "`herscreen run` simulates them"
        )


def _read(prepared: Prepared, shard: Shard, clock: Clock, mend: bool) -> Block:
    """A shard's block; a bad one is simulated again when mending, else `RunError`."""
    path = prepared.files.shard(shard.index)
    try:
        return read_shard(path, prepared.plan, prepared.model_sha256, shard)[0]
    except BadShard as problem:
        if not mend:
            raise RunError(f"{path}: {problem}; `herscreen run` simulates it again") from None
        log.warning("%s: %s; simulating it again", path, problem)
        path.unlink(missing_ok=True)
        _simulate(prepared, _compile(prepared, clock), [shard], 1, None, Stop(), clock)
        return read_shard(path, prepared.plan, prepared.model_sha256, shard)[0]
