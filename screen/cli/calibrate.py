"""`herscreen calibrate`: fit the model's free values to evidence and write the ensemble."""

from pathlib import Path
from typing import Annotated

import typer


def calibrate(
    config: Annotated[Path, typer.Argument(help="Calibration file (YAML).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the calibration; an unfinished one is resumed.")
    ] = Path("results/calibration"),
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Threads; the result is the same.")] = 2,
) -> None:
    """Fit the free values to the evidence; write the nominal set, the ensemble and how they were found."""
    import sys

    from rich.console import Console
    from rich.progress import Progress

    from screen.analysis import calibrate as room
    from screen.analysis.calibrate_report import write_tables
    from screen.analysis.calibrate_settings import read_settings
    from screen.errors import InputError
    from screen.pathway import load_pathway

    settings = read_settings(config)
    if not output.parent.is_dir():
        raise InputError(f"{output}: the folder {output.parent} does not exist")
    pathway = load_pathway()
    stderr = Console(stderr=True)
    with Progress(console=stderr, disable=not sys.stderr.isatty()) as bar:
        tasks = {
            "search": bar.add_task("search", total=settings.starts * settings.bursts),
            "sample": bar.add_task("sample", total=settings.steps),
        }

        def progress(stage: str, done: int, total: int, energy: float) -> None:
            bar.update(
                tasks[stage], completed=done, total=total, description=f"{stage} (energy {energy:.1f})"
            )

        calibration = room.calibrate(pathway, settings, output, progress, jobs)
    for path in write_tables(calibration, pathway, output):
        Console().print(str(path), highlight=False)
    record = calibration.record
    Console().print(
        f"{record['hold_nominal']} of {record['statements']} statements hold; {record['free']} free values; "
        f"{len(calibration.draws)} draws hold {min(record['hold_draws'])} to {max(record['hold_draws'])}; "
        f"R-hat {record['r_hat']['median']:.2f} (median), {record['r_hat']['largest']:.2f} (largest)",
        highlight=False,
    )
