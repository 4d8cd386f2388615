"""A table as HTML, for what objects show of themselves in a notebook; every text in it is data."""

from collections.abc import Sequence
from html import escape


def html_table(title: str, rows: Sequence[Sequence[object]], head: Sequence[str] = (), note: str = "") -> str:
    """A heading, a table whose first column names the rows, and a note beneath."""
    parts = [f"<div><strong>{escape(title)}</strong><table>"]
    if head:
        parts.append(f"<thead><tr>{''.join(f'<th>{escape(name)}</th>' for name in head)}</tr></thead>")
    parts.append("<tbody>")
    for first, *others in rows:
        cells = "".join(f'<td style="text-align: left">{escape(str(cell))}</td>' for cell in others)
        parts.append(f'<tr><th style="text-align: left">{escape(str(first))}</th>{cells}</tr>')
    parts.append(f"</tbody></table>{f'<small>{escape(note)}</small>' if note else ''}</div>")
    return "".join(parts)


def some(names: Sequence[str], most: int = 8) -> str:
    """Names in a row, and how many more there are."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown
