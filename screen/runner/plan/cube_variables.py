"""The variables of a cube: names, dimensions, units and labels, the same in shard files and in the whole
cube.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube.netcdf import CHUNK_BYTES, Variable
from screen.cube.status import flags
from screen.pathway.tables.line_table import alike, clones_of, names_of, values_of
from screen.runner.plan.dose_scales import centres, scales
from screen.runner.plan.plan import Layer, Plan

if TYPE_CHECKING:
    from screen.pathway import CellLine

WHOLE = (0, None)
ENDS = {"mean": "mean", "low": "5 % quantile", "high": "95 % quantile"}
ORDINALS = ("first", "second", "third")

Range = tuple[int, int | None]


def coordinates(
    plan: Plan,
    layer: Layer | None = None,
    lines: Range = WHOLE,
    combinations: Range = WHOLE,
    gr50: Array | None = None,
) -> dict[str, Variable]:
    """The coordinate variables of a part of a layer, by default all of the pairs; `gr50` (cell_line, drug) of
    its lines makes nM of the doses that are multiples of it, so that concentrations differ by line.
    """
    layer = layer or plan.design.layers[0]
    chosen = layer.combinations[slice(*combinations)]
    drugs, concentrations = {}, {}
    for k, longest in enumerate(layer.grid):
        padded = np.full((len(chosen), longest), np.nan)
        for row, together in zip(padded, chosen, strict=True):
            row[: len(together.doses[k])] = together.doses[k]
        label = {"units": "nM", "long_name": f"concentration of drug {k + 1}"}
        names = [together.drugs[k] for together in chosen]
        dims: tuple[str, ...] = ("combination", f"dose_{k + 1}")
        if gr50 is not None:
            padded = padded * scales(plan, tuple(names), gr50)[:, :, None]
            dims = ("cell_line", *dims)
        concentrations[f"concentration_{k + 1}"] = Variable(dims, padded, label)
        drugs[f"drug_{k + 1}"] = Variable(("combination",), names, {"long_name": f"{ORDINALS[k]} drug"})
    schedules = {}
    if layer.schedules:
        label = {"long_name": "when the drugs are given"}
        schedules["schedule"] = Variable(("schedule",), list(layer.schedules), label)
        for k in range(layer.drugs):
            rows = np.array([[given[k] for given in together.exposures] for together in chosen], np.int16)
            label = {"long_name": f"row of /schedules by which drug {k + 1} is given"}
            schedules[f"exposure_{k + 1}"] = Variable(("combination", "schedule"), rows, label)
    if plan.design.rays:
        label = {
            "units": "1",
            "long_name": "dose of drug 2 relative to the step of its own that drug 1 is at",
        }
        schedules["ray"] = Variable(("ray",), np.array(plan.design.rays), label)
    return {
        "cell_line": Variable(
            ("cell_line",), names_of(plan.design.lines[slice(*lines)]), {"long_name": "cell line"}
        ),
        "combination": Variable(
            ("combination",), [together.name for together in chosen], {"long_name": "drug combination"}
        ),
        **drugs,
        **concentrations,
        **schedules,
        "time": Variable(
            ("time",), np.array(plan.outputs.times), {"units": "h", "long_name": "assay time after dosing"}
        ),
    }


def coordinate_names(layer: Layer) -> str:
    """The coordinates of a layer that are no dimensions, for netCDF readers."""
    numbers = range(1, layer.drugs + 1)
    names = ("drug", "concentration", *(("exposure",) if layer.schedules else ()))
    return " ".join(f"{name}_{k}" for name in names for k in numbers)


def exposure_variables(plan: Plan) -> dict[str, Variable]:
    """The group `/schedules`: the pieces of every exposure, as multiples of the dose; padded with NaN."""
    longest = max(len(exposure.pieces) for exposure in plan.design.exposures)
    table = np.full((4, len(plan.design.exposures), longest), np.nan)
    for row, exposure in enumerate(plan.design.exposures):
        table[:, row, : len(exposure.pieces)] = np.array([astuple(piece) for piece in exposure.pieces]).T
    words = {
        "begin": ("h", "beginning of a piece, which holds until the next begins"),
        "level": ("1", "level at the beginning, times exp(-decay (t - begin))"),
        "decay": ("1/h", "rate of decay"),
        "slope": ("1/h", "added: slope (t - begin)"),
    }
    return {
        name: Variable(("exposure", "piece"), values, {"units": units, "long_name": label})
        for (name, (units, label)), values in zip(words.items(), table, strict=True)
    }


def readout_attributes(plan: Plan, name: str, layer: Layer) -> dict[str, str]:
    """Units and label of a readout, and its coordinates for netCDF readers."""
    units, label = plan.outputs.labels[name]
    found = {"units": units, "long_name": label, "coordinates": coordinate_names(layer)}
    if name in plan.outputs.composed.expressions:
        expression = plan.outputs.composed.expressions[name]
        found |= {"expression": expression.text, "expression_of": " ".join(expression.names)}
    if name in plan.outputs.composed.shares:
        found["clone"] = plan.outputs.composed.shares[name]
    return found


def status_attributes(partial: bool = False) -> dict[str, Any]:
    """What the numbers in `status` mean, in CF form; `partial` designs have wells that are not simulated."""
    return {"long_name": "how the simulation ended", **flags(partial)}


def panel_texts(plan: Plan, lines: Range = WHOLE) -> dict[str, Variable]:
    """What `/panel` says of the cell lines beside the simulated baseline."""
    chosen, perturbed = plan.design.lines[slice(*lines)], plan.design.perturbations[slice(*lines)]
    quantities = _quantities(plan)
    factor = _factors(plan, quantities, chosen, [(change,) for change in perturbed])
    distinct = [chosen[0]] * len(chosen) if alike(chosen) else chosen
    return {
        "cell_line": coordinates(plan, lines=lines)["cell_line"],
        "quantity": Variable(
            ("quantity",),
            np.array(quantities, object),
            {"long_name": "entity or parameter that differs between lines"},
        ),
        "factor": Variable(
            ("cell_line", "quantity"),
            factor,
            {"units": "1", "long_name": "value of the line (entities: 1 as the reference line)"},
        ),
        "parent": Variable(
            ("cell_line",), [line.parent or "" for line in distinct], {"long_name": "line derived from"}
        ),
        "cellosaurus": Variable(
            ("cell_line",),
            [line.cellosaurus or "" for line in distinct],
            {"long_name": "Cellosaurus identifier"},
        ),
        **_clones(plan, quantities, lines),
    }


def panel_centres(plan: Plan, gr50: Array) -> dict[str, Variable]:
    """What `/panel` says of the doses that are multiples of each line's GR50, (cell_line, drug) in nM."""
    dims, units = ("cell_line", "centred_drug"), {"units": "nM"}
    return {
        "centred_drug": Variable(
            ("centred_drug",), list(plan.design.centred), {"long_name": "drug dosed in multiples of its GR50"}
        ),
        "gr50": Variable(
            dims, gr50, units | {"long_name": "GR50 of the single agent, inf where it is not reached"}
        ),
        "dose_centre": Variable(
            dims,
            centres(plan, gr50),
            units | {"long_name": "dose that the grid is centred on: the GR50, else the range's middle"},
        ),
    }


def _quantities(plan: Plan) -> list[str]:
    """Every quantity in which some line, or a clone of one, differs from the reference line."""
    clones = [clone for _, clone in clones_of(plan.design.lines)]
    changes = [*plan.design.perturbations, *(clone.perturbation for clone in clones)]
    names = {
        name
        for lines in (plan.design.lines, [clone.line for clone in clones])
        for name in values_of(lines)[0]
    }
    return sorted(names.union(*changes))


def _clones(plan: Plan, quantities: list[str], lines: Range) -> dict[str, Variable]:
    """The clones of the lines that are mixtures, one after the other; nothing where there are none."""
    part = slice(*lines)
    chosen, changes = plan.design.lines[part], plan.design.perturbations[part]
    found = [(chosen[place], clone, changes[place]) for place, clone in clones_of(chosen)]
    if not found:
        return {}
    clones = [clone.line for _, clone, _ in found]
    factor = _factors(plan, quantities, clones, [(clone.perturbation, change) for _, clone, change in found])
    return {
        "clone": Variable(("member",), [clone.line.name for _, clone, _ in found], {"long_name": "clone"}),
        "clone_of": Variable(
            ("member",), [line.name for line, _, _ in found], {"long_name": "cell line that it is a part of"}
        ),
        "clone_fraction": Variable(
            ("member",),
            np.array([clone.fraction for _, clone, _ in found]),
            {"units": "1", "long_name": "share of the line's cells at time 0"},
        ),
        "clone_factor": Variable(
            ("member", "quantity"), factor, {"units": "1", "long_name": "value of the clone, as factor"}
        ),
    }


def _factors(
    plan: Plan,
    quantities: list[str],
    lines: "Sequence[CellLine]",
    changes: Sequence[tuple[Mapping[str, float], ...]],
) -> Array:
    """Values of quantities (line, quantity) in lines under their perturbations; NaN for a parameter left as
    the model has it.
    """
    usual = np.array([plan.design.entities.get(name, math.nan) for name in quantities])
    factors = np.tile(usual, (len(lines), 1))
    names, own = values_of(lines)
    where = [quantities.index(name) for name in names]
    factors[:, where] = np.where(np.isnan(own), usual[where], own)
    for row, line_changes in zip(factors, changes, strict=True):
        for name, value in (item for change in line_changes for item in change.items()):
            column = quantities.index(name)
            row[column] = value if usual[column] == 0 else row[column] * value
    return factors


def chunks(plan: Plan, layer: Layer, itemsize: int, dims: Sequence[str]) -> tuple[int, ...]:
    """Chunks of a variable with `dims`, cell line and combination first: whole grids, of several combinations
    and then of several lines, about a megabyte, and never across the boundary of two shards of whole lines.
    """
    sizes = {
        **dict(zip(layer.dims, plan.shape_of(layer), strict=True)),
        "draw": len(plan.design.draws),
        "replicate": 0 if plan.outputs.replicates is None else plan.outputs.replicates.number,
        "ray": len(plan.design.rays),
    }
    shape = [sizes[dim] for dim in dims]
    grid = math.prod(shape[2:]) * itemsize
    combinations = max(1, min(shape[1], CHUNK_BYTES // grid))
    most = max(1, CHUNK_BYTES // (grid * combinations)) if combinations == shape[1] else 1
    together = next(shard for shard in plan.shards if plan.design.layer_of(shard) is layer).lines[1]
    lines = max(divisor for divisor in range(1, min(most, together) + 1) if together % divisor == 0)
    return (lines, combinations, *shape[2:])


def panel_names(plan: Plan) -> tuple[str, ...]:
    """The numbers that `/panel` has of every untreated line: markers and growth rate, and their spread."""
    names = (*plan.outputs.markers, "growth_rate")
    return names + tuple(f"{name}_{end}" for name in names for end in ENDS if plan.design.draws)


def baseline_attributes(plan: Plan, name: str) -> dict[str, str]:
    """Units and label of an untreated line's marker, or of its spread over draws."""
    marker, _, end = name.rpartition("_")
    of_draws = name not in plan.outputs.labels
    units, label = plan.outputs.labels[marker if of_draws else name]
    words = f", {ENDS[end]} over {len(plan.design.draws)} draws" if of_draws else ""
    return {"units": units, "long_name": f"{label}, untreated{words}"}
