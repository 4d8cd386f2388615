"""`herscreen verify`: a cube's numbers recomputed from the file alone."""

from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.cubes.verify import verify as check
from screen.cli.console import say, table

SHOWN = 5


def verify(
    cube: Annotated[Path, typer.Argument(help="A finished cube.", show_default=False)],
    points: Annotated[int, typer.Option("--points", min=1, help="How many grid points to recompute.")] = 16,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Draws the points; by chance unless given.")
    ] = None,
) -> None:
    """Check every value and text by the checksums in the file, then recompute random points with the model, values
    and doses that stand in it, by the reference solver; exit status 1 when one deviates by more than is allowed.
    """
    found = check(cube, points, seed)
    worst = found.deviation.max(axis=0)
    rows = [
        [
            found.cell_line[k],
            found.combination[k],
            " + ".join(f"{dose:.4g}" for dose in found.doses_nM[k]),
            found.readouts[int(found.deviation[:, k].argmax())],
            f"{worst[k]:.1e}",
        ]
        for k in (-worst).argsort(kind="stable")[:SHOWN]
    ]
    columns = ["cell line", "combination", "doses, nM", "readout", "deviation"]
    table("The points that deviate most", columns, rows, columns[2:3] + columns[4:])
    if found.checked is None:
        say("checksums: none in this cube, which an earlier version made")
    else:
        say(f"checksums: all {found.checked} variables are as they were written")
    verdict = "verified" if found.passed else "NOT verified"
    words = f"{len(worst)} points x {len(found.readouts)} readouts from the file alone"
    allowed = f"largest deviation {found.largest:.1e}, {found.limit:.0e} is allowed"
    say(f"{verdict}: {words}: {allowed}")
    if not found.passed:
        raise typer.Exit(1)
