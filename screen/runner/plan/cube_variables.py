"""The variables of a cube: names, dimensions, units and labels, the same in shard files and in the whole
cube.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube import schema
from screen.cube.netcdf import CHUNK_BYTES, Variable
from screen.cube.status import flags
from screen.pathway.tables.line_table import alike, clones_of, names_of, values_of
from screen.runner.plan.dose_scales import centres, scales
from screen.runner.plan.plan import Layer, Plan

if TYPE_CHECKING:
    from screen.pathway import CellLine

WHOLE = (0, None)

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
    group = schema.TRIPLES if layer.drugs > 2 else schema.ROOT
    chosen = layer.combinations[slice(*combinations)]
    found = group.variables(
        {
            "cell_line": names_of(plan.design.lines[slice(*lines)]),
            "combination": [together.name for together in chosen],
            "time": np.array(plan.outputs.times),
        }
    )
    for k, longest in enumerate(layer.grid):
        padded = np.full((len(chosen), longest), np.nan)
        for row, together in zip(padded, chosen, strict=True):
            row[: len(together.doses[k])] = together.doses[k]
        names = [together.drugs[k] for together in chosen]
        if gr50 is not None:
            padded = padded * scales(plan.design, tuple(names), gr50)[:, :, None]
        of_drug = {"drug_{k}": names, "concentration_{k}": padded}
        if layer.schedules:
            rows = [[given[k] for given in together.exposures] for together in chosen]
            of_drug["exposure_{k}"] = np.array(rows, np.int16)
        present = () if gr50 is None else ("cell_line",)
        found |= group.variables(of_drug, present, k=k + 1, ordinal=schema.ORDINALS[k])
    if layer.schedules:
        found |= group.variables({"schedule": list(layer.schedules)})
    if plan.design.rays:
        found |= group.variables({"ray": np.array(plan.design.rays)})
    return found


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
    names = ("begin", "level", "decay", "slope")
    sources = {"source": [exposure.source for exposure in plan.design.exposures]}
    return schema.SCHEDULES.variables(dict(zip(names, table, strict=True)) | sources)


def readout_attributes(plan: Plan, name: str, layer: Layer) -> dict[str, str]:
    """Units and label of a readout, and its coordinates for netCDF readers."""
    units, label = plan.outputs.labels[name]
    found = schema.ROOT.attributes("{readout}", units=units, label=label)
    found["coordinates"] = coordinate_names(layer)
    if name in plan.outputs.composed.expressions:
        expression = plan.outputs.composed.expressions[name]
        found |= {"expression": expression.text, "expression_of": " ".join(expression.names)}
    if name in plan.outputs.composed.shares:
        found["clone"] = plan.outputs.composed.shares[name]
    return found


def status_attributes(partial: bool = False) -> dict[str, Any]:
    """What the numbers in `status` mean, in CF form; `partial` designs have wells that are not simulated."""
    return {**schema.ROOT.attributes("status"), **flags(partial)}


def panel_texts(plan: Plan, lines: Range = WHOLE) -> dict[str, Variable]:
    """What `/panel` says of the cell lines in addition to their simulated baseline."""
    chosen, perturbed = plan.design.lines[slice(*lines)], plan.design.perturbations[slice(*lines)]
    quantities = _quantities(plan)
    factor = _factors(plan, quantities, chosen, [(change,) for change in perturbed])
    distinct = [chosen[0]] * len(chosen) if alike(chosen) else chosen
    panel = {
        "cell_line": names_of(chosen),
        "quantity": np.array(quantities, object),
        "factor": factor,
        "parent": [line.parent or "" for line in distinct],
        "cellosaurus": [line.cellosaurus or "" for line in distinct],
        **_clones(plan, quantities, lines),
    }
    if not alike(chosen) and any(
        line.omics is not None and line.omics.from_table for line in plan.design.lines
    ):
        panel["line_source"] = [line.source for line in chosen]
    return schema.PANEL.variables(panel)


def panel_centres(plan: Plan, gr50: Array) -> dict[str, Variable]:
    """What `/panel` says of the doses that are multiples of each line's GR50, (cell_line, drug) in nM."""
    return schema.PANEL.variables(
        {"centred_drug": list(plan.design.centred), "gr50": gr50, "dose_centre": centres(plan.design, gr50)}
    )


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


def _clones(plan: Plan, quantities: list[str], lines: Range) -> dict[str, Any]:
    """The clones of the lines that are mixtures, one after the other; nothing where there are none."""
    part = slice(*lines)
    chosen, changes = plan.design.lines[part], plan.design.perturbations[part]
    found = [(chosen[place], clone, changes[place]) for place, clone in clones_of(chosen)]
    if not found:
        return {}
    clones = [clone.line for _, clone, _ in found]
    factor = _factors(plan, quantities, clones, [(clone.perturbation, change) for _, clone, change in found])
    return {
        "clone": [clone.line.name for _, clone, _ in found],
        "clone_of": [line.name for line, _, _ in found],
        "clone_fraction": np.array([clone.fraction for _, clone, _ in found]),
        "clone_factor": factor,
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
    return names + tuple(f"{name}_{end}" for name in names for end in schema.ENDS if plan.design.draws)


def baseline_attributes(plan: Plan, name: str) -> dict[str, Any]:
    """Units and label of an untreated line's marker, or of its spread over draws."""
    marker, _, end = name.rpartition("_")
    if name in plan.outputs.labels:
        units, label = plan.outputs.labels[name]
        return schema.PANEL.attributes("{marker}", units=units, label=label)
    units, label = plan.outputs.labels[marker]
    return schema.of_draws(
        schema.PANEL, "{marker}_{end}", end, len(plan.design.draws), units=units, label=label
    )
