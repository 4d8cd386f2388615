"""What of a file is left out, or has no value: counted for the file, and noted with each block that it is of."""

import numpy as np

from screen.arrays import Indices
from screen.synergy.plates.meaning.rows import Rows

TOLD_ELSEWHERE = ("of another role", "drug")


def left_out_messages(rows: Rows) -> list[str]:
    """How many rows of a file are left out and why, with the first line of each reason; how many have no response."""
    elsewhere = np.any([marks for marks, words in rows.left_out if words.endswith(TOLD_ELSEWHERE)], axis=0)
    told, reasons = elsewhere.copy(), []
    for marks, words in rows.left_out:
        if (marks & ~told).any():
            reasons.append(f"{_lines(rows.line[marks & ~told])} {words}")
            told |= marks
    none = rows.usable & np.isnan(rows.response)
    total, messages = len(rows.line), []
    if reasons:
        count = int((told & ~elsewhere).sum())
        messages.append(f"left out: {count} of {total} rows: {'; '.join(reasons)}")
    if none.any():
        messages.append(f"no response: {int(none.sum())} of {total} rows: {_lines(rows.line[none])}")
    return messages


def nothing_left(rows: Rows, source: str) -> str:
    """Why no well of a file can be scored, in one line."""
    words = left_out_messages(rows)
    computed = "; a workbook whose formulas were never computed holds no values: open it, save it"
    books = source.lower().endswith((".xlsx", ".xlsm")) and any(
        text.startswith("no response") for text in words
    )
    return f"{source}: no row with two doses and a response is left ({'; '.join(words)}{computed if books else ''})"


def left_out_notes(rows: Rows, own: Indices) -> list[str]:
    """Words on the rows `own` of a block that are left out."""
    hits = [(own[marks[own]], words) for marks, words in rows.left_out]
    return [f"{_lines(rows.line[lines])} {words}: left out" for lines, words in hits if lines.size]


def _lines(found: Indices) -> str:
    return f"line {found[0]}" + (f" (and {found.size - 1} more)" if found.size > 1 else "")
