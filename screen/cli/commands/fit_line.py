"""`herscreen fit-line`: a cell line's abundances from a plate measured on it."""

from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.fit_line import outputs
from screen.analysis.fit_line.fit_line import Sampling
from screen.analysis.fit_line.fit_line import fit_line as fit
from screen.analysis.fit_line.prior import line_prior
from screen.analysis.fit_line.wells import assay_time, center_of, line_of, measured_of
from screen.cli import plates as of_plates
from screen.cli.console import progress_bar, say, table
from screen.cli.overwrite import Force, refuse_other, signed
from screen.config.screen import load_config
from screen.errors import InputError
from screen.files import checked
from screen.pathway import Assay, known_drug, load_pathway
from screen.runner import run
from screen.synergy.plates.read_plates import ReadingOptions, read_plates
from screen.units import parse_hours

SHOWN = 10
KNOWN_BY = {
    ".csv": ("cell_line", "HER2", "IGF1R"),
    ".json": ("quantities", "noise", "explained"),
    ".yaml": (),
}
"""What tells the files of this command from others."""


def fit_line(
    plate: Annotated[
        Path, typer.Argument(help="Plates of the line, as `herscreen score` reads them.", show_default=False)
    ],
    panel: Annotated[
        Path | None, typer.Option("--panel", help="What the line is like: a table with a row of it.")
    ] = None,
    around: Annotated[
        str | None, typer.Option("--around", help="What the line is like: a named line, without --panel.")
    ] = None,
    line: Annotated[
        str | None, typer.Option("--line", help="The line, where the plates or the table hold several.")
    ] = None,
    scale: Annotated[str, typer.Option(help="Of the table: fold, copies or zscore.")] = "fold",
    time: Annotated[
        str | None,
        typer.Option(
            "--time",
            help="When the plate was read, after dosing: of several times, the one to fit. Unless given, the time that "
            "the plate says, else 72 h.",
        ),
    ] = None,
    response: of_plates.Response = None,
    plate_scale: Annotated[
        str | None,
        typer.Option(help="Of the plates' values: percent, fraction or raw; detected unless given."),
    ] = None,
    vehicle: of_plates.Vehicle = None,
    plate_map: of_plates.PlateMap = None,
    partners: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="To screen next; one of each class unless given."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Posterior (.csv); results/<plate>-line.csv unless given."),
    ] = None,
    screen: Annotated[bool, typer.Option("--screen", help="Screen the partners on the posterior.")] = False,
    draws: Annotated[int, typer.Option(min=2, max=1000, help="Lines of the posterior.")] = 32,
    spread: Annotated[
        float, typer.Option(min=0.05, max=5, help="Scales the widths of the prior (population.tsv).")
    ] = 1.0,
    particles: Annotated[int, typer.Option(min=32, max=100_000, help="Proposals simulated at a time.")] = 256,
    noise: Annotated[
        float | None,
        typer.Option(
            "--noise",
            min=0.1,
            max=50,
            help="Of a well, percent points of viability (standard deviation); that of the replicates unless given, 5 "
            "without them.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws the sample.")] = 0,
    force: Force = False,
) -> None:
    """Fit a line's abundances to a plate of it: sample the posterior around a named line or a table's row,
    say whether the model can make such a plate at all, and write the posterior as a table of lines with the
    configuration that screens other partners on it.
    """
    target = output or Path("results") / f"{plate.stem}-line.csv"
    pathway, asked_h = load_pathway(), None if time is None else parse_hours(time)
    if asked_h is not None and not asked_h > 0:
        raise InputError(f"--time: found {time!r}, expected a time after dosing")
    _check_target(target, output is None, (plate, panel, plate_map))
    for ending, marks in (*KNOWN_BY.items(), *([(".h5", (target.stem,))] if screen else [])):
        refuse_other(target.with_suffix(ending), marks, force)
    reading = ReadingOptions(response, plate_scale, tuple(vehicle or ()), plate_map, known_drug)  # type: ignore[arg-type]
    plates = read_plates(plate, reading=reading)
    center = center_of(pathway, panel, around, line, scale, line_of(plates.blocks))
    for message in plates.messages:
        say(message, err=True)
    time_h = assay_time(plates.blocks, plate, asked_h)
    measured = measured_of(pathway, plates.blocks, plate, line, time_h)
    times = {block.time_h for block in plates.blocks if block.time_h == block.time_h}
    among = f", of {', '.join(f'{one:g}' for one in sorted(times))} h on the plate" if len(times) > 1 else ""
    assumed = "" if times or time is not None else ", assumed, as the plate names none (--time says it)"
    say(f"time: {time_h:g} h after dosing{among}{assumed}", err=True)
    named = [name.strip() for name in partners.split(",") if name.strip()] if partners else []
    chosen = outputs.chosen_partners(pathway, named, measured)
    prior = line_prior(pathway, center, spread)
    target.parent.mkdir(exist_ok=True)
    with progress_bar() as progress:
        assay = Assay.compile(pathway, [])
        sampling = Sampling(seed, draws, particles)
        stated = None if noise is None else noise / 100
        found = fit(assay, measured, prior, time_h, sampling, progress, stated)
    prefix = line or line_of(plates.blocks) or plate.stem
    about = f"{prefix}: {draws} lines around {center.name} that agree with {plate.name} at {time_h:g} h"
    anchor = measured[0].drugs[0]
    text = outputs.configuration(target.stem, target, anchor, chosen, time_h, seed, about)
    text = signed(text, target.with_suffix(".yaml"))
    of = {"plate": plate.name, "line": prefix, "time_h": time_h, "assay_noise": stated}
    paths = outputs.write_fit(found, target, prefix, text, of)
    columns = ["quantity", "before", "after", "90 % interval", "width left"]
    title = "What the plate tells most of (factors on the mean of the named lines)"
    table(title, columns, outputs.quantity_rows(found, SHOWN), columns[1:])
    warning = "" if found.verdict.explained else "warning: "
    say(warning + outputs.verdict_sentence(found.verdict), err=not found.verdict.explained)
    for path in paths:
        say(f"wrote {path}")
    if screen:
        _screen(paths[1], target.with_suffix(".h5"))


def _check_target(target: Path, is_default: bool, keep: tuple[Path | None, ...]) -> None:
    """Raise `InputError` for a place where the posterior cannot stand, or that is a file to keep."""
    if target.suffix != ".csv":
        raise InputError(f"{target}: found the ending '{target.suffix}', expected .csv")
    if is_default and not target.parent.exists():
        return
    for path in (target, target.with_suffix(".yaml"), target.with_suffix(".json")):
        checked(path, (".csv", ".yaml", ".json"), keep)


def _screen(config: Path, output: Path) -> None:
    """Screen the partners on the posterior, and print what they do."""
    cube = run(load_config(config), output, restart=True)
    title = "Partners on the posterior: median over the draws, 90 % interval"
    columns = ["combination", "lowest viability", "Bliss excess"]
    table(title, columns, outputs.partner_rows(cube), columns[1:])
    say(f"wrote {cube}")
