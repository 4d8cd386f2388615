"""The columns of a table of measured wells: the names that SynergyFinder, DrugComb and the package
`synergy` use for them, their numbers and their units.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError, nearest, plain

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
ALIASES = {
    "block_id": ("block_id", "block", "BlockId", "PairIndex", "plate"),
    "drug_1": ("drug_row", "drug1", "drug_1", "drug a", "DrugRow"),
    "drug_2": ("drug_col", "drug2", "drug_2", "drug b", "DrugCol"),
    "conc_1": ("conc_r", "conc1", "conc_1", "drug1.conc", "conc_row", "ConcRow", "dose_1", "dose1"),
    "conc_2": ("conc_c", "conc2", "conc_2", "drug2.conc", "conc_col", "ConcCol", "dose_2", "dose2"),
    "response": ("response", "effect", "inhibition", "viability"),
    "unit_1": ("conc_r_unit", "conc_unit1", "conc_unit_1", "conc_row_unit", "ConcRowUnit", "conc_unit",
               "ConcUnit", "drug1.units"),
    "unit_2": ("conc_c_unit", "conc_unit2", "conc_unit_2", "conc_col_unit", "ConcColUnit", "conc_unit",
               "ConcUnit", "drug2.units"),
    "cell_line": ("cell_line", "cell_line_name", "cellline", "sample", "cell"),
    "origin": ("origin",),
}  # fmt: skip
NEEDED = ("conc_1", "conc_2", "response")
MOLAR_NM = {"m": 1e9, "mm": 1e6, "um": 1e3, "nm": 1.0, "pm": 1e-3, "fm": 1e-6}


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


def numbers(texts: "pd.Series", name: str) -> tuple[Floats, NDArray[np.bool_]]:
    """The values of a column of texts, NaN where empty, and where a text is no number."""
    import pandas as pd

    values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
    empty = texts.isna() | texts.str.strip().str.lower().isin(["", "na", "nan", "null", "none"])
    wrong = np.isnan(values) & ~empty.to_numpy()
    return values, wrong


def unit_factor(unit: str) -> tuple[float, str]:
    """The factor to nM and `nM` for a molar unit; 1 and the unit itself for others (mass, percent, none)."""
    folded = unit.strip().replace("µ", "u").replace("μ", "u").replace("mol/L", "M").lower()
    if unit.strip() in ("mM", "M") or folded in MOLAR_NM:
        return MOLAR_NM[folded], "nM"
    return 1.0, unit.strip()
