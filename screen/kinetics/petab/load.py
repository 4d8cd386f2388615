"""A PEtab problem from its files, read by the `petab` library."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError
from screen.files import read_text
from screen.kinetics.engine import Engine
from screen.kinetics.model import load_model
from screen.kinetics.petab.conditions import simulations
from screen.kinetics.petab.model import NOISE, OBSERVABLE, observed_model, with_constants
from screen.kinetics.petab.problem import PetabProblem
from screen.kinetics.petab.problem_tables import ProblemTables, changing, petab_library, sbml_model
from screen.kinetics.petab.version_2 import tables_of_version_2

LARGEST_BYTES = 1 << 20
VERSION_2 = re.compile(r"""^format_version:\s*["']?2""", re.MULTILINE)
LOGARITHMS: dict[str, Callable[[float], float]] = {"lin": float, "log": np.log, "log10": np.log10}


def load_petab(path: str | Path) -> PetabProblem:
    """The problem of a PEtab file in YAML (version 1 or 2). Errors: `InputError`, in one line, for what is not there,
    not PEtab or not served; `UnsupportedModel` for what the engine does not read.
    """
    second = VERSION_2.search(read_text(Path(path), LARGEST_BYTES, "a PEtab problem")) is not None
    tables = _read(path, second)
    parameters = tables.parameters
    with_constants(tables.model, map(str, parameters.index))
    formulas = {}
    for name, row in tables.observables.iterrows():
        formulas[f"{OBSERVABLE}{name}"] = str(row["observableFormula"])
        formulas[f"{NOISE}{name}"] = str(row["noiseFormula"])
    whole = _overridden(tables)
    text = observed_model(tables.model, formulas, whole)
    engine = Engine(load_model(text), list(formulas))
    estimated = parameters[parameters["estimate"] == 1]
    fixed = parameters[parameters["estimate"] != 1]
    scales = tuple(str(scale) for scale in estimated["parameterScale"])

    def scaled(column: str) -> Floats:
        with np.errstate(divide="ignore"):
            return np.array([LOGARITHMS[s](float(v)) for s, v in zip(scales, estimated[column])])

    return PetabProblem(
        tables=tables,
        engine=engine,
        groups=simulations(tables.measurements),
        names=tuple(map(str, estimated.index)),
        scales=scales,
        nominal=scaled("nominalValue"),
        lower=scaled("lowerBound"),
        upper=scaled("upperBound"),
        fixed={str(name): float(value) for name, value in fixed["nominalValue"].items()},
    )


def _read(path: str | Path, second: bool) -> ProblemTables:
    version = petab_library("v2" if second else "v1")
    try:
        problem = version.Problem.from_yaml(str(path))
    except Exception as error:
        raise InputError(f"{path}: {' '.join(str(error).split())[:300] or type(error).__name__}") from None
    if second:
        return tables_of_version_2(path, problem)
    measured = problem.measurement_df
    model = sbml_model(path, problem.model)
    return ProblemTables(
        measured, problem.condition_df, problem.observable_df, problem.parameter_df, measured, model
    )


def _overridden(tables: ProblemTables) -> list[str]:
    """What conditions set wherever it counts: constants in all that are used, starts in those that nothing comes
    before.
    """
    measured, conditions = tables.measurements, tables.conditions
    during = measured["simulationConditionId"].astype(str)
    before = ["" for _ in during]
    if "preequilibrationConditionId" in measured.columns:
        before = [v if isinstance(v, str) else "" for v in measured["preequilibrationConditionId"]]
    first = {earlier or later for earlier, later in zip(before, during)}
    states, found = changing(tables.model), []
    for name in (name for name in conditions.columns if name != "conditionName"):
        counts = first if name in states else {*during, *before}
        if conditions.loc[conditions.index.isin(counts), name].notna().all():
            found.append(str(name))
    return found
