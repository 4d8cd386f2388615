"""`herscreen selftest`: is this installation whole, and does it compute what it should?"""

import typer

from screen.cli.console import say, table
from screen.cli.json_tables import asked_document
from screen.selftest import selftest as check


def selftest() -> None:
    """Check the installation in ten seconds: files, model, engine against SciPy, scores of a synthetic plate
    and a small cube; exit status 1 when a check fails.
    """
    failed, rows = 0, []
    for outcome in check():
        failed += not outcome.passed
        if asked_document() is not None:
            verdict = "passed" if outcome.passed else "failed"
            rows.append([outcome.name, verdict, outcome.sentence, f"{outcome.seconds:.1f}"])
            continue
        verdict = "passed" if outcome.passed else "FAILED"
        say(f"{verdict}  {outcome.name:8}{outcome.sentence} ({outcome.seconds:.1f} s)")
    if rows:
        table("Checks", ["check", "verdict", "what", "seconds"], rows, ["seconds"])
    if failed:
        raise typer.Exit(1)
