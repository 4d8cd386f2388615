"""The variables of a cube: names, dimensions, units and labels, the same in shard files and in the whole
cube.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.runner.netcdf import CHUNK_BYTES, Variable
from screen.runner.plan import Plan
from screen.runner.simulate import STATUS_MEANINGS

if TYPE_CHECKING:
    from screen.pathway import CellLine

DIMS = ("cell_line", "combination", "dose_1", "dose_2", "time")
COORDINATES = "drug_1 drug_2 concentration_1 concentration_2"
WHOLE = (0, None)

Range = tuple[int, int | None]


def coordinates(plan: Plan, lines: Range = WHOLE, combinations: Range = WHOLE) -> dict[str, Variable]:
    """The coordinate variables of a part of the screen, by default all of it."""
    pairs = plan.combinations[slice(*combinations)]
    concentrations = {}
    for axis, doses in ("1", [pair.doses_1 for pair in pairs]), ("2", [pair.doses_2 for pair in pairs]):
        padded = np.full((len(pairs), plan.shape[1 + int(axis)]), np.nan)
        for row, values in zip(padded, doses, strict=True):
            row[: len(values)] = values
        label = {"units": "nM", "long_name": f"concentration of drug {axis}"}
        concentrations[f"concentration_{axis}"] = Variable(("combination", f"dose_{axis}"), padded, label)
    return {
        "cell_line": Variable(
            ("cell_line",), [line.name for line in plan.lines[slice(*lines)]], {"long_name": "cell line"}
        ),
        "combination": Variable(
            ("combination",), [pair.name for pair in pairs], {"long_name": "drug combination"}
        ),
        "drug_1": Variable(("combination",), [pair.drug_1 for pair in pairs], {"long_name": "first drug"}),
        "drug_2": Variable(("combination",), [pair.drug_2 for pair in pairs], {"long_name": "second drug"}),
        **concentrations,
        "time": Variable(
            ("time",), np.array(plan.times), {"units": "h", "long_name": "assay time after dosing"}
        ),
    }


def readout_attributes(plan: Plan, name: str) -> dict[str, str]:
    """Units and label of a readout, and its coordinates for netCDF readers."""
    units, label = plan.labels[name]
    return {"units": units, "long_name": label, "coordinates": COORDINATES}


def status_attributes() -> dict[str, Any]:
    """What the numbers in `status` mean, in CF form."""
    return {
        "long_name": "how the simulation ended",
        "flag_values": np.arange(len(STATUS_MEANINGS), dtype=np.int8),
        "flag_meanings": " ".join(STATUS_MEANINGS),
    }


def panel_texts(plan: Plan, lines: Range = WHOLE) -> dict[str, Variable]:
    """What `/panel` says of the cell lines beside the simulated baseline."""
    chosen, perturbed = plan.lines[slice(*lines)], plan.perturbations[slice(*lines)]
    quantities = sorted(
        {name for line in plan.lines for name in line.values}
        | {name for change in plan.perturbations for name in change}
    )
    factor = np.array(
        [
            [_value(plan, line, change, name) for name in quantities]
            for line, change in zip(chosen, perturbed, strict=True)
        ]
    ).reshape(len(chosen), len(quantities))
    return {
        "cell_line": coordinates(plan, lines)["cell_line"],
        "quantity": Variable(
            ("quantity",), quantities, {"long_name": "entity or parameter that differs between lines"}
        ),
        "factor": Variable(
            ("cell_line", "quantity"),
            factor,
            {"units": "1", "long_name": "value of the line (entities: 1 as the reference line)"},
        ),
        "parent": Variable(
            ("cell_line",), [line.parent or "" for line in chosen], {"long_name": "line derived from"}
        ),
        "cellosaurus": Variable(
            ("cell_line",),
            [line.cellosaurus or "" for line in chosen],
            {"long_name": "Cellosaurus identifier"},
        ),
    }


def _value(plan: Plan, line: "CellLine", change: Mapping[str, float], name: str) -> float:
    """A line's value of a quantity under its perturbation; NaN for a parameter left as the model has it."""
    usual = plan.entities.get(name, math.nan)
    own = line.values.get(name, usual)
    if name not in change:
        return own
    return change[name] if usual == 0 else own * change[name]


def chunks(plan: Plan, itemsize: int, dims: int) -> tuple[int, ...]:
    """Chunks for the leading `dims` of `DIMS`: whole grids, of several combinations and then of several
    lines, about a megabyte, and never across the boundary of two shards of whole lines."""
    shape = plan.shape[:dims]
    grid = math.prod(shape[2:]) * itemsize
    combinations = max(1, min(shape[1], CHUNK_BYTES // grid))
    most = max(1, CHUNK_BYTES // (grid * combinations)) if combinations == shape[1] else 1
    together = plan.shards[0].lines[1]
    lines = max(divisor for divisor in range(1, min(most, together) + 1) if together % divisor == 0)
    return (lines, combinations, *shape[2:])


def baseline_attributes(plan: Plan, name: str) -> dict[str, str]:
    """Units and label of an untreated line's marker."""
    units, label = plan.labels[name]
    return {"units": units, "long_name": f"{label}, untreated"}
