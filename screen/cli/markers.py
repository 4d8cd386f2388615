"""`herscreen markers`: which untreated quantities foretell what the drugs of a screen do."""

from pathlib import Path
from typing import Annotated

import typer


def markers(
    cube: Annotated[Path, typer.Argument(help="A finished cube.", show_default=False)],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="All pairs as FILE.csv.")] = None,
    top: Annotated[int, typer.Option("--top", help="How many of the strongest to print.", min=0)] = 15,
) -> None:
    """Rank correlation of every marker with the anchor's effect and with synergy, over the panel's lines."""
    from screen.report.foretell import associations_of, sentences, tree_words
    from screen.report.reading import read_screen
    from screen.report.resensitise import rescue_of
    from screen.report.tables import write_associations

    screen = read_screen(cube)
    rescue = rescue_of(screen)
    found = associations_of(screen, rescue)
    accuracy, tree = tree_words(screen, rescue)
    for sentence in (*sentences(screen, found), *filter(None, [accuracy]), *tree):
        typer.echo(sentence)
    if found and top:
        typer.echo("marker\ttarget\tlines\trho\tlow\thigh\tq")
    for item in found[:top]:
        numbers = f"{item.rho:+.2f}\t{item.low:+.2f}\t{item.high:+.2f}\t{item.q:.2g}"
        typer.echo(f"{item.marker}\t{item.target}\t{item.lines}\t{numbers}")
    if output is not None:
        typer.echo(f"wrote {write_associations(found, output)}")
