"""`herscreen jobs`: a run as job arrays on a cluster."""

from typing import Annotated

import typer

from screen.cli.console import say
from screen.cli.options import Config, Output, Settings, load
from screen.runner.clusters.job_list import submit as submit_jobs
from screen.runner.clusters.jobs import Wanted, prepare_jobs
from screen.runner.clusters.schedulers.registry import SCHEDULERS
from screen.units import parse_hours

ABLE = ", ".join(one.title for one in SCHEDULERS.values() if one.queue is not None)


def jobs(
    config: Config,
    tasks: Annotated[int, typer.Option("--tasks", min=1, max=100_000, help="Parts to divide the run into.")],
    output: Output = None,
    settings: Settings = None,
    walltime: Annotated[
        str | None, typer.Option("--time", help="Per task, like 2h or 90 min; estimated.")
    ] = None,
    memory: Annotated[int | None, typer.Option("--mem", min=1, help="MB per task; estimated.")] = None,
    processors: Annotated[int, typer.Option("--cpus", min=1, help="Processors per task.")] = 1,
    partition: Annotated[str | None, typer.Option(help="Partition or queue.")] = None,
    account: Annotated[str | None, typer.Option(help="Account or project to charge.")] = None,
    throttle: Annotated[int | None, typer.Option(min=1, help="Tasks that run at a time, at most.")] = None,
    scheduler: Annotated[str, typer.Option(help=", ".join(SCHEDULERS) + ".")] = "slurm",
    submit: Annotated[bool, typer.Option("--submit", help=f"Submit the jobs ({ABLE} only).")] = False,
) -> None:
    """Write, and with --submit submit, a job array for what is missing and the merge that depends on it."""
    seconds = None if walltime is None else round(parse_hours(walltime) * 3600)
    wanted = Wanted(
        tasks, scheduler, seconds, memory, processors, partition, account, throttle, submit=submit
    )
    made = prepare_jobs(load(config, settings), config, output, tuple(settings or ()), wanted)
    say(made.summary)
    if not made.scripts and not made.merge_only:
        return
    if submit:
        *arrays, merge = submit_jobs(made.folder, scheduler, made.scripts, made.of_parts, made.merge_MB)
        say(f"submitted {', '.join(arrays) or 'no array'}; merge {merge} waits for them")
        return
    for line in made.commands:
        say(line)
