"""What a command may write over: what it made before, not a file of another kind that bears the same name.

Tables are known by their columns; pages, pictures and texts say inside that herscreen made them. One rule for every
command, and one wording (`screen.files.occupied`); `tests/cli/test_overwrite.py` walks all commands.
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

from screen.cube.reader import CubeReader
from screen.errors import InputError
from screen.files import is_stream, occupied
from screen.report.drawing.browser import MADE_BY
from screen.report.drawing.style import FONT

WRITTEN_BY = "written by herscreen"
COMMENTS = {
    ".bib": "% {}",
    ".yaml": "# {}",
    ".ant": "// {}",
    ".xml": "<!-- {} -->",
    ".sbml": "<!-- {} -->",
    ".svg": "<!-- {} -->",
}
"""How a text says that herscreen wrote it, by its ending."""
LONGEST_HEAD = 1 << 20
LONGEST_JSON = 1 << 28
SIGNS = {
    ".html": (b'name="generator" content="herscreen',),
    ".htm": (b'name="generator" content="herscreen',),
    ".svg": (
        html.escape(FONT).encode(),
        f"{html.escape(FONT.removesuffix(', sans-serif'))}".encode(),
        WRITTEN_BY.encode(),
    ),
    ".png": (MADE_BY.encode(),),
    ".pdf": (MADE_BY.encode(), MADE_BY.encode("utf-16-be").hex().upper().encode()),
    **{ending: (WRITTEN_BY.encode(),) for ending in (".bib", ".yaml", ".ant", ".xml", ".sbml")},
}
"""What stands in a page, a picture or a text that herscreen made."""
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
        raise occupied(path, f"is no such {'table' if marks else 'file'} as this command writes")


def refuse_others(paths: Iterable[Path], force: bool) -> None:
    """The same of pages, pictures and texts."""
    for path in paths:
        refuse_other(path, (), force)


def is_ours(path: Path) -> bool:
    """Whether a page, a picture or a text says that herscreen made it."""
    with path.open("rb") as file:
        text = file.read() if path.suffix.lower() in WHOLE else file.read(4096)
    return any(sign in text for sign in SIGNS[path.suffix.lower()])


def signed(text: str, path: Path) -> str:
    """A text that is written to `path`, with a comment that says that herscreen wrote it; in XML behind the
    declaration, as itself where the ending has no comments.
    """
    comment = COMMENTS.get(path.suffix.lower())
    if comment is None:
        return text
    line = comment.format(WRITTEN_BY) + "\n"
    if not text.startswith("<?xml"):
        return line + text
    declaration, end, rest = text.partition("?>")
    return f"{declaration}{end}\n{line}{rest.lstrip()}"


def head_of(path: Path) -> list[str]:
    """The columns of a .csv or .parquet file, the sheets of an .xlsx workbook, the keys of a .json object (of a list:
    of its first), the name of a cube's configuration; none of what cannot be read as such.
    """
    ending = path.suffix.lower()
    if ending == ".json":
        if path.stat().st_size > LONGEST_JSON:
            return []
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError, RecursionError):
            return []
        first = found[0] if isinstance(found, list) and found else found
        return list(first) if isinstance(first, dict) else []
    if ending == ".h5":
        try:
            with CubeReader.open(path) as cube:
                return [str(json.loads(cube.text("config"))["name"])]
        except (InputError, ValueError, LookupError, TypeError, OSError):
            return []
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
