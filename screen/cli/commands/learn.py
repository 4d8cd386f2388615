"""`herscreen learn`: measured plates of any number of lines change the ensemble."""

from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.learn import outputs
from screen.analysis.learn.learn import Learning, learn_plates
from screen.analysis.learn.promises import Kept, kept, read_plan
from screen.analysis.learn.readings.learning_set import (
    lines_of_plates,
    prior_draws,
    prior_of_lines,
    read_plates_of,
)
from screen.analysis.learn.smoothing import SmootherOptions
from screen.cli.console import progress_bar, say, table
from screen.cli.options import Config, Jobs, Settings, usable_processors
from screen.config.learning import load_learning
from screen.errors import InputError
from screen.pathway import Assay, load_pathway

SHOWN = 12


def learn(
    config: Config,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the results; results/<name> unless given."),
    ] = None,
    jobs: Jobs = None,
    settings: Settings = None,
) -> None:
    """Learn from measured plates: update shared parameters and each line's abundances together, say how far the model
    explains each plate and what it gained on plates and lines left out, and write the new ensemble.

    Screens take it as `ensemble: {from: results/<name>/learnt.h5, draws: 64}`. A second call resumes.
    """
    found = load_learning(config, tuple(settings or ()))
    folder = output or Path("results") / found.name
    if not folder.absolute().parent.is_dir():
        if output is not None:
            raise InputError(f"{folder}: the folder {folder.parent} does not exist")
        folder.parent.mkdir()
    plans = [(Path(one), read_plan(Path(one))) for one in found.plan]
    known = prior_draws(load_pathway(), found.ensemble.source)
    plates, paths, messages = read_plates_of(found, known.pathway)
    for message in messages:
        say(message, err=True)
    subjects = lines_of_plates(found, known.pathway, list(dict.fromkeys(plate.line for plate in plates)))
    prior = prior_of_lines(found, known, subjects)
    options = SmootherOptions(found.steps, found.seed, jobs or usable_processors())
    with progress_bar() as progress:
        readouts = {row.readout for plate in plates if plate.is_markers for row in plate.rows}
        assay = Assay.compile(known.pathway, sorted(readouts))
        learning = learn_plates(assay, prior, plates, options, found.draws, found.folds, folder, progress)
    held = [kept(path.name, plan, plates, learning.learnt.noise) for path, plan in plans]
    about = {**found.model_dump(mode="json", by_alias=True), "files": [str(path) for path in paths]}
    written = outputs.write_learning(learning, folder, about, held)
    _say(learning, held)
    for path in written:
        say(f"wrote {path}")


def _say(learning: Learning, plans: list[Kept]) -> None:
    """Verdicts, gains and promises as tables."""
    columns = ["plate", "miss before", "miss after", "allowed", "in 90 %", "outliers", "verdict"]
    rows = [
        [one.plate, f"{one.before:.3f}", f"{one.after:.3f}", f"{one.allowed:.3f}", f"{one.covered:.0%}",
         str(one.outliers), one.words]
        for one in learning.verdicts
    ]  # fmt: skip
    table("Plates (misses in viability, root mean square)", columns, rows, columns[1:6])
    columns = ["line", "quantity", "before", "after", "90 % interval", "width left"]
    table("What the plates tell most of", columns, outputs.narrowest(learning, SHOWN), columns[2:])
    columns = ["left out", "against", "rows", "learnt", "theirs", "error saved", "95 % interval"]
    rows = [
        [one.by, one.name, str(one.rows), f"{one.learnt:.3f}", f"{one.other:.3f}", f"{one.gain:+.0%}",
         f"{one.low:+.0%} to {one.high:+.0%}"]
        for one in learning.gains
    ]  # fmt: skip
    if rows:
        table("Plates and lines left out (squared error saved)", columns, rows, columns[2:])
    for by, inside in learning.coverage.items():
        say(f"{by} left out: {inside:.0%} of rows in their 90 % intervals")
    noise = learning.learnt.noise
    say(
        f"noise {100 * noise.sigma:.1f} points a well; the model misses {100 * noise.delta:.1f} points beside it"
    )
    if any(plate.is_markers for plate in learning.learnt.plates):
        say(f"markers: means lie exp({noise.marker:.2f}) times off the model (standard deviation)")
    for one in plans:
        share = (
            f"{one.inside} of {one.measured} measured rows in their 90 % intervals ({one.planned} planned)"
        )
        say(f"{one.plan}: registered {one.written}, {one.words}: {share}")
