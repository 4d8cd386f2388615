"""`herscreen selftest`: is this installation whole, and does it compute what it should?"""

import typer

from screen.cli.console import say
from screen.selftest import selftest as check


def selftest() -> None:
    """Check the installation in ten seconds: files, model, engine against SciPy, scores of a synthetic plate
    and a small cube; exit status 1 when a check fails.
    """
    failed = 0
    for outcome in check():
        verdict = "passed" if outcome.passed else "FAILED"
        say(f"{verdict}  {outcome.name:8}{outcome.sentence} ({outcome.seconds:.1f} s)")
        failed += not outcome.passed
    if failed:
        raise typer.Exit(1)
