"""Tables as CSV files, whole or not at all, in which a text is a text: what a spreadsheet would run as a formula, or
a terminal as a command, is data.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from screen.files import atomic_write, guarded


def write_csv(table: pd.DataFrame, path: Path, float_format: str | None = None) -> Path:
    """Write a table without its index; returns `path`."""
    with atomic_write(path) as unfinished:
        plain_text(table).to_csv(unfinished, index=False, float_format=float_format)
    return path


def plain_text(table: pd.DataFrame) -> pd.DataFrame:
    """The table for CSV: a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    changed: dict[str, Any] = {}
    for name in table.columns:
        values = table[name]
        if str(values.dtype) == "category":
            changed[name] = values.cat.rename_categories(
                [guarded(str(text)) for text in values.cat.categories]
            )
        elif values.dtype.kind in "OUST" or str(values.dtype).startswith("str"):
            codes, found = pd.factorize(values)
            texts = [*(guarded(str(text)) for text in found), np.nan]
            changed[name] = np.array(texts, dtype=object)[codes]
    return table.assign(**changed)
