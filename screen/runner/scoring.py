"""A shard's synergy scores, computed where it was simulated: they depend on nothing but its own responses, so
that the cube is scored by as many processors as simulate it, and the merge only copies.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from screen.runner.layout import coordinates
from screen.runner.netcdf import Variable
from screen.runner.plan import Plan, Shard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from screen.runner.simulate import Block


def score_block(plan: Plan, shard: Shard, block: "Block") -> dict[str, Variable]:
    """The variables of the group `scores` of a layer for the shard's part, by the plan's reference models."""
    return score_responses(plan, shard, block.readouts[plan.scored], plan.layer_of(shard).dims, block.gr50)


def score_responses(
    plan: Plan,
    shard: Shard,
    values: "NDArray[np.float64]",
    dims: Sequence[str],
    gr50: "NDArray[np.float64] | None",
) -> dict[str, Variable]:
    """The same for responses with `dims`, which may be more than the layer has; `gr50` is the block's."""
    known = coordinates(plan, plan.layer_of(shard), shard.lines, shard.combinations, gr50)
    axes = [dim for dim in dims if dim.startswith("dose_")]
    lead = [dim for dim in dims if dim not in axes]
    response = np.ascontiguousarray(values.transpose([dims.index(dim) for dim in (*lead, *axes)]))
    doses = [_spread(known[f"concentration_{k + 1}"], lead) for k in range(len(axes))]
    if len(axes) == 3:
        from screen.synergy.triples import score_triples

        found = score_triples(response, doses, plan.synergy, lead, dims, readout=plan.scored)
    else:
        from screen.synergy.cube import FLOORS, described
        from screen.synergy.score import score_matrices

        one, two = doses
        scores = score_matrices(
            response, one, two, plan.synergy, single_agent="monotone", floor=FLOORS.get(plan.scored, 0.0)
        )
        found = described(scores, plan.scored, lead, dims)
    return {name: Variable(*parts) for name, parts in found.items()}


def _spread(concentrations: Variable, lead: Sequence[str]) -> "NDArray[np.float64]":
    """Concentrations `(*lead, dose)`, of length 1 along the dims that they do not depend on."""
    values = np.asarray(concentrations.values, float)
    sizes = dict(zip(concentrations.dims, values.shape, strict=True))
    return values.reshape(*(sizes.get(dim, 1) for dim in lead), values.shape[-1])
