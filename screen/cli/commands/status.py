"""`herscreen status`: how far a run has come."""

import json

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
        print(
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
        print(state.problem)
    print(f"{state.cube}: {'finished' if state.finished else 'not finished'}")
    if state.writing:
        print(f"being written by {state.writing}")
    print(f"shards: {state.shards}  done {len(state.done)}  running {len(state.running)}  ", end="")
    print(f"failed {len(state.failed)}  missing {len(state.missing)}  ({state.folder})")
    for index, who in list(state.running.items())[:SHOWN]:
        print(f"running {index}: {who}")
    for index, (reason, log) in list(state.failed.items())[:SHOWN]:
        print(f"failed {index}: {reason} ({log})")
    if state.missing:
        rest = f" and {len(state.missing) - SHOWN} more" if len(state.missing) > SHOWN else ""
        print(f"missing: {', '.join(str(index) for index in state.missing[:SHOWN])}{rest}")
