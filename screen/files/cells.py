"""Cells of tables that a spreadsheet may open: a text is a text, whatever it begins with, and one that a terminal would
obey shows its codes.
"""

import csv
import io
from collections.abc import Iterable

from screen.errors import printable

FORMULA = tuple("=+-@\t\r")


def guarded(text: str) -> str:
    """`text`, with an apostrophe before it when it begins like a formula and is no number; escape codes as text."""
    text = printable(text)
    return f"'{text}" if text[:1] in FORMULA and not _is_number(text) else text


def table_text(rows: Iterable[Iterable[object]], separator: str = ",") -> str:
    """Rows, the heads of the columns first, as lines of a table; texts are guarded, other values as they print."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
