"""Cells merged down a sheet, or written once over the rows that they hold for: only the first row has the text."""

import pandas as pd

from screen.synergy.plates.reading.numbers import EMPTY, read_numbers

CONTEXT = ("cell_line", "block_id", "plate", "time", "schedule", "unit_1", "unit_2")
VALUES = ("response", "row", "sheet")
MOST = 0.5


def fill_down(long: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows `long`, texts in our columns, with the texts of merged cells in all their rows, and our names of the
    columns so filled.

    A column of what wells share is filled where its first row has a text and more than half of the others none; one of
    a drug's names where such rows have a dose of it; one of doses where blanks read as 0 would make wells of the same
    doses and filled ones make none."""
    found: list[str] = []
    for name in (*CONTEXT, "drug_1", "drug_2", "conc_1", "conc_2"):
        if name not in long or not _sparse(long[name]):
            continue
        filled = long[name].mask(_blank(long[name])).ffill()
        if (
            name in CONTEXT
            or (name.startswith("drug") and _dosed_below(long, name))
            or _parts(long, name, filled)
        ):
            long = long.assign(**{name: filled})
            found.append(name)
    return long, tuple(found)


def _blank(texts: pd.Series) -> pd.Series:
    return texts.isna() | texts.fillna("").str.strip().str.lower().isin(EMPTY)


def _sparse(texts: pd.Series) -> bool:
    """Whether the first row has a text and more than half of the rows none."""
    none = _blank(texts)
    return len(texts) > 1 and not none.iloc[0] and bool(none.mean() > MOST)


def _dosed_below(long: pd.DataFrame, name: str) -> bool:
    """Whether rows without the drug's name have a dose of it."""
    dose = f"conc_{name[-1]}"
    return dose in long and bool((read_numbers(long[dose][_blank(long[name])]).value > 0).any())


def _parts(long: pd.DataFrame, name: str, filled: pd.Series) -> bool:
    """Whether doses filled down tell wells apart that blanks do not."""
    if not name.startswith("conc"):
        return False
    others = [one for one in long if one not in (*VALUES, name)]
    blank = long[name].mask(_blank(long[name]), "0")
    same = [long[others].assign(own=own).duplicated().any() for own in (blank, filled)]
    return bool(same[0] and not same[1])
