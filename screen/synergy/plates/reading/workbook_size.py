"""How large a workbook becomes when it is read, looked at before it is: a small file may unpack to more than any
memory, or hold one cell at the far end of a sheet whose empty rows and columns would all be made.
"""

import io
import re
import zipfile
from pathlib import Path

from screen.errors import InputError

LARGEST_UNPACKED = 500_000_000
"""Bytes of all parts of a workbook."""
MOST_CELLS = 20_000_000
"""Of a sheet from its first cell to its last, empty ones among them."""
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
CELL = re.compile(rb'\br="([A-Z]{1,3})?(\d{1,7})"')
PIECE, OVERLAP = 1 << 20, 32


def check_size(path: Path, content: bytes) -> None:
    """Raise `InputError` for a workbook that unpacks to too much, or with a sheet of too many cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = book.infolist()
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise InputError(
                f"{path}: the workbook unpacks to more than {LARGEST_UNPACKED // 1_000_000} MB; save the sheet as CSV"
            )
        for part in parts:
            if SHEET.fullmatch(part.filename):
                rows, columns = _extent(book, part)
                if rows * columns > MOST_CELLS:
                    raise InputError(
                        f"{path}: found a sheet of {rows} rows and {columns} columns, expected at most {MOST_CELLS} "
                        "cells; clear the far ones, or save the sheet as CSV"
                    )


def _extent(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """The last row and the last column of a sheet, by the names of its rows and cells."""
    rows, columns, kept = 0, 1, b""
    with book.open(part) as sheet:
        while piece := sheet.read(PIECE):
            for letters, row in set(CELL.findall(kept + piece)):
                rows, columns = max(rows, int(row)), max(columns, _number(letters))
            kept = piece[-OVERLAP:]
    return rows, columns


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, XFD 16384."""
    found = 0
    for letter in letters:
        found = 26 * found + letter - 64
    return found
