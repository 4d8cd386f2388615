"""Drugs of HER2-positive breast cancer that people ask for and the model cannot dose, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from screen.errors import plain
from screen.pathway.tables.tsv import FOLDER, read_table

COLUMNS = ("drug", "aliases", "why", "instead")


@dataclass(frozen=True)
class AbsentDrug:
    """A drug, `why` the model has no place for it, and what comes nearest that it has (empty: nothing)."""

    name: str
    why: str
    instead: str

    @property
    def words(self) -> str:
        """The reason in one line."""
        nearest = f"; nearest in the model: {self.instead}" if self.instead else ""
        return f"'{self.name}' cannot be dosed: {self.why}{nearest}"


@cache
def absent_drugs() -> Mapping[str, AbsentDrug]:
    """Every such drug by its names, and brands and aliases, in their `plain` form."""
    found: dict[str, AbsentDrug] = {}
    for row in read_table(FOLDER / "absent_drugs.tsv", COLUMNS):
        drug = AbsentDrug(row["drug"], row["why"], row["instead"])
        aliases = (alias.strip() for alias in row["aliases"].split(",") if alias.strip())
        found |= dict.fromkeys(map(plain, (drug.name, *aliases)), drug)
    return found
