"""What a command may write over: a table that it wrote before, not a file of another kind that bears the same name."""

import contextlib
import csv
from pathlib import Path
from zipfile import BadZipFile

from screen.errors import InputError
from screen.files import is_stream

LONGEST_HEAD = 1 << 20


def refuse_other(path: Path, marks: tuple[str, ...], force: bool) -> None:
    """Raise `InputError` if there is a file at `path` that does not hold all columns (of a workbook: sheets) `marks`,
    unless `force`; streams and empty files hold nothing to lose.
    """
    if force or is_stream(path) or not path.is_file() or not path.stat().st_size:
        return
    if not set(marks) <= set(head_of(path)):
        raise InputError(
            f"{path}: exists already and is no such table as this command writes, expected another name, or --force"
        )


def head_of(path: Path) -> list[str]:
    """The columns of a .csv or .parquet file, the sheets of an .xlsx workbook; none of what cannot be read as such."""
    ending = path.suffix.lower()
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
