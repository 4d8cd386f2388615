"""The columns of a table of measured wells: the names that SynergyFinder, DrugComb and the package
`synergy` use for them, their numbers and their units.
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.errors import InputError, nearest, plain
from screen.units import table_unit

ALIASES = {
    "block_id": ("block_id", "block", "BlockId", "PairIndex", "plate"),
    "drug_1": ("drug_row", "drug1", "drug_1", "drug a", "DrugRow"),
    "drug_2": ("drug_col", "drug2", "drug_2", "drug b", "DrugCol"),
    "drug_3": ("drug3", "drug_3", "drug c"),
    "conc_1": ("conc_r", "conc1", "conc_1", "drug1.conc", "conc_row", "ConcRow", "dose_1", "dose1"),
    "conc_2": ("conc_c", "conc2", "conc_2", "drug2.conc", "conc_col", "ConcCol", "dose_2", "dose2"),
    "conc_3": ("conc3", "conc_3", "drug3.conc", "dose_3", "dose3"),
    "conc_4": ("conc4", "conc_4", "drug4.conc", "dose_4", "dose4"),
    "response": ("response", "effect", "inhibition", "viability"),
    "unit_1": ("conc_r_unit", "conc_unit1", "conc_unit_1", "conc_row_unit", "ConcRowUnit", "conc_unit",
               "ConcUnit", "drug1.units"),
    "unit_2": ("conc_c_unit", "conc_unit2", "conc_unit_2", "conc_col_unit", "ConcColUnit", "conc_unit",
               "ConcUnit", "drug2.units"),
    "unit_3": ("conc_unit3", "conc_unit_3", "conc_3_unit", "conc_unit", "ConcUnit", "drug3.units"),
    "cell_line": ("cell_line", "cell_line_name", "cellline", "sample", "cell"),
    "origin": ("origin",),
}  # fmt: skip
NEEDED = ("conc_1", "conc_2", "response")


def find_columns(found: Sequence[str]) -> dict[str, str]:
    """Our names to the table's own; a name counts without regard to case, spaces, `-` and `_`."""
    by_plain = {plain(str(name)): str(name) for name in found}
    columns = {}
    for ours, aliases in ALIASES.items():
        match = next((by_plain[plain(alias)] for alias in aliases if plain(alias) in by_plain), None)
        if match is not None:
            columns[ours] = match
    return columns


def check_columns(columns: dict[str, str], found: Sequence[str], source: str) -> None:
    """InputError that names the first column missing, and what the table has."""
    for needed in NEEDED:
        if needed not in columns:
            alias = ALIASES[needed][0]
            known = [name for names in ALIASES.values() for name in names]
            odd = [str(name) for name in found if str(name) not in columns.values()]
            hint = next((h for name in odd if (h := nearest(name, known))), "")
            raise InputError(
                f"{source}: no column {alias!r} (or {', '.join(ALIASES[needed][1:4])}); "
                f"found {', '.join(map(str, found))}{hint}"
            )


def numbers(texts: pd.Series) -> tuple[Floats, NDArray[np.bool_]]:
    """The values of a column of texts, NaN where empty, and where a text is no number. `12.5 %` counts, and
    `12,5` in a column without a point."""
    values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float, copy=True)
    empty = texts.isna() | texts.str.strip().str.lower().isin(["", "na", "nan", "null", "none"])
    wrong = np.isnan(values) & ~empty.to_numpy()
    if wrong.any():
        odd = texts[wrong].str.strip().str.removesuffix("%").str.strip()
        if not texts.str.contains(".", regex=False).any():
            odd = odd.str.replace(",", ".", regex=False)
        values[wrong] = pd.to_numeric(odd, errors="coerce").to_numpy(dtype=float)
        wrong &= np.isnan(values)
    return values, wrong


def convert_units(texts: pd.Series) -> tuple[Floats, NDArray[np.object_]]:
    """For each row the factor to the unit that it is kept in, and that unit."""
    codes, found = pd.factorize(texts)
    pairs = [table_unit(str(unit)) for unit in found]
    factors, units = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs], dtype=object)
    return factors[codes], units[codes]


def named_unit(text: str) -> tuple[str, str]:
    """A name and the unit behind it in brackets, `lapatinib (uM)`; `''` for none."""
    match = re.fullmatch(r"(.*?)\s*[(\[]([^()\[\]]+)[)\]]", text.strip())
    if match and table_unit(match[2])[1] in ("nM", "ug/mL"):
        return match[1], match[2]
    return text.strip(), ""
