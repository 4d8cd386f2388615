"""`herscreen cohort`: a panel of tumours as a population."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say, table
from screen.cli.options import Cube
from screen.cli.overwrite import Force, refuse_other
from screen.files import checked, write_text
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.findings.panels.cohort import CLASS_WORDS, LIMITS, head_words, read_weights, row_words
from screen.report.findings.panels.cohort import cohort as analyse
from screen.report.standalone.cohort import waterfall_of_cohort


def cohort(
    cube: Cube,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", help="CSV with cell_line and weight: prevalence; alike unless given."),
    ] = None,
    treatment: Annotated[
        str | None, typer.Option("--treatment", help="Of the waterfall; the last of the table unless given.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The waterfall of one treatment as FILE.svg.")
    ] = None,
    force: Force = False,
) -> None:
    """Tell in which share of a cohort of virtual tumours each treatment leaves how many of the cells: classes of
    response, weighted to prevalence, and a waterfall.
    """
    if output is not None:
        checked(output, (".svg",), (cube, weights))
        refuse_other(output, (), force)
    view = read_screen(cube)
    found = analyse(
        view, Findings(view).recovery, None if weights is None else read_weights(weights, view.lines)
    )
    rows = [list(row_words(one)) for one in found]
    table(f"Share of {len(view.lines)} tumours by response", list(head_words()), rows, ["cells left, mean"])
    say(CLASS_WORDS)
    say(LIMITS)
    if output is not None:
        chosen = [one for one in found if treatment is None or one.treatment == treatment]
        if not chosen:
            known = ", ".join(one.treatment for one in found)
            raise typer.BadParameter(
                f"found '{treatment}', expected one of {known}", param_hint="--treatment"
            )
        say(f"wrote {write_text(output, waterfall_of_cohort(chosen[-1]))}")
