"""`herscreen calibrate`: fit the model's free values to data, write the ensemble, cross-validate."""

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from screen.analysis.calibration.abundance_prior import built_in_abundance
from screen.analysis.calibration.calibrate import calibrate as fit
from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.cross_validation import (
    FOLDS,
    HeldOut,
    cross_validate,
    tables,
    write_held_out,
)
from screen.analysis.calibration_outputs.outputs import summary, write_tables
from screen.analysis.calibration_outputs.pathway_tables import write_shipped
from screen.analysis.calibration_outputs.petab import petab_problem
from screen.analysis.calibration_outputs.petab_files import PROBLEM, VERSION_2, write_petab
from screen.cli.console import is_terminal, say
from screen.config.calibration import CalibrationConfig, load_calibration
from screen.errors import InputError
from screen.pathway import Assay, load_pathway
from screen.pathway.names import SIGNALS
from screen.report.standalone.calibration import write_calibration


def calibrate(
    config: Annotated[Path, typer.Argument(help="Calibration file (YAML).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the calibration; an unfinished one is resumed.")
    ] = Path("results/calibration"),
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Threads; the result is the same.")] = 2,
    hold_out: Annotated[
        str | None,
        typer.Option(
            "--hold-out",
            help="Cross-validate instead: leave out `lines`, `drugs` or `laboratories` by folds.",
        ),
    ] = None,
    folds: Annotated[
        int,
        typer.Option(
            "--folds", min=2, help="Parts that --hold-out deals the lines, drugs or laboratories to."
        ),
    ] = FOLDS,
    petab: Annotated[
        Path | None,
        typer.Option(
            "--petab", help="Write the problem into this folder in PEtab form instead (version 2 in v2)."
        ),
    ] = None,
) -> None:
    """Fit the free values to measured numbers and evidence; write the tables, the ensemble and how they were found.

    A second call resumes. With --hold-out or --petab, cross-validate or export the same problem instead.
    """
    settings = load_calibration(config)
    if petab is None and not output.absolute().parent.is_dir():
        raise InputError(f"{output}: the folder {output.parent} does not exist")
    if hold_out is not None and petab is not None:
        raise InputError("--hold-out and --petab exclude each other")
    if petab is not None:
        _petab(settings, petab)
    elif hold_out is None:
        _fit(settings, output, jobs)
    else:
        _hold_out(settings, output, jobs, hold_out, folds)


def _fit(settings: CalibrationConfig, output: Path, jobs: int) -> None:
    pathway = load_pathway()
    with _bar() as progress:
        calibration = fit(pathway, built_in_abundance(), settings, output, progress, jobs)
    paths = write_tables(calibration, output)
    paths += write_shipped(calibration.nominal_draw, Assay.compile(pathway, SIGNALS), output)
    paths.append(write_calibration(calibration, output / "calibration.html"))
    for path in paths:
        say(f"wrote {path}")
    for line in summary(calibration):
        say(line)


def _petab(settings: CalibrationConfig, folder: Path) -> None:
    if not folder.absolute().parent.is_dir():
        raise InputError(f"{folder}: the folder {folder.parent} does not exist")
    assay, observations = lay_out(load_pathway(), built_in_abundance(), settings)
    problem = petab_problem(assay, observations)
    say(f"wrote {write_petab(problem, folder)}")
    say(f"wrote {folder / VERSION_2 / PROBLEM}")
    rows = len(observations.rows)
    say(f"{rows - len(problem.left_out)} of {rows} rows, {len(observations.free)} free values")
    for words, reasons in (("left out", problem.left_out), ("mapped", problem.mapped)):
        for reason, count in Counter(reasons.values()).items():
            say(f"{count} {words}: {reason}")


def _hold_out(settings: CalibrationConfig, output: Path, jobs: int, by: str, folds: int) -> None:
    with _bar() as progress:
        rows = cross_validate(
            load_pathway(), built_in_abundance(), settings, by, output, folds, progress, jobs
        )
    path = output / f"held-out-{by}.csv"
    write_held_out(rows, path)
    for table in _tables(rows, by):
        Console(markup=False).print(table)
    say(f"wrote {path}")


def _tables(rows: list[HeldOut], by: str) -> Iterator[Table]:
    """Coverage and errors, of all rows and by metric, line and drug."""
    for what, figures in tables(rows).items():
        table = Table(what, "rows", "in 90 %", "rmse", "drug mean", "line mean", title=f"Held-out {by}")
        table.caption = "errors in standard deviations of a number that was fitted"
        if what == "metric":
            table.add_column("noise")
            table.add_column("nested")
            table.caption += (
                "; noise: with which 90 % would be inside; nested: inside with what other folds ask for"
            )
        for one in figures:
            numbers = [_text(value) for value in (one.error, one.drug_mean, one.line_mean)]
            if what == "metric":
                numbers += [_text(one.noise), _text(one.nested, ".0%")]
            table.add_row(one.name, str(one.rows), f"{one.inside:.0%}", *numbers)
        yield table


def _text(value: float, form: str = ".2f") -> str:
    return "-" if math.isnan(value) else format(value, form)


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int, float], None]]:
    """A progress function over one bar a stage, on a terminal."""
    with Progress(console=Console(stderr=True), disable=not is_terminal(sys.stderr)) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int, misfit: float) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            words = stage if math.isnan(misfit) else f"{stage} (misfit {misfit:.2f})"
            bar.update(tasks[stage], completed=done, total=total, description=words)

        yield progress
