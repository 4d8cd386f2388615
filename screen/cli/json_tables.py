"""`--json` of every command that prints tables: all of them, and the lines beside them, as one document on standard
output, printed when the command ends.
"""

import json
import re
import sys
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal

import typer
from typer.core import TyperOption

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
SINGLE = re.compile(rf"({NUMBER})\s*(%?)")
RANGE = re.compile(rf"({NUMBER})\s*%? to ({NUMBER})\s*(%?)")
UNKNOWN = ("", "nan")

Value = str | float | int | list[float | int] | None


@dataclass
class Document:
    """What a command has printed so far."""

    tables: list[dict[str, object]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]
    ) -> None:
        """Take up a table; the columns `numbers` hold numbers."""
        names, values = _distinct(columns), [column in numbers for column in columns]
        found = [
            {
                name: value_of(cell) if number else cell
                for name, cell, number in zip(names, row, values, strict=True)
            }
            for row in rows
        ]
        self.tables.append({"title": " ".join(title.split()), "columns": names, "rows": found})


_ASKED: ContextVar[Document | None] = ContextVar("asked", default=None)


def asked_document() -> Document | None:
    """The document of the command that runs; None where nobody asked for JSON."""
    return _ASKED.get()


def value_of(cell: str) -> Value:
    """The cell of a column of numbers: a number, a percentage as a fraction, an interval as a list of two; unknown is
    None, and words stay words.
    """
    text = " ".join(cell.split())
    if text.lower().lstrip("+-").rstrip("% ") in UNKNOWN:
        return None
    if found := SINGLE.fullmatch(text):
        return _number(found[1], found[2])
    if found := RANGE.fullmatch(text):
        return [_number(found[1], found[3]), _number(found[2], found[3])]
    return text


def json_option() -> TyperOption:
    """The option `--json`, which the command itself does not see."""
    app = typer.Typer(add_completion=False)

    @app.command()
    def any_command(
        as_json: bool = typer.Option(
            False, "--json", help="Print the tables as JSON.", callback=_begin, expose_value=False
        ),
    ) -> None:
        """Any command that prints tables."""

    found = typer.main.get_command(app).params[0]
    assert isinstance(found, TyperOption)
    return found


def _begin(context: typer.Context, wanted: bool) -> bool:
    if wanted and not context.resilient_parsing:
        before = _ASKED.set(Document())

        def end() -> None:
            document = _ASKED.get()
            _ASKED.reset(before)
            error = sys.exc_info()[1]
            if document is not None and (error is None or isinstance(error, typer.Exit)):
                shown = {"tables": document.tables, "notes": document.notes}
                typer.echo(json.dumps(shown, indent=1, allow_nan=False))

        context.call_on_close(end)
    return wanted


def _number(text: str, percent: str) -> float | int:
    if percent:
        return float(Decimal(text) / 100)  # 7 % is 0.07, not 0.07000000000000001
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def _distinct(columns: Sequence[str]) -> list[str]:
    """The names of the columns, a second one of a name with its place behind it."""
    return [
        f"{name} ({place + 1})" if name in columns[:place] else name for place, name in enumerate(columns)
    ]
