"""Columns that are not known. They are named and left alone, unless wells of the same doses differ in one: such wells
are no replicates, and the file is refused.
"""

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError
from screen.synergy.plates.reading.layouts import UNKNOWN

MOST_LEVELS = 24


def refuse_repeats(
    unknown: pd.DataFrame, doses: list[Floats], block: Indices, usable: Bools, source: str
) -> str:
    """The heads of `unknown` columns `(well,)`, joined by commas. InputError where one tells repeated wells apart."""
    heads = [name for name in unknown.columns if unknown[name].notna().any()]
    if heads:
        key = pd.MultiIndex.from_arrays([block, *doses])
        repeated = key.duplicated(keep=False) & usable
        if repeated.any():
            group = key[repeated].factorize()[0]
            for name in heads:
                _refuse_one(unknown[name].to_numpy()[repeated], group, name.removeprefix(UNKNOWN), source)
    return ", ".join(name.removeprefix(UNKNOWN) for name in heads)


def _refuse_one(texts: Floats, group: Indices, head: str, source: str) -> None:
    codes, found = pd.factorize(texts)
    levels = len(found)
    if levels < 2 or levels > min(MOST_LEVELS, max(2, len(texts) // 3)):
        return
    within = pd.Series(codes).groupby(group).nunique()
    repeated = pd.Series(codes).groupby(group).size()
    if _measured(found) or np.mean(within[repeated > 1] > 1) <= 0.5:
        return
    shown = ", ".join(map(str, found[:4])) + (" ..." if levels > 4 else "")
    raise InputError(
        f"{source}: wells of the same doses differ in the column '{head}' ({shown}), which is not known, so they are "
        "no replicates: name it block_id, cell_line, time_h or schedule to have blocks of their own, replicate if they "
        "are replicates, or take it out"
    )


def _measured(found: Floats) -> bool:
    """Whether a column holds measured numbers, which tell no groups apart."""
    values = pd.to_numeric(pd.Series(found, dtype=object), errors="coerce")
    return bool(values.notna().all() and len(values) > 6 and (values % 1 != 0).mean() > 0.5)
