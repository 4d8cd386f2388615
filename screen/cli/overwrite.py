"""What a command may write over: what it made before, not a file of another kind that bears the same name.

Tables are known by their columns; pages and pictures say inside that herscreen made them. One rule for every command.
"""

import contextlib
import csv
import html
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated
from zipfile import BadZipFile

import typer

from screen.errors import InputError
from screen.files import is_stream
from screen.report.drawing.browser import MADE_BY
from screen.report.drawing.style import FONT

LONGEST_HEAD = 1 << 20
LONGEST_JSON = 1 << 28
SIGNS = {
    ".html": (b'name="generator" content="herscreen',),
    ".htm": (b'name="generator" content="herscreen',),
    ".svg": (html.escape(FONT).encode(), f"{html.escape(FONT.removesuffix(', sans-serif'))}".encode()),
    ".png": (MADE_BY.encode(),),
    ".pdf": (MADE_BY.encode(), MADE_BY.encode("utf-16-be").hex().upper().encode()),
}
"""What stands in a page or a picture that herscreen made."""
WHOLE = (".pdf",)
"""Kinds of files whose sign may stand anywhere."""
Force = Annotated[bool, typer.Option("--force", help="Write over files that this command did not make, too.")]


def refuse_other(path: Path, marks: tuple[str, ...], force: bool) -> None:
    """Raise `InputError` if there is a file at `path` that this command does not make, unless `force`: a table without
    all columns (of a workbook: sheets; of JSON: keys) `marks`, a page or a picture of another program. Streams and
    empty files hold nothing to lose.
    """
    if force or is_stream(path) or not path.is_file() or not path.stat().st_size:
        return
    if not is_ours(path) if path.suffix.lower() in SIGNS else not set(marks) <= set(head_of(path)):
        what = "table" if marks else "file"
        raise InputError(
            f"{path}: exists already and is no such {what} as this command writes, expected another name, or --force"
        )


def refuse_others(paths: Iterable[Path], force: bool) -> None:
    """The same of pages and pictures."""
    for path in paths:
        refuse_other(path, (), force)


def is_ours(path: Path) -> bool:
    """Whether a page or a picture says that herscreen made it."""
    with path.open("rb") as file:
        text = file.read() if path.suffix.lower() in WHOLE else file.read(4096)
    return any(sign in text for sign in SIGNS[path.suffix.lower()])


def head_of(path: Path) -> list[str]:
    """The columns of a .csv or .parquet file, the sheets of an .xlsx workbook, the keys of a .json object; none of what
    cannot be read as such.
    """
    ending = path.suffix.lower()
    if ending == ".json":
        if path.stat().st_size > LONGEST_JSON:
            return []
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError, RecursionError):
            return []
        return list(found) if isinstance(found, dict) else []
    if ending == ".xlsx":
        from openpyxl import load_workbook

        try:
            return list(load_workbook(path, read_only=True).sheetnames)
        except (BadZipFile, KeyError, ValueError, OSError):
            return []
    if ending == ".parquet":
        from pyarrow import ArrowException
        from pyarrow.parquet import read_schema

        try:
            return list(read_schema(path).names)
        except (ArrowException, OSError):
            return []
    with path.open(encoding="utf-8", errors="replace", newline="") as file, contextlib.suppress(csv.Error):
        return next(csv.reader([file.readline(LONGEST_HEAD)]), [])
    return []
