"""Which doses a source tested, where its table does not say: areas, effects at the top and what was not reached hang on
them.

MEP-LINCS tested nine doses in steps of five, down from a top of each drug's own (HMS LINCS data set 20268). The tops
are those over which the published Hill fits give the published areas, and at which they give the published GRmax; the
two agree, and with the dose at which the Gray laboratory's fits of the same plates are capped. LJP: six doses from
40 nM to 10 uM, found in the same way. GDSC2: seven doses over three decades; its areas follow from its IC50 over these
and no others, which tells the tops that are not 10 uM.

A source that is `fitted` publishes parameters of a Hill fit: its IC50 is the midpoint between untreated cells and the
fit's Emax, not where half of them are left.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from screen.errors import InputError
from screen.pathway.tables.tsv import FOLDER, number, read_table

COLUMNS = ("row", "source", "drug", "top_nM", "decades", "fitted", "evidence", "note")
TOP_nM = 10_000.0
"""Highest dose where a table states none: with `DECADES` the range 1 nM to 10 uM, stated by the tables' description."""
DECADES = 4.0


@dataclass(frozen=True)
class DoseRange:
    """The highest dose, and how far below it the doses reach; NaN where the labelled doses cannot be right. `fitted`:
    IC50 and Emax are parameters of a Hill fit.
    """

    top_nM: float
    decades: float
    fitted: bool = False

    @property
    def readable(self) -> bool:
        return not math.isnan(self.top_nM)


USUAL = DoseRange(TOP_nM, DECADES)


def load_dose_ranges(path: Path = FOLDER / "dose_ranges.tsv") -> Mapping[tuple[str, str], DoseRange]:
    """Ranges by (source, drug); a drug "" stands for all of the source's. `InputError` for a row without evidence or
    with numbers that are not above 0.
    """
    found = {}
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['row']}"
        if not row["evidence"]:
            raise InputError(f"{where}: no evidence")
        if row["fitted"] not in ("", "yes"):
            raise InputError(f"{where}: fitted: found '{row['fitted']}', expected yes or nothing")
        one = DoseRange(math.nan, math.nan)
        if row["top_nM"]:
            one = DoseRange(
                number(row, "top_nM", where), number(row, "decades", where), row["fitted"] == "yes"
            )
            if not (one.top_nM > 0 and one.decades > 0):
                raise InputError(f"{where}: top_nM and decades are expected above 0")
        found[row["source"], row["drug"]] = one
    return found


def stated_range(source: str, drug: str) -> DoseRange | None:
    """The doses that a source tested of a drug, where they are known."""
    known = _shipped()
    return known.get((source, drug), known.get((source, "")))


@cache
def _shipped() -> Mapping[tuple[str, str], DoseRange]:
    return load_dose_ranges()
