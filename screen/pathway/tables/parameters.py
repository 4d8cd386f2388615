"""The model's values: each with its unit, its prior interval, its kind and its source."""

from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError
from screen.pathway.tables.tsv import FOLDER, number, read_table

COLUMNS = ["id", "value", "unit", "lower", "upper", "kind", "source", "note"]
KINDS = ("measured", "calibrated", "assumed")


@dataclass(frozen=True)
class Parameter:
    """One value of the model. `lower` and `upper` bound what calibration may try."""

    id: str
    value: float
    unit: str
    lower: float
    upper: float
    kind: str
    source: str
    note: str


def load_parameters(path: Path = FOLDER / "parameters.tsv") -> dict[str, Parameter]:
    """Parameters by id; each has a unit and a kind, and a measured one a source."""
    parameters: dict[str, Parameter] = {}
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['id']}"
        value, lower, upper = (number(row, column, where) for column in ("value", "lower", "upper"))
        if row["kind"] not in KINDS:
            raise InputError(f"{where}: kind is '{row['kind']}', expected one of {', '.join(KINDS)}")
        if row["kind"] == "measured" and not row["source"]:
            raise InputError(f"{where}: a measured value without a source")
        if not row["unit"]:
            raise InputError(f"{where}: no unit")
        if not lower <= value <= upper:
            raise InputError(f"{where}: value {value:g} outside of its bounds {lower:g} to {upper:g}")
        parameters[row["id"]] = Parameter(
            row["id"], value, row["unit"], lower, upper, row["kind"], row["source"], row["note"]
        )
    return parameters
