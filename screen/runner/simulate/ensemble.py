"""A shard under every draw of the ensemble in addition to the nominal parameters: its spread is what is kept, the
draws themselves only when asked for. Shards of an ensemble hold fewer wells, so memory is that of others.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.cube import schema
from screen.cube.netcdf import Variable
from screen.cube.status import FAILED
from screen.runner.plan.cube_variables import readout_attributes, status_attributes
from screen.runner.plan.plan import Layer, Plan, Shard
from screen.runner.simulate.reference_wells import reference_draws
from screen.runner.simulate.scoring import score_responses
from screen.runner.simulate.shard import simulate_shard
from screen.runner.simulate.simulated_part import Block

if TYPE_CHECKING:
    from screen.pathway import Assay


def with_ensemble(assay: "Assay", plan: Plan, shard: Shard, nominal: Block) -> Block:
    """The nominal block, not scored yet, with its scores and what the plan's draws add to it: all are scored at once,
    for a matrix's score depends on nothing but the matrix, and few take as long as many.
    """
    layer, draws = plan.design.layer_of(shard), list(plan.design.draws.values())
    block = simulate_shard(assay.at(*plan.settings.of_draws), plan, shard, draws, nominal.gr50)
    readouts, baseline = (
        {name: values.reshape(len(draws), -1, *values.shape[1:]) for name, values in found.items()}
        for found in (block.readouts, block.baseline)
    )
    status = block.status.reshape(len(draws), -1, *block.status.shape[1:])
    dims = ("draw", *layer.dims)
    scored = np.concatenate([nominal.readouts[plan.outputs.scored][None], readouts[plan.outputs.scored]])
    ended = np.concatenate([nominal.status[None], status])
    found = score_responses(plan, shard, scored, ended, dims, nominal.gr50)
    own = {name: replace(each, dims=each.dims[1:], values=each.values[0]) for name, each in found.items()}
    scores = {name: replace(each, values=each.values[1:]) for name, each in found.items()}
    drawn = {**nominal.drawn, **_responses(plan, layer, readouts, status)}
    drawn |= reference_draws(block.drawn, len(draws))
    if plan.outputs.keep_draws:
        drawn |= _kept(plan, layer, readouts, status, scores)
    markers = {f"{name}_{end}": of for name in baseline for end, of in spread(baseline[name]).items()}
    return replace(
        nominal,
        baseline={**nominal.baseline, **markers},
        scores=own | score_intervals(scores),
        drawn=drawn,
        steps=nominal.steps + block.steps,
        wells=nominal.wells + block.wells,
        by_reference=nominal.by_reference + block.by_reference,
        failed=nominal.failed + block.failed,
    )


def spread(draws: Array) -> dict[str, Array]:
    """`mean`, `median`, `low` and `high` over the first axis, each value from the draws that have it; NaN where none
    has. The same to the last bit however the other axes are cut.
    """
    known = ~np.isnan(draws)
    count = known.sum(axis=0)
    total = np.zeros(draws.shape[1:])
    for row in np.where(known, draws, 0.0):  # NumPy's own sum depends on the shape of what it sums
        total += row
    ordered = np.sort(draws, axis=0)  # NaN last
    found = {"mean": np.where(count > 0, total / np.maximum(count, 1), np.nan)}
    for end, share in (schema.QUANTILES | schema.MEDIAN).items():
        place = share * np.maximum(count - 1, 0)
        below = place.astype(np.intp)
        above = np.minimum(below + 1, np.maximum(count - 1, 0))
        one, two = (np.take_along_axis(ordered, rows[None], axis=0)[0] for rows in (below, above))
        with np.errstate(invalid="ignore"):
            found[end] = np.where(one == two, one, one + (place - below) * (two - one))
    return found


def score_intervals(scores: Mapping[str, Variable]) -> dict[str, Variable]:
    """`<score>_low`, `<score>_median`, `<score>_high` of every score whose first dimension is `draw`, and of its
    excess, and `<model>_probability`, the share of draws whose mean excess is above 0; without that dimension.
    """
    found: dict[str, Variable] = {}
    for name, score in scores.items():
        values, dims = np.asarray(score.values), score.dims[1:]
        if values.dtype.kind != "f":
            continue
        ends, title = spread(values), score.attributes["long_name"]
        for end in schema.QUANTILES | schema.MEDIAN:
            about = schema.of_draws(
                schema.SCORES, "{score}_{end}", end, len(values), title=title, units=score.attributes["units"]
            )
            found[f"{name}_{end}"] = Variable(dims, ends[end], {**score.attributes, **about})
        if f"{name}_excess" in scores:
            known = (~np.isnan(values)).sum(axis=0)
            share = np.where(known > 0, (values > 0).sum(axis=0) / np.maximum(known, 1), np.nan)
            about = schema.SCORES.attributes("{model}_probability", draws=len(values), title=title)
            found[f"{name}_probability"] = Variable(
                dims, share, {**about, "readout": score.attributes["readout"]}
            )
    return found


def _responses(plan: Plan, layer: Layer, readouts: Mapping[str, Array], status: Array) -> dict[str, Variable]:
    """The spread of every readout (draw, ...), and how many draws failed."""
    found: dict[str, Variable] = {}
    for name, draws in readouts.items():
        about = readout_attributes(plan, name, layer)
        for end, values in spread(draws).items():
            words = {"label": about["long_name"], "units": about["units"]}
            more = schema.of_draws(schema.ROOT, "{readout}_{end}", end, len(draws), **words)
            found[f"{name}_{end}"] = Variable(layer.dims, values, {**about, **more})
    failed = (status == FAILED).sum(axis=0, dtype=np.int16)
    return found | schema.ROOT.variables({"draws_failed": failed}, present=layer.dims)


def _kept(
    plan: Plan,
    layer: Layer,
    readouts: Mapping[str, Array],
    status: Array,
    scores: Mapping[str, Variable],
) -> dict[str, Variable]:
    """The draws themselves, on a last axis, by their path below the layer's group."""
    found = {
        name: Variable(("draw", *layer.dims), draws, readout_attributes(plan, name, layer))
        for name, draws in readouts.items()
    }
    found["status"] = Variable(("draw", *layer.dims[:-1]), status, status_attributes(layer.partial))
    found |= {name: score for name, score in scores.items() if f"{name}_excess" in scores}
    last = {
        name: Variable((*each.dims[1:], "draw"), np.moveaxis(each.values, 0, -1), each.attributes)
        for name, each in found.items()
    }
    return {f"ensemble/{name}": each for name, each in last.items()}
