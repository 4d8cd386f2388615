"""`herscreen status`: how far a run has come."""

import json

from screen.cli.console import say
from screen.cli.options import AsJson, Config, Output, Settings, load
from screen.runner import status as state_of

SHOWN = 20


def status(
    config: Config,
    output: Output = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Show which shards are done, running, failed (why, and where the log is) or missing."""
    state = state_of(load(config, settings), output)
    if as_json:
        failed = {index: {"reason": reason, "log": str(log)} for index, (reason, log) in state.failed.items()}
        say(
            json.dumps(
                {
                    "cube": str(state.cube),
                    "finished": state.finished,
                    "shards": state.shards,
                    "done": list(state.done),
                    "running": state.running,
                    "failed": failed,
                    "missing": list(state.missing),
                    "problem": state.problem,
                },
                indent=1,
            )
        )
        return
    if state.problem:
        say(state.problem)
    say(f"{state.cube}: {'finished' if state.finished else 'not finished'}")
    if state.writing:
        say(f"being written by {state.writing}")
    counts = f"done {len(state.done)}  running {len(state.running)}  failed {len(state.failed)}"
    say(f"shards: {state.shards}  {counts}  missing {len(state.missing)}  ({state.folder})")
    for index, who in list(state.running.items())[:SHOWN]:
        say(f"running {index}: {who}")
    for index, (reason, log) in list(state.failed.items())[:SHOWN]:
        say(f"failed {index}: {reason} ({log})")
    if state.missing:
        rest = f" and {len(state.missing) - SHOWN} more" if len(state.missing) > SHOWN else ""
        say(f"missing: {', '.join(str(index) for index in state.missing[:SHOWN])}{rest}")
