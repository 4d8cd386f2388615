"""A plan in facts and in rows of words: what is screened, how many simulations that is, and what they take."""

from collections.abc import Iterator
from pathlib import Path

from screen.runner.cost.estimate import Estimate
from screen.runner.plan.ensemble_draws import same_potency_as_words
from screen.runner.plan.plan import Combination, Design, Outputs, Plan
from screen.runner.plan.schedules import schedules_as_words
from screen.runner.simulate.virtual_plates import plates_as_words


def plan_facts(plan: Plan, taken: Estimate, cube: Path) -> dict[str, object]:
    """What `herscreen plan --json` prints; times in hours, `seconds` of the wall clock."""
    design, outputs = plan.design, plan.outputs
    return {
        "cell_lines": len(design.lines),
        "combinations": len(design.combinations),
        "triples": len(design.triples),
        "rays": list(design.rays),
        "adaptive_wells": design.adaptive or None,
        "schedules": list(design.schedules),
        "times_h": list(outputs.times),
        "readouts": list(outputs.readouts),
        "draws": list(design.draws),
        "same_potency": list(design.same_potency),
        "replicates": outputs.replicates.number if outputs.replicates else 0,
        "scored": outputs.scored,
        "simulations": design.simulations,
        "shards": len(plan.shards),
        "seconds": round(taken.seconds, 1),
        "memory_bytes": taken.memory,
        "disk_bytes": taken.disk,
        "cube": str(cube),
        "plan_sha256": plan.identity,
    }


def plan_rows(plan: Plan, taken: Estimate, cube: Path) -> list[list[str]]:
    """What `herscreen plan` shows: pairs of what, and how much of it."""
    return [
        [what, how_much]
        for rows in (_wells(plan.design), _kept(plan.design, plan.outputs))
        for what, how_much in rows
    ] + [
        ["simulations", f"{plan.design.simulations:,}"],
        ["shards", f"{len(plan.shards):,}"],
        ["estimated time", f"{taken.seconds:.0f} s with {taken.jobs} jobs"],
        ["estimated memory", f"{taken.memory / 1e6:.0f} MB"],
        ["estimated disk", f"{taken.disk / 1e6:.1f} MB (shards and cube)"],
        ["cube", str(cube)],
    ]


def _wells(design: Design) -> Iterator[tuple[str, str]]:
    yield "cell lines", f"{len(design.lines)}: {', '.join(line.name for line in design.lines)}"
    for line in design.lines:
        if line.clones:
            clones = ", ".join(f"{clone.fraction:.3g} {clone.line.name}" for clone in line.clones)
            yield f"clones of {line.name}", clones
    yield "combinations", _named(design.combinations)
    if design.triples:
        yield "triples", _named(design.triples)
    grids = {" x ".join(map(str, each.grid)) for layer in design.layers for each in layer.combinations}
    yield "doses", ", ".join(sorted(grids))
    if design.layers[0].partial:
        yield "design", _partial(design)
    for drug in design.drugs:
        unit = " x the GR50 of each line" if drug in design.centred else " nM"
        yield f"doses of {drug}", ", ".join(f"{dose:.4g}" for dose in _doses(design, drug)) + unit
    if design.schedules:
        for name, given in schedules_as_words(design.layers, design.exposures):
            yield f"schedule {name}", given


def _kept(design: Design, outputs: Outputs) -> Iterator[tuple[str, str]]:
    yield "assay times", ", ".join(f"{time:g}" for time in outputs.times) + " h"
    yield "readouts", ", ".join(outputs.readouts)
    if design.draws:
        yield "ensemble", f"{len(design.draws)} draws in addition to the nominal parameters"
    if design.same_potency:
        yield "not drawn", same_potency_as_words(design.same_potency)
    if outputs.replicates:
        yield "virtual plates", plates_as_words(outputs.replicates)


def _named(combinations: tuple[Combination, ...]) -> str:
    return f"{len(combinations)}: {', '.join(each.name for each in combinations)}"


def _doses(design: Design, drug: str) -> tuple[float, ...]:
    pairs = (pair for pair in design.combinations if drug in pair.drugs)
    return next(pair.doses[pair.drugs.index(drug)] for pair in pairs)


def _partial(design: Design) -> str:
    """What of each grid is simulated."""
    if design.adaptive:
        return f"adaptive: {design.adaptive} wells of each line and pair, where they tell most"
    wells = sorted({pair.simulations for pair in design.combinations})
    ratios = ", ".join(f"{ratio:g}" for ratio in design.rays)
    many = ", ".join(map(str, wells))
    return f"rays of ratio {ratios} and the single agents: {many} wells of each line and pair"
