"""`herscreen run`: plan, simulate what is missing, score, and write the cube."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import screen.runner as runner
from screen.cli.console import progress_bar, say
from screen.cli.options import (
    Config,
    Jobs,
    MemoryLimit,
    NoHost,
    Output,
    Settings,
    bytes_of,
    load,
    usable_processors,
)
from screen.cli.outcome import print_answer, print_checks, print_strongest
from screen.config.screen import ScreenConfig
from screen.cube.reader import CubeReader
from screen.errors import InputError, nearest
from screen.runner import RunOptions, run_part
from screen.runner.clusters.shard_argument import parse_part
from screen.runner.store.run_folder import RunFiles

STRONGEST = 10


def run(
    config: Config,
    output: Output = None,
    jobs: Jobs = None,
    settings: Settings = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin again and replace the cube.")] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="I/N",
            help="Only the shards k with k mod N = I (from 0); auto/N asks the scheduler.",
        ),
    ] = None,
    backend: Annotated[str, typer.Option(help="local (processes of this machine), or dask.")] = "local",
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler; a local one of its own unless given.")
    ] = None,
    memory_limit: MemoryLimit = None,
    no_host: NoHost = False,
) -> None:
    """Simulate a screen, score it and write the cube. A second call resumes or recognises the finished
    cube.
    """
    begun = time.perf_counter()
    loaded = load(config, settings)
    options = RunOptions(
        jobs or usable_processors(), bytes_of(memory_limit), _dask(backend, scheduler), not no_host
    )
    before = _last_written(RunFiles.of(loaded.name, output).cube)
    with (
        runner.Stop().on_signals(lambda notice: say(notice, err=True)) as stop,
        progress_bar() as progress,
    ):
        options = replace(options, progress=progress, stop=stop)
        if shard is not None:
            if restart:
                raise InputError(
                    "--restart: found with --shard, which adds to a run; restart the run as a whole"
                )
            _part(loaded, shard, output, options)
            return
        cube = runner.run(loaded, output, options, restart)
    with CubeReader.open(cube) as found:
        print_answer(found, STRONGEST)
        print_strongest(found, STRONGEST)
        print_checks(found)
        if _last_written(cube) == before:
            say(f"{cube} is finished already")
            return
        say(f"wrote {cube}")
        _print_seconds(found, time.perf_counter() - begun)


def _dask(backend: str, scheduler: str | None) -> str | None:
    """Where Dask runs: an address, `local`, or None for no Dask."""
    if backend not in ("local", "dask"):
        raise InputError(
            f"--backend: found {backend!r}, expected local or dask{nearest(backend, ('local', 'dask'))}"
        )
    if backend == "local" and scheduler is not None:
        raise InputError("--scheduler: found with --backend local, expected --backend dask")
    return None if backend == "local" else scheduler or "local"


def _last_written(cube: Path) -> int | None:
    return cube.stat().st_mtime_ns if cube.exists() else None


def _print_seconds(cube: CubeReader, total: float) -> None:
    """Where the time went, as the cube's provenance has it."""
    seconds, counts = json.loads(cube.text("seconds")), json.loads(cube.text("counts"))
    split = ", ".join(f"{phase} {value:.1f} s" for phase, value in seconds.items())
    say(f"{counts['simulations']} simulations in {total:.1f} s: {split}")


def _part(config: ScreenConfig, shard: str, output: Path | None, options: RunOptions) -> None:
    paths = run_part(config, parse_part(shard), output, options)
    say(f"{len(paths)} shards stand; `herscreen merge` joins them when all do")
