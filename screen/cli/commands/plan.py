"""`herscreen plan`: what a run would do, and what it would take, without doing it."""

import json

from screen.cli.console import table
from screen.cli.options import (
    AsJson,
    Config,
    Jobs,
    MemoryLimit,
    Output,
    Settings,
    bytes_of,
    load,
    usable_processors,
)
from screen.runner import Plan
from screen.runner.cost.estimate import estimate
from screen.runner.cost.memory import jobs_within
from screen.runner.execution.prepared import prepare
from screen.runner.plan.schedules import schedules_as_words
from screen.runner.simulate.virtual_plates import plates_as_words


def plan(
    config: Config,
    output: Output = None,
    settings: Settings = None,
    jobs: Jobs = None,
    memory_limit: MemoryLimit = None,
    as_json: AsJson = False,
) -> None:
    """Show the lines, combinations, simulations and shards of a run, with estimates of time, memory and
    disk.
    """
    limit = bytes_of(memory_limit)
    prepared = prepare(load(config, settings), output, limit)
    planned = prepared.plan
    taken = estimate(planned, jobs_within(planned, jobs or usable_processors(), limit))
    facts = {
        "cell_lines": len(planned.design.lines),
        "combinations": len(planned.design.combinations),
        "triples": len(planned.design.triples),
        "rays": list(planned.design.rays),
        "adaptive_wells": planned.design.adaptive or None,
        "schedules": list(planned.design.schedules),
        "times_h": list(planned.outputs.times),
        "readouts": list(planned.outputs.readouts),
        "draws": list(planned.design.draws),
        "replicates": planned.outputs.replicates.number if planned.outputs.replicates else 0,
        "scored": planned.outputs.scored,
        "simulations": planned.design.simulations,
        "shards": len(planned.shards),
        "seconds": round(taken.seconds, 1),
        "memory_bytes": taken.memory,
        "disk_bytes": taken.disk,
        "cube": str(prepared.files.cube),
        "plan_sha256": planned.identity,
    }
    if as_json:
        print(json.dumps(facts, indent=1))
        return
    together = [each for layer in planned.design.layers for each in layer.combinations]
    doses = {" x ".join(map(str, each.grid)) for each in together}
    rows = [
        [
            "cell lines",
            f"{len(planned.design.lines)}: {', '.join(line.name for line in planned.design.lines)}",
        ],
        *(
            [f"clones of {line.name}", ", ".join(f"{c.fraction:.3g} {c.line.name}" for c in line.clones)]
            for line in planned.design.lines
            if line.clones
        ),
        [
            "combinations",
            f"{len(planned.design.combinations)}: {', '.join(pair.name for pair in planned.design.combinations)}",
        ],
        *(
            [
                [
                    "triples",
                    f"{len(planned.design.triples)}: {', '.join(each.name for each in planned.design.triples)}",
                ]
            ]
            if planned.design.triples
            else []
        ),
        ["doses", ", ".join(sorted(doses))],
        *([["design", _design(planned)]] if planned.design.layers[0].partial else []),
        *(
            [
                f"doses of {name}",
                ", ".join(f"{dose:.4g}" for dose in _doses(planned, name)) + _unit(planned, name),
            ]
            for name in planned.design.drugs
        ),
        *(
            [
                [f"schedule {name}", given]
                for name, given in schedules_as_words(planned.design.layers, planned.design.exposures)
            ]
            if planned.design.schedules
            else []
        ),
        ["assay times", ", ".join(f"{time:g}" for time in planned.outputs.times) + " h"],
        ["readouts", ", ".join(planned.outputs.readouts)],
        *(
            [["ensemble", f"{len(planned.design.draws)} draws beside the nominal parameters"]]
            if planned.design.draws
            else []
        ),
        *(
            [["virtual plates", plates_as_words(planned.outputs.replicates)]]
            if planned.outputs.replicates
            else []
        ),
        ["simulations", f"{planned.design.simulations:,}"],
        ["shards", f"{len(planned.shards):,}"],
        ["estimated time", f"{taken.seconds:.0f} s with {taken.jobs} jobs"],
        ["estimated memory", f"{taken.memory / 1e6:.0f} MB"],
        ["estimated disk", f"{taken.disk / 1e6:.1f} MB (shards and cube)"],
        ["cube", str(prepared.files.cube)],
    ]
    table(f"Plan of {planned.name}", ["what", "how much"], rows)


def _doses(planned: "Plan", drug: str) -> tuple[float, ...]:
    pairs = (pair for pair in planned.design.combinations if drug in pair.drugs)
    return next(pair.doses[pair.drugs.index(drug)] for pair in pairs)


def _design(planned: "Plan") -> str:
    """What of each grid is simulated."""
    if planned.design.adaptive:
        return f"adaptive: {planned.design.adaptive} wells of each line and pair, where they tell most"
    wells = sorted({pair.simulations for pair in planned.design.combinations})
    ratios = ", ".join(f"{ratio:g}" for ratio in planned.design.rays)
    many = ", ".join(map(str, wells))
    return f"rays of ratio {ratios} and the single agents: {many} wells of each line and pair"


def _unit(planned: "Plan", drug: str) -> str:
    return " x the GR50 of each line" if drug in planned.design.centred else " nM"
