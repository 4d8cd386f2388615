"""`herscreen calibrate`: fit the model's free values to evidence, write the ensemble, cross-validate."""

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

from screen.analysis.calibration.calibrate import calibrate as fit
from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.cross_validation import (
    HeldOut,
    cross_validate,
    lighter,
    score,
    write_held_out,
)
from screen.analysis.calibration_outputs.outputs import write_tables
from screen.analysis.calibration_outputs.petab import petab_problem
from screen.analysis.calibration_outputs.petab_files import write_petab
from screen.analysis.calibration_outputs.tables import write_shipped
from screen.analysis.evidence.table import BUILT_IN, read_evidence
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
        typer.Option("--hold-out", help="Cross-validate instead: leave out `lines` or `drugs`, one by one."),
    ] = None,
    petab: Annotated[
        Path | None, typer.Option("--petab", help="Write the problem into this folder in PEtab form instead.")
    ] = None,
) -> None:
    """Fit the free values to the evidence; write the nominal set, the ensemble and how they were found.

    With --hold-out or --petab, cross-validate or export the same problem instead.
    """
    settings = load_calibration(config)
    if petab is None and not output.parent.is_dir():
        raise InputError(f"{output}: the folder {output.parent} does not exist")
    if hold_out is not None and petab is not None:
        raise InputError("--hold-out and --petab exclude each other")
    if petab is not None:
        _petab(settings, petab)
    elif hold_out is None:
        _fit(settings, output, jobs)
    else:
        _hold_out(settings, output, jobs, hold_out)


def _fit(settings: "CalibrationConfig", output: Path, jobs: int) -> None:

    pathway = load_pathway()
    with _bar() as progress:
        calibration = fit(pathway, settings, output, progress, jobs)
    paths = write_tables(calibration, output)
    paths += write_shipped(calibration.nominal_draw, Assay.compile(pathway, SIGNALS), output)
    paths.append(write_calibration(calibration, output / "calibration.html"))
    for path in paths:
        typer.echo(path)
    record = calibration.record
    typer.echo(
        f"{record['hold_nominal']} of {record['statements']} statements hold; {record['free']} free values; "
        f"{len(calibration.draws)} draws hold {min(record['hold_draws'])} to {max(record['hold_draws'])}; "
        f"R-hat {record['r_hat']['median']:.2f} (median), {record['r_hat']['largest']:.2f} (largest)"
    )


def _petab(settings: "CalibrationConfig", folder: Path) -> None:

    if not folder.parent.is_dir():
        raise InputError(f"{folder}: the folder {folder.parent} does not exist")
    pathway = load_pathway()
    statements = read_evidence(Path(settings.evidence) if settings.evidence else BUILT_IN, pathway)
    problem = petab_problem(lay_out(pathway, statements, settings)[1])
    typer.echo(write_petab(problem, folder))
    inside = len(statements) - len(problem.left_out)
    typer.echo(f"{inside} of {len(statements)} statements, {len(problem.parameters)} free values")
    for words, reasons in (("left out", problem.left_out), ("mapped", problem.mapped)):
        for reason, count in Counter(reasons.values()).items():
            typer.echo(f"{count} {words}: {reason}")


def _hold_out(settings: "CalibrationConfig", output: Path, jobs: int, by: str) -> None:

    with _bar() as progress:
        rows = cross_validate(load_pathway(), lighter(settings), by, output, progress, jobs)
    path = output / f"held-out-{by}.csv"
    write_held_out(rows, path)
    Console().print(_table(rows, by))
    typer.echo(path)


def _table(rows: "list[HeldOut]", by: str) -> object:

    table = Table("statistic", "predictor", "rmse", "r", "hold", "of", title=f"Held-out {by}")
    for statistic in dict.fromkeys(row.statistic for row in rows):
        members = [row for row in rows if row.statistic == statistic]
        for predictor in ("held_out", "null", "fitted"):
            found = score(members, predictor)
            table.add_row(
                f"{statistic} ({members[0].unit})" if predictor == "held_out" else "",
                predictor.replace("_", " "),
                f"{found.error:.3f}",
                f"{found.correlation:.2f}",
                str(found.hold),
                str(found.rows),
            )
    return table


@contextmanager
def _bar() -> "Iterator[Callable[[str, int, int, float], None]]":
    """A progress function over one bar a stage, on a terminal."""
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int, energy: float) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            bar.update(
                tasks[stage], completed=done, total=total, description=f"{stage} (energy {energy:.1f})"
            )

        yield progress
