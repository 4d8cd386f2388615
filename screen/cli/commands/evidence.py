"""`herscreen evidence`: the statements of an evidence table simulated, and the numbers of a measured one predicted."""

from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.evidence.check import by_kind, check_draws, found_of, json_text, write_csv, write_json
from screen.analysis.evidence.evidence_table import BUILT_IN, read_evidence
from screen.analysis.evidence.sentence import interval, sentence
from screen.analysis.skill.evidence_score import score as score_table
from screen.analysis.skill.measured_table import read_measured
from screen.analysis.skill.record import json_text as skill_text
from screen.analysis.skill.record import write_json as write_skill
from screen.analysis.skill.skill_table import skill_table, skipped_lines
from screen.cli.console import say
from screen.cli.console import table as print_table
from screen.cli.overwrite import Force, refuse_other
from screen.errors import InputError
from screen.files import checked
from screen.pathway import Assay, Draw, load_draws, load_pathway

app = typer.Typer(no_args_is_help=True)
STDOUT = Path("-")
RESULTS, SKILL = ("id", "kind", "value", "pass"), ("sources", "cells", "skipped")
"""Columns and keys by which the files of these commands are known."""


@app.callback()
def evidence() -> None:
    """Test the model against tables of evidence."""


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Evidence table (CSV); the built-in one if not given.")
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", help="Write the results as a JSON list; - prints it, in place of the table."),
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the results as a CSV table.")] = None,
    draws: Annotated[
        int,
        typer.Option("--draws", min=0, help="Also simulate so many draws of the ensemble (pass_fraction)."),
    ] = 0,
    failing: Annotated[
        bool, typer.Option("--failing/--no-failing", help="List the statements that do not hold.")
    ] = True,
    force: Force = False,
) -> None:
    """Simulate every statement of a table (exit status 0 whatever holds)."""
    for path, ending, other in ((json, ".json", csv), (csv, ".csv", json)):
        if path is not None and path != STDOUT:
            checked(path, (ending,), (file, other))
            refuse_other(path, RESULTS, force)
    pathway = load_pathway()
    statements = read_evidence(file or BUILT_IN, pathway)
    results = check_draws(statements, pathway, _draws(draws))
    if csv is not None:
        write_csv(results, csv)
    if json == STDOUT:
        say(json_text(results))
        return
    if json is not None:
        write_json(results, json)
    if failing:
        failed = [(one, told) for one, told in zip(results, statements) if not one.passed]
        lines = [
            [one.id, one.kind, sentence(told), interval(told), found_of(one), told.row.get("source", "")]
            for one, told in failed
        ]
        if lines:
            columns = ["id", "kind", "statement", "stated", "the model", "source"]
            print_table("Statements that do not hold", columns, lines, columns[3:5])
    rows = [[kind, str(passed), str(total)] for kind, (passed, total) in by_kind(results).items()]
    rows.append(["all", str(sum(result.passed for result in results)), str(len(results))])
    print_table("Evidence", ["kind", "hold", "of"], rows, ["hold", "of"])
    for path in filter(None, (json, csv)):
        say(f"wrote {path}")


@app.command()
def score(
    table: Annotated[
        Path,
        typer.Argument(
            help="Table of measured numbers (CSV): IC50, GR50 ... of one drug, synergy of two.",
            show_default=False,
        ),
    ],
    json: Annotated[
        Path | None,
        typer.Option("--json", help="Write figures and cells as JSON; - prints them, in place of the table."),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws", min=0, help="Draws of the ensemble to predict with (default: all).", show_default=False
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Predict each measured number of a table; skill per source and metric, next to predictions without a model."""
    if json is not None and json != STDOUT:
        checked(json, (".json",), (table,))
        refuse_other(json, SKILL, force)
    pathway = load_pathway()
    measured = read_measured(table, pathway)
    ensemble = _draws(draws)
    if not measured.cells:
        raise InputError(
            f"{table}: no row is of a line and drug of the model ({'; '.join(measured.skipped)[:200] or 'no rows'})"
        )
    skill = score_table(measured, Assay.compile(pathway, ()), ensemble)
    if json == STDOUT:
        say(skill_text(skill))
        return
    if json is not None:
        write_skill(skill, json)
    columns, rows, numbers = skill_table(skill)
    print_table("Skill on measured numbers", columns, rows, numbers)
    for line in skipped_lines(skill):
        say(line)
    if json is not None:
        say(f"wrote {json}")


def _draws(count: int | None) -> tuple[Draw, ...]:
    """The first `count` draws of the ensemble, or all of them."""
    ensemble = load_draws()
    if count is not None and count > len(ensemble):
        raise InputError(
            f"--draws: found {count}, expected at most the {len(ensemble)} draws of the ensemble"
        )
    return ensemble[:count]
