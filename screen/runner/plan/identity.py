"""The identity of a run, which its shards and its cube bear: a hash of everything that was resolved. A field
counts unless it is listed here, so that a new option can never make two screens share a folder.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from screen._version import __version__
from screen.pathway import CellLine
from screen.pathway.tables.cell_lines import tabulate
from screen.pathway.tables.line_table import alike, names_of, values_of

NOT_COUNTED = {
    "Outputs.synergy": "other reference models score the same responses",
    "Outputs.scored": "another score of the same responses; a readout that it adds is one of the readouts",
    "Settings.model": "where the model's file is; its text has a hash of its own",
    "Expression.tree": "its text read",
    "Drug.source": "where numbers were read",
    "Exposure.source": "where numbers were read",
    "Drug.peak_source": "where a number was read",
    "Drug.note": "words",
    "Drug.chembl_id": "a link",
    "Drug.aliases": "other spellings, resolved by now",
    "CellLine.source": "where numbers were read",
    "CellLine.note": "words",
    "CellLine.cellosaurus": "a link",
    "CellLine.doubling_h": "what the line's division rate was fitted to",
}
"""Fields that do not count, and why."""


def identity_of(*values: Any) -> str:
    """SHA-256 of dataclasses and sequences of them: the same in every process, on every machine. Raises
    `TypeError` for a value of a kind that it does not know how to read whole.
    """
    whole = json.dumps([__version__, [_read(value) for value in values]])
    return hashlib.sha256(whole.encode()).hexdigest()


def _read(value: Any) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.ndarray):
        return [value.shape, hashlib.sha256(value.astype("<f8").tobytes()).hexdigest()]
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return [[key, _read(value[key])] for key in sorted(value)]
    if is_dataclass(value):
        return [_field(value, f"{type(value).__name__}.{field.name}", field.name) for field in fields(value)]
    if isinstance(value, tuple | list):
        return [_read(each) for each in value]
    raise TypeError(f"{type(value).__name__}: found in a plan, expected numbers, text or dataclasses")


def _field(value: Any, place: str, name: str) -> Any:
    """A field by its place, like `Design.lines`; nothing where it does not count."""
    if place in NOT_COUNTED:
        return None
    return [name, TABLES.get(place, _read)(getattr(value, name))]


def _lines(lines: Sequence[CellLine]) -> Any:
    """Lines: their values as one table, and what else some of them have."""
    quantities, table = values_of(lines)
    more: list[Any] = []
    if not alike(lines):
        kept = [field.name for field in fields(CellLine) if f"CellLine.{field.name}" not in NOT_COUNTED]
        kept = [name for name in kept if name not in ("name", "values")]
        of_each = (
            [[name, _read(found)] for name in kept if (found := getattr(line, name))] for line in lines
        )
        more = [[place, found] for place, found in enumerate(of_each) if found]
    return [names_of(lines), quantities, _read(table), getattr(lines, "parent", None), more]


def _perturbations(changes: Sequence[Mapping[str, float]]) -> Any:
    names, table = tabulate(changes)
    return [names, _read(table)]


TABLES: Mapping[str, Callable[[Any], Any]] = {"Design.lines": _lines, "Design.perturbations": _perturbations}
"""Fields that are read as tables of numbers: one by one, 100,000 lines take seconds."""
