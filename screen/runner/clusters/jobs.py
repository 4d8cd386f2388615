"""A run's jobs made ready for a cluster: which parts are missing and not queued, with what memory, in which
scripts.
"""

import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from screen.config.screen import ScreenConfig
from screen.errors import InputError
from screen.runner.clusters.job_list import (
    job_folder,
    memory_needed,
    merge_memory,
    queued_shards,
    submitted,
)
from screen.runner.clusters.schedulers.registry import SCHEDULERS, scheduler_of
from screen.runner.clusters.schedulers.scheduler import UNKNOWN_LARGEST, Resources, Scheduler
from screen.runner.clusters.scripts import Command, Division, Script, write_scripts
from screen.runner.cost.estimate import estimate, seconds_of_part
from screen.runner.execution.prepared import check_manifest, is_finished, make_folder, prepare
from screen.runner.execution.task import state_of
from screen.runner.plan.plan import Plan
from screen.runner.store.run_folder import sweep_run

SAFETY_TIME, SAFETY_MEMORY = 3.0, 1.5
LEAST_SECONDS = 600


@dataclass(frozen=True)
class Jobs:
    """Scripts that stand ready, the commands that submit them by hand, and a line that says what they do."""

    folder: Path
    scripts: list[Script]
    of_parts: int
    merge_MB: int
    commands: list[str]
    summary: str
    merge_only: bool


@dataclass(frozen=True)
class Wanted:
    """How a run is to be divided and what its tasks may use; None is estimated from the plan."""

    tasks: int
    scheduler: str
    seconds: int | None
    memory_MB: int | None
    processors: int
    partition: str | None
    account: str | None
    throttle: int | None
    submit: bool
    """Whether the jobs are about to be submitted, so that the queue can be asked."""

    def known_scheduler(self) -> Scheduler:
        """The scheduler; `InputError` for one that is unknown or cannot be submitted to."""
        known = scheduler_of(self.scheduler)
        if self.submit and known.queue is None:
            able = " or ".join(name for name, one in SCHEDULERS.items() if one.queue is not None)
            raise InputError(
                f"--submit: found with --scheduler {known.name}, expected {able}; submit the scripts by hand"
            )
        return known

    def resources(self, plan: Plan, tasks: int) -> Resources:
        """What a task of `tasks` may use."""
        taken = estimate(plan, self.processors)
        longest = max(seconds_of_part(plan, tasks, self.processors), taken.controls)  # which the merge makes
        seconds = round(SAFETY_TIME * longest)
        memory = round(SAFETY_MEMORY * taken.memory / 1e6)
        return Resources(
            self.seconds or max(LEAST_SECONDS, seconds),
            self.memory_MB or memory,
            self.processors,
            self.partition,
            self.account,
            self.throttle,
        )


def prepare_jobs(
    config: ScreenConfig, path: Path, output: Path | None, settings: tuple[str, ...], wanted: Wanted
) -> Jobs:
    """Write the job scripts for what is missing of a run. Raises `InputError`; submits nothing."""
    scheduler = wanted.known_scheduler()
    queue = scheduler.queue if wanted.submit else None
    prepared = prepare(config, output)
    plan, files = prepared.plan, prepared.files
    tasks = min(wanted.tasks, len(plan.shards))
    folder = job_folder(files.folder)
    if is_finished(prepared, restart=False):
        return Jobs(folder, [], tasks, 0, [], f"{files.cube} is finished already", merge_only=False)
    usual = wanted.resources(plan, tasks)
    make_folder(files)
    check_manifest(prepared)
    sweep_run(files)
    missing = [shard.index for shard in plan.shards if state_of(prepared, shard) != "done"]
    earlier = [one for one in submitted(folder) if one.scheduler == scheduler.name]
    queued = queued_shards(queue, earlier, len(plan.shards)) if queue else set()
    to_do = [shard for shard in missing if shard not in queued]
    more = memory_needed(folder, earlier, to_do, usual.memory_MB)
    parts = {shard % tasks: usual.memory_MB for shard in to_do}
    for shard, needed in more.items():
        parts[shard % tasks] = max(parts[shard % tasks], needed)
    command = Command(
        sys.executable, Path.cwd(), config.name, path.absolute(), files.cube.absolute(), settings
    )
    largest = queue.largest_array() if queue else UNKNOWN_LARGEST
    merge_MB = merge_memory(folder, earlier, max([usual.memory_MB, *parts.values()]))
    scripts = write_scripts(
        folder, Division(scheduler, command, parts, tasks, largest), replace(usual, memory_MB=merge_MB)
    )
    summary = f"{len(plan.shards)} shards: {len(plan.shards) - len(missing)} done, {len(queued)} queued; "
    arrays, tasks_of = ("array" if len(scripts) == 1 else "arrays"), ("task" if len(parts) == 1 else "tasks")
    summary += f"{len(scripts)} {arrays} with {len(parts)} {tasks_of} in {folder}"
    if more:
        summary += f"; {len({shard % tasks for shard in more})} with more memory after running out of it"
    enter = f"cd {shlex.quote(str(folder))} && {scheduler.submit}"
    commands = [f"{enter} {script.path.name}" for script in scripts]
    commands.append(f"{enter} merge.sh   # when the arrays have ended")
    return Jobs(folder, scripts, tasks, merge_MB, commands, summary, merge_only=not scripts and not queued)
