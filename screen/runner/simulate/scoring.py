"""A shard's synergy scores, computed where it was simulated: they depend on nothing but its own responses, so
that the cube is scored by as many processors as simulate it, and the merge only copies.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from screen.cube import schema
from screen.cube.netcdf import Variable
from screen.cube.status import NOT_SIMULATED
from screen.runner.plan.cube_variables import coordinates
from screen.runner.plan.plan import Plan, Shard
from screen.synergy import ScoringOptions
from screen.synergy.designs.rays import describe, score_rays
from screen.synergy.designs.surrogate import completed
from screen.synergy.dose_matrices import aligned_doses
from screen.synergy.score import score_matrices
from screen.synergy.score_cube import LOWER_BOUNDS, described
from screen.synergy.score_triples import score_triples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from screen.runner.simulate.simulated_part import Block
    from screen.synergy import Score

    Floats = NDArray[np.float64]


def score_block(plan: Plan, shard: Shard, block: "Block") -> dict[str, Variable]:
    """The variables of the group `scores` of a layer for the shard's part, by the plan's reference models."""
    dims = plan.design.layer_of(shard).dims
    return score_responses(plan, shard, block.readouts[plan.outputs.scored], block.status, dims, block.gr50)


def score_responses(
    plan: Plan,
    shard: Shard,
    values: "NDArray[np.float64]",
    status: "NDArray[np.int8]",
    dims: Sequence[str],
    gr50: "NDArray[np.float64] | None",
) -> dict[str, Variable]:
    """The same for responses with `dims`, which may be more than the layer has, and their status, which has
    them but for the time; `gr50` is the block's.
    """
    layer = plan.design.layer_of(shard)
    known = coordinates(plan, layer, shard.lines, shard.combinations, gr50)
    axes = [dim for dim in dims if dim.startswith("dose_")]
    lead = [dim for dim in dims if dim not in axes]
    response = np.ascontiguousarray(values.transpose([dims.index(dim) for dim in (*lead, *axes)]))
    grids = [known[f"concentration_{k + 1}"] for k in range(len(axes))]
    doses = [aligned_doses(np.asarray(grid.values, float), grid.dims, lead) for grid in grids]
    if len(axes) == 3:
        found = score_triples(response, doses, plan.outputs.synergy, lead, dims, readout=plan.outputs.scored)
    else:
        one, two = doses
        more: dict[str, Variable] = {}
        asked = None
        if layer.partial:
            asked = np.broadcast_to(_asked(status, dims, lead), response.shape)
        if plan.design.adaptive and asked is not None:
            response, error = _completed(response, one, two, asked)
            more["mean_error"] = Variable(
                tuple(lead), error, {"readout": plan.outputs.scored} | schema.SCORES.attributes("mean_error")
            )
            asked = None
        scores = score_matrices(
            response,
            one,
            two,
            plan.outputs.synergy,
            options=ScoringOptions(
                single_agent="monotone", lower_bound=LOWER_BOUNDS.get(plan.outputs.scored, 0.0)
            ),
            design=asked,
        )
        if plan.design.rays:
            more |= _along_rays(plan, shard, response, one, two, scores, lead)
        found = described(scores, plan.outputs.scored, lead, dims)
        return {name: Variable(*parts) for name, parts in found.items()} | more
    return {name: Variable(*parts) for name, parts in found.items()}


def _asked(status: "NDArray[np.int8]", dims: Sequence[str], lead: Sequence[str]) -> "NDArray[np.bool_]":
    """Which wells were simulated, `(*lead, dose_1, dose_2)`; `status` has `dims` but for the time."""
    kept = [dim for dim in dims if dim != "time"]
    before, axes = [dim for dim in lead if dim != "time"], [dim for dim in dims if dim.startswith("dose_")]
    asked = (status != NOT_SIMULATED).transpose([kept.index(dim) for dim in (*before, *axes)])
    return np.expand_dims(asked, lead.index("time"))


def _completed(
    response: "Floats", one: "Floats", two: "Floats", asked: "NDArray[np.bool_]"
) -> "tuple[Floats, Floats]":
    """The response with the wells of an adaptive design that were not simulated as they are expected, and how
    uncertain the mean excess is for it; what failed stays missing.
    """
    found = completed(response, one, two)
    filled = np.where(asked, response, found.viability.reshape(response.shape))
    return filled, found.mean_error.reshape(response.shape[:-2])


def _along_rays(
    plan: Plan,
    shard: Shard,
    response: "Floats",
    one: "Floats",
    two: "Floats",
    scores: "Mapping[str, Score]",
    lead: Sequence[str],
) -> dict[str, Variable]:
    """What the scores say along each ray, `(*lead, ray)`."""
    shape = response.shape[:-2]
    grids = [
        np.broadcast_to(grid, (*shape, grid.shape[-1])).reshape(-1, grid.shape[-1]) for grid in (one, two)
    ]
    column = np.indices(shape)[lead.index("combination")].ravel()
    rays = [together.rays for together in plan.design.combinations_of(shard)]
    steps = [rays[k] for k in column]
    found = score_rays(response.reshape(-1, *response.shape[-2:]), grids[0], grids[1], steps, scores)
    return {
        name: Variable(
            (*lead, "ray"), values.reshape(*shape, -1), {"readout": plan.outputs.scored} | describe(name)
        )
        for name, values in found.items()
    }
