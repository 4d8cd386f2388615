"""How derivative lines differ from their parents before any fit: a median factor and a width, each with its source."""

from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError
from screen.pathway.names import ENTITIES, find
from screen.pathway.tables.tsv import FOLDER, number, read_table

COLUMNS = ("row", "line", "entity", "median", "sd_ln", "source")


@dataclass(frozen=True)
class OwnFactor:
    """Log-normal prior of a derivative's factor on its parent's entity: median, sd of its natural logarithm."""

    line: str
    entity: str
    median: float
    sd_ln: float
    source: str


def load_derivatives(path: Path = FOLDER / "derivatives.tsv") -> tuple[OwnFactor, ...]:
    """The priors of the table; InputError for a width that is not positive or a row without a source."""
    found = []
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['row']}"
        entity = find(row["entity"], ENTITIES, "entity", where)
        median, sd = number(row, "median", where), number(row, "sd_ln", where)
        if not (median > 0 and sd > 0):
            raise InputError(f"{where}: median {median:g} and sd_ln {sd:g}, expected numbers above 0")
        if not row["source"]:
            raise InputError(f"{where}: no source")
        found.append(OwnFactor(row["line"], entity, median, sd, row["source"]))
    return tuple(found)
