"""A DataFrame as a sheet of texts, as if it had been read from a file: its columns are the head. One whose index and
columns are doses is a matrix, drug 1 down and drug 2 across, and the names of both are those of the drugs.
"""

from typing import Any

import numpy as np
import pandas as pd

from screen.errors import InputError

NAME = "table"


def sheet_of(frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The sheet of a table of wells or of a matrix, numbers to their last digit. InputError for an empty one."""
    if frame.empty:
        raise InputError("found a DataFrame without a row, expected a table of wells or a matrix")
    if is_matrix(frame):
        names = [
            name or f"drug {k}" for k, name in enumerate((frame.index.name, frame.columns.name), start=1)
        ]
        head = ["\\".join(map(str, names)), *map(text_of, frame.columns)]
        body: list[Any] = [list(frame.index), *(frame.iloc[:, k] for k in range(frame.shape[1]))]
    else:
        kept = any(name is not None for name in frame.index.names)
        table = frame.reset_index(drop=not kept)
        head = [str(name) for name in table.columns]
        body = [table.iloc[:, k] for k in range(table.shape[1])]
    columns = {k: [text, *map(text_of, values)] for k, (text, values) in enumerate(zip(head, body))}
    sheet = pd.DataFrame(columns, dtype=object)
    return NAME, sheet.set_axis(range(1, len(sheet) + 1), axis=0)


def is_matrix(frame: pd.DataFrame) -> bool:
    """Whether index and columns are numbers, and so doses."""
    axes = frame.index, frame.columns
    return min(frame.shape) > 1 and all(
        axis.nlevels == 1 and pd.api.types.is_numeric_dtype(axis) for axis in axes
    )


def text_of(value: Any) -> str | float:
    """A value as a file would hold it, NaN for none."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return np.nan
    if isinstance(value, float | np.floating):
        return repr(float(value)).removesuffix(".0")
    return str(value)
