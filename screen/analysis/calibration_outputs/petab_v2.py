"""A PEtab problem of version 1 as the tables of version 2: conditions by target, experiments, priors without scales.

The converter of the petab library keeps the parameters of a prior on log10 where version 2 wants natural logarithms
(0.8.2, `petab1to2`), so this is written out here; the library's linter of version 2 accepts it.
"""

import math
from collections.abc import Mapping
from typing import Any

from screen.analysis.calibration_outputs.petab import PetabTables
from screen.analysis.calibration_outputs.petab_model import Row

MODEL = "model"
PREEQUILIBRATION = "-inf"
"""The time at which the experiment table says that a model settles."""


def tables_v2(problem: PetabTables) -> dict[str, list[Row]]:
    """The rows of each table by its name."""
    experiments: dict[tuple[Any, Any], str] = {}
    measurements: list[Row] = []
    for row in problem.measurements:
        pair = row["preequilibrationConditionId"], row["simulationConditionId"]
        experiment = experiments.setdefault(pair, f"experiment_{len(experiments) + 1}")
        rest = {name: row[name] for name in ("time", "measurement")}
        measurements.append({"observableId": row["observableId"], "experimentId": experiment, **rest})
    return {
        "conditions": [
            {"conditionId": name, "targetId": target, "targetValue": value}
            for name, row in problem.conditions.items()
            for target, value in row.items()
        ],
        "experiments": [
            {"experimentId": name, "time": time, "conditionId": condition}
            for pair, name in experiments.items()
            for time, condition in zip((PREEQUILIBRATION, 0), pair, strict=True)
        ],
        "observables": [_without(row, "observableTransformation") for row in problem.observables],
        "measurements": measurements,
        "parameters": [_parameter(row) for row in problem.parameters],
    }


def description_v2() -> dict[str, Any]:
    """What the YAML file says."""
    files = {
        f"{table[:-1]}_files": [f"{table}.tsv"]
        for table in ("parameters", "conditions", "experiments", "observables", "measurements")
    }
    models = {MODEL: {"language": "sbml", "location": "../model.xml"}}
    return {"format_version": "2.0.0", "model_files": models, **files}


def _parameter(row: Mapping[str, Any]) -> Row:
    """A parameter with its prior on the parameter itself; a logarithm's is one of natural logarithms."""
    kind = str(row["objectivePriorType"]).removeprefix("parameterScale").lower()
    numbers = [float(text) for text in str(row["objectivePriorParameters"]).split(";")]
    if row["parameterScale"] == "log10":
        decade = math.log(10)
        numbers = [10.0**number if kind == "uniform" else number * decade for number in numbers]
        kind = f"log-{kind}"
    kept = {name: row[name] for name in ("parameterId", "lowerBound", "upperBound", "nominalValue")}
    prior = {"priorDistribution": kind, "priorParameters": ";".join(map(repr, numbers))}
    return {**kept, "estimate": "true", **prior}


def _without(row: Mapping[str, Any], column: str) -> Row:
    return {name: value for name, value in row.items() if name != column}
