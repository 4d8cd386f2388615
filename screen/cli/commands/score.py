"""`herscreen score`: synergy scores of a cube, or of plates measured in a laboratory."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import is_terminal, say, table
from screen.cli.json_tables import asked_document
from screen.cli.overwrite import refuse_other
from screen.cli.plates import ROUNDS
from screen.errors import InputError
from screen.files import ANY_SIZE, LARGEST_TABLE, checked, is_stream, require_file
from screen.pathway import known_drug
from screen.report.tables.csv_file import write_csv
from screen.report.tables.xlsx import write_workbook
from screen.runner.results.rescore import refuse_loss, rescore
from screen.synergy import plate_tables as tables_of
from screen.synergy.models.registry import MODELS
from screen.synergy.plate_scores import PlateOptions, PlateScores, score_plates
from screen.synergy.plates.read_plates import read_plates
from screen.synergy.plates.reading.template import write_templates
from screen.synergy.score import check_models

CUBES = (".h5", ".hdf5", ".nc")
TABLES = (".csv",)
BOOK = ".xlsx"
SHEET_ROWS = 1_048_575
SHOWN = 20
CUBE_MODELS = ("hsa", "bliss", "loewe", "zip")
CUBE_SCORES = ("cell_line", "combination", "time")
PLATE_COLUMNS = ("table", "column", "unit", "meaning")
DIGITS = "%.10g"  # of the full table: more than a measurement has, without the rounding of binary fractions
PLATE_SCORES = ("block_id", "drug_row", "drug_col", "reason")
CUBE_CELLS = ("cell_line", "combination", "dose_1")
PLATE_CELLS = ("block_id", "drug_row", "conc_unit", "outlier")
SHEETS = ("all numbers", "how it was read", "columns")


def score(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="INPUT", help="A cube (.h5), or plates (.csv, .tsv, .xlsx).", show_default=False
        ),
    ] = None,
    models: Annotated[
        str | None,
        typer.Option(metavar="A,B", help=f"Reference models: {', '.join(MODELS)}."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Table of scores to write: .csv (of plates with NAME_compact.csv beside it, what is read first at "
            "sensible digits, and NAME_columns.csv, what each column means), or of plates .xlsx (sheets scores, all "
            "numbers, cells, how it was read, columns).",
        ),
    ] = None,
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Bootstrap rounds for intervals (100 or more); 0 for none.")
    ] = 0,
    response: Annotated[
        str | None,
        typer.Option(
            help="What the plates hold: viability, inhibition, growth (percent growth, below 0 is death) or gr; "
            "detected unless given."
        ),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            help="Of the values: percent, fraction, or raw (counts, signals: normalised to the untreated wells of "
            "their plate); detected unless given."
        ),
    ] = None,
    vehicle: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A name of wells without drug, beside DMSO, vehicle, control and the like."
        ),
    ] = None,
    plate_map: Annotated[
        Path | None,
        typer.Option(
            "--map", help="What the wells of a plate reader's export hold (well, drug1, conc1, ...)."
        ),
    ] = None,
    line: Annotated[
        str | None, typer.Option(metavar="NAME", help="The cell line of plates that name none.")
    ] = None,
    baseline: Annotated[str, typer.Option(help="Baseline correction of plates: none, part or all.")] = "none",
    single_agent: Annotated[
        str | None,
        typer.Option(help="Single-agent curves of plates: fit (measured) or monotone (simulated)."),
    ] = None,
    fit: Annotated[
        str | None,
        typer.Option(
            help="Fitted curves of Loewe and ZIP on plates: drc (as SynergyFinder) or least-squares. Unless "
            "given: where measured, Loewe takes drc's curve of a drug if it fits as well as that of least "
            "squares, and ZIP drc's; where simulated, both least-squares."
        ),
    ] = None,
    cells: Annotated[
        Path | None, typer.Option(help="Table of the excess per dose pair or triple to write.")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="A cube to compare the plates' scores with.")] = None,
    readout: Annotated[
        str | None, typer.Option(help="The readout of a cube to score; viability unless given.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
    check: Annotated[
        bool, typer.Option("--check", help="Show how plates are read, and score nothing.")
    ] = False,
    template: Annotated[
        bool,
        typer.Option("--template", help="Write an empty plate (INPUT, or plate.csv) and a map, to fill in."),
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes that share the work.")] = 1,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Drop a cube's scores by other models or of another readout; write over other files.",
        ),
    ] = False,
) -> None:
    """Score a cube (its group /scores is replaced) or measured plates, of two drugs or three. Positive is
    synergy for every excess score, in percent points of inhibition."""
    if template:
        for path in write_templates(source or Path("plate.csv"), force):
            say(f"wrote {path}")
        return
    if source is None:
        raise InputError("found no INPUT, expected a cube (.h5) or plates; --template writes an empty plate")
    is_cube = source.suffix.lower() in CUBES
    if cells is not None:
        checked(cells, TABLES, (source, against, output))
    if output is not None:
        checked(output, TABLES if is_cube else (*TABLES, BOOK), (source, against, cells, plate_map))
        for path in () if is_cube else _companions(output):
            checked(path, TABLES, (source, against, cells, plate_map))
    require_file(source, ANY_SIZE if is_cube else LARGEST_TABLE, "a cube or plates")
    if against is not None:
        require_file(against, ANY_SIZE, "a cube made by `herscreen run`")
    if not check:
        _refuse_others(output, cells, is_cube, force)
    chosen = tuple(name.strip().lower() for name in models.split(",") if name.strip()) if models else None
    check_models(chosen or ())
    options = PlateOptions(
        models=chosen,
        response=response,  # type: ignore[arg-type]
        scale=scale,  # type: ignore[arg-type]
        vehicle=tuple(vehicle or ()),
        map=plate_map,
        baseline=baseline,  # type: ignore[arg-type]
        single_agent=single_agent,  # type: ignore[arg-type]
        fit=fit,  # type: ignore[arg-type]
        bootstrap=bootstrap,
        seed=seed,
        against=against,
        drug_name=known_drug,
        jobs=jobs,
        line=line,
    )
    if is_cube:
        options.for_plates_only()
        readout = readout or "viability"
        if not force:
            refuse_loss(source, options.models or CUBE_MODELS, readout)
        _score_cube(source, options, readout, output, cells)
        return
    if readout is not None:
        raise InputError(
            f"--readout: for cubes, found plates; --response says what they hold (found {readout!r}, GR values are gr)"
        )
    if check:
        say(read_plates(source, drugs=4, reading=options.reading))
    else:
        _score_plates(source, options, output, cells)


def _refuse_others(output: Path | None, cells: Path | None, is_cube: bool, force: bool) -> None:
    """Tables that this command wrote before are written again, other files are not."""
    if cells is not None:
        refuse_other(cells, CUBE_CELLS if is_cube else PLATE_CELLS, force)
    if output is None:
        return
    if output.suffix.lower() == BOOK:
        refuse_other(output, SHEETS, force)
        return
    refuse_other(output, CUBE_SCORES if is_cube else PLATE_SCORES, force)
    for path, known in () if is_cube else zip(_companions(output), (PLATE_SCORES, PLATE_COLUMNS)):
        refuse_other(path, known, force)


def _companions(output: Path) -> tuple[Path, ...]:
    """The names of the compact table and of the columns' meanings beside a full table; none beside a workbook."""
    if output.suffix.lower() == BOOK or is_stream(output):
        return ()
    return tuple(output.with_name(f"{output.stem}_{what}{output.suffix}") for what in ("compact", "columns"))


def _score_plates(source: Path, options: PlateOptions, output: Path | None, cells: Path | None) -> None:
    plates = read_plates(source, drugs=4, reading=options.reading)
    for message in plates.messages:
        say(message, err=True)
    found = score_plates(plates, options)
    for note in found.notes:
        say(note, err=True)
    if 0 < options.bootstrap < ROUNDS:
        say(
            f"--bootstrap: {options.bootstrap} rounds give rough intervals and p; {ROUNDS} or more are meant",
            err=True,
        )
    if not options.bootstrap and not any(block.simulated for block in plates.blocks):
        say("intervals, p and q: --bootstrap 200 adds them", err=True)
    if cells is not None:
        write_csv(found.cells, cells)
    if output is None:
        _show(found)
        if cells is not None:
            say(f"wrote {cells}", err=True)
        return
    if output.suffix.lower() == BOOK:
        _write_book(found, [*plates.messages, *found.notes], output)
    else:
        write_csv(found.summary, output, DIGITS)
    companions = _companions(output)
    for path, one in zip(
        companions, (tables_of.compact(found.summary), tables_of.columns_of({"scores": found.summary}))
    ):
        write_csv(one, path)
    say(tables_of.scored_words(found.summary, found.models), err=True)
    for path in (output, *companions, *filter(None, [cells])):
        say(f"wrote {path}", err=True)


def _write_book(found: PlateScores, messages: Sequence[str], output: Path) -> None:
    tables = {"scores": tables_of.compact(found.summary), "all numbers": found.summary, "cells": found.cells}
    about = {
        "how it was read": tables_of.how_read(found.summary, messages),
        "columns": tables_of.columns_of(tables),
    }
    write_workbook(tables | about, output, SHEET_ROWS, readme=())


def _show(found: PlateScores) -> None:
    """The means on the screen, with intervals and q-values where there are any."""
    as_json = asked_document() is not None
    shown = tables_of.printed(found.summary, found.models).head(len(found.summary) if as_json else SHOWN)
    names = [str(name) for name in shown]
    say("excess in percent points of inhibition, positive = synergy", err=True)
    if as_json:
        rows = shown.astype(object).where(shown.notna(), "").map(str).to_numpy().tolist()
        table("Synergy scores", names, rows, [name for name in names if name not in tables_of.WORDS])
        return
    if is_terminal(sys.stdout):
        head, rows, reasons = tables_of.drawn(shown, found.models)
        table("Mean excess, percent points", head, rows, head[2:])
        for words in reasons:
            say(words)
    else:
        say(shown.to_csv(index=False, float_format="%.3f", sep="\t").rstrip())
    if len(found.summary) > SHOWN:
        say(f"... {len(found.summary) - SHOWN} more; -o FILE writes all of them", err=True)


def _score_cube(
    source: Path, options: PlateOptions, readout: str, output: Path | None, cells: Path | None
) -> None:
    scores = rescore(source, options.models or CUBE_MODELS, readout, options.jobs)
    models = [str(name) for name in scores.data_vars if f"{name}_excess" in scores.data_vars]
    say(f"{source}: /scores replaced ({', '.join(models)})", err=True)
    if cells is not None:
        write_csv(scores[[f"{name}_excess" for name in models]].to_dataframe().reset_index(), cells)
    if output is not None:
        lead = [name for name in scores.data_vars if not {"dose_1", "dose_2"} & set(scores[name].dims)]
        write_csv(scores[lead].reset_coords(drop=True).to_dataframe().reset_index(), output)
    for path in filter(None, [output, cells]):
        say(f"wrote {path}", err=True)
