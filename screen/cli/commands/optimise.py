"""`herscreen optimise`: the least viability of resistant lines under caps."""

from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.optimise.optimise import SHARED
from screen.analysis.optimise.optimise import optimise as search
from screen.cli.console import progress_bar, say, table
from screen.cli.options import Config, Settings, load
from screen.cli.overwrite import Force, refuse_other
from screen.files import checked
from screen.report.cube_view.number_text import dose_text
from screen.report.standalone.optimum import best_within, write_optimum
from screen.runner.simulate.model import pathway_of, with_mapping

KNOWN_BY = {
    ".csv": ("combination", "of", "against", "worst_line"),
    ".json": ("fronts", "reference", "caps"),
    ".svg": (),
}
"""What tells the files of this command from others."""
SHARES = (0.25, 0.5, 1.0)  # of the effect on the reference that is allowed


def optimise(
    config: Config,
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Table of all fronts (.csv); results/<name>-fronts.csv."),
    ] = None,
    force: Force = False,
) -> None:
    """Find the doses of each combination that leave least of the resistant lines while no dose exceeds its
    cap (a fraction of Cmax) and the reference line is spared: Pareto fronts per line, for the
    mean and for the worst case, against the effect on the reference and against total dose.

    `optimise:` in the configuration says lines, reference, caps and bounds. Writes a table, JSON and a
    picture.
    """
    loaded = with_mapping(load(config, settings))
    target = output or Path("results") / f"{loaded.name}-fronts.csv"
    if output is None:
        target.parent.mkdir(exist_ok=True)
    checked(target, (".csv",), (config,))
    for ending, marks in KNOWN_BY.items():
        refuse_other(target.with_suffix(ending), marks, force)
    with progress_bar() as progress:
        found = search(loaded, pathway_of(loaded), progress)
    rows = []
    for front in found.fronts:
        if front.of != SHARED[0] or front.against != found.fronts[0].against:
            continue
        for share in SHARES:
            point = best_within(front, share * found.reference_effect)
            if point is None:
                continue
            rows.append(
                [
                    "+".join(front.drugs),
                    f"{share * found.reference_effect:.0%}",
                    ", ".join(dose_text(dose) for dose in front.doses[point]),
                    f"{front.viability[point]:.2f}",
                    front.worst[point],
                    f"{front.effect[point]:.0%}",
                    f"{front.total[point]:.2g}",
                ]
            )
    of = found.reference
    columns = ["combination", f"{of} loss allowed", "doses", "viability", "in the worst line"]
    columns += [f"{of} loss", "total dose, x Cmax"]
    title = f"Doses that leave least of the worst line, by the share of {of} cells that may be lost"
    table(title, columns, rows, columns[1:2] + columns[3:4] + columns[5:])
    for name, lines in found.lines.items():
        say(f"{name}: counted {', '.join(lines)}")
    for note in found.notes:
        say(f"note: {note}", err=True)
    for path in write_optimum(found, target):
        say(f"wrote {path}")
