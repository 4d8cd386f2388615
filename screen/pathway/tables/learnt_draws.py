"""The ensemble that `herscreen learn` leaves: draws as rows of one table in HDF5, read by every netCDF reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from screen.cube.disk_guard import netcdf_file
from screen.cube.netcdf import Variable, write
from screen.errors import InputError
from screen.files import LARGEST_TABLE, atomic_write, require_file
from screen.pathway.tables.ensemble import Draw, draw_of, row_of

HDF5 = (".h5", ".hdf5", ".nc")
KIND = "herscreen learnt ensemble"


@dataclass(frozen=True)
class LearntDraws:
    """Draws, the nominal set among them, the lines that they were learnt with, and the record as JSON."""

    draws: tuple[Draw, ...]
    nominal: Draw
    lines: tuple[str, ...]
    record: str


def write_learnt(path: Path, learnt: LearntDraws, tables: Mapping[str, Mapping[str, Sequence[Any]]]) -> Path:
    """Write `/draws` (draw, column), the nominal set, the record, and each of `tables` as a group of columns."""
    rows = [row_of(draw) for draw in learnt.draws]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    nominal = row_of(learnt.nominal)
    about = {"long_name": "a parameter, exponent:<group>, or <line>:<entity>"}
    with atomic_write(path) as unfinished, netcdf_file(unfinished) as file:
        file.attrs["title"] = KIND
        write(file, {"record": Variable((), learnt.record, {"long_name": "how it was learnt, JSON"})})
        group = file.create_group("draws")
        write(
            group,
            {
                "column": Variable(("column",), columns, about),
                "value": Variable(
                    ("draw", "column"), np.array([[row[name] for name in columns] for row in rows])
                ),
                "nominal": Variable(("column",), np.array([nominal[name] for name in columns])),
                "line": Variable(("line",), list(learnt.lines), {"long_name": "lines that plates were of"}),
            },
        )
        for name, table in tables.items():
            variables = {column: Variable(("row",), _array(values)) for column, values in table.items()}
            write(file.create_group(name), variables)
    return path


def _array(values: Sequence[Any]) -> Any:
    return list(values) if values and isinstance(values[0], str) else np.asarray(values, float)


def read_learnt(path: Path) -> LearntDraws:
    """What `write_learnt` wrote. Raises `InputError` for anything else."""
    import h5py

    expected = "the .h5 of `herscreen learn`"
    require_file(path, LARGEST_TABLE, expected)
    try:
        with h5py.File(path, "r") as file:
            if str(file.attrs.get("title", "")) != KIND:
                raise InputError(f"{path}: found another file in HDF5, expected {expected}")
            group = file["draws"]
            columns = list(group["column"].asstr()[()])
            values, nominal = group["value"][()], group["nominal"][()]
            lines = tuple(group["line"].asstr()[()])
            record = str(file["record"].asstr()[()])
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); expected {expected}") from None
    if not np.isfinite(values).all() or values.shape[1:] != (len(columns),):
        raise InputError(f"{path}: /draws is damaged, expected a finite number in every place")
    rows = [dict(zip(columns, row, strict=True)) for row in values.tolist()]
    draws = tuple(draw_of(row, number) for number, row in enumerate(rows))
    return LearntDraws(draws, draw_of(dict(zip(columns, nominal.tolist())), None), lines, record)
