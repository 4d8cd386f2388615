"""`herscreen plan`: what a run would do, and what it would take, without doing it."""

import json

from screen.cli.console import say, table
from screen.cli.options import (
    AsJson,
    Config,
    Jobs,
    MemoryLimit,
    Output,
    Settings,
    bytes_of,
    load,
    usable_processors,
)
from screen.runner.cost.estimate import estimate
from screen.runner.cost.memory import jobs_within
from screen.runner.cost.summary import plan_facts, plan_rows
from screen.runner.execution.prepared import prepare


def plan(
    config: Config,
    output: Output = None,
    settings: Settings = None,
    jobs: Jobs = None,
    memory_limit: MemoryLimit = None,
    as_json: AsJson = False,
) -> None:
    """Show the lines, combinations, simulations and shards of a run, with estimates of time, memory and
    disk.
    """
    limit = bytes_of(memory_limit)
    prepared = prepare(load(config, settings), output, limit)
    planned, cube = prepared.plan, prepared.files.cube
    taken = estimate(planned, jobs_within(planned, jobs or usable_processors(), limit))
    if as_json:
        say(json.dumps(plan_facts(planned, taken, cube), indent=1))
        return
    table(f"Plan of {planned.name}", ["what", "how much"], plan_rows(planned, taken, cube))
