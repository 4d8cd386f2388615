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

LARGEST_BYTES = 1 << 20
VERSION_2 = re.compile(r"""^format_version:\s*["']?2""", re.MULTILINE)
LOGARITHMS: dict[str, Callable[[float], float]] = {"lin": float, "log": np.log, "log10": np.log10}


def load_petab(path: str | Path) -> PetabProblem:
    """The problem of a PEtab file in YAML (version 1). Errors: `InputError`, in one line, for what is not there, not
    PEtab or of another version; `UnsupportedModel` for what the engine does not read.
    """
    try:
        import petab.v1 as petab
    except ImportError:
        raise InputError("PEtab needs the package 'petab', which is not installed") from None
    if VERSION_2.search(read_text(Path(path), LARGEST_BYTES, "a PEtab problem")):
        raise InputError(f"{path}: found format_version 2, expected 1")
    try:
        problem = petab.Problem.from_yaml(str(path))
    except Exception as error:
        raise InputError(f"{path}: {' '.join(str(error).split())[:300] or type(error).__name__}") from None
    if problem.model is None or not hasattr(problem.model, "sbml_model"):
        raise InputError(f"{path}: found no SBML model, expected one")
    parameters, conditions = problem.parameter_df, problem.condition_df
    sbml = problem.model.sbml_model
    with_constants(sbml, map(str, parameters.index))
    formulas = {}
    for name, row in problem.observable_df.iterrows():
        formulas[f"{OBSERVABLE}{name}"] = str(row["observableFormula"])
        formulas[f"{NOISE}{name}"] = str(row["noiseFormula"])
    whole = [
        str(name) for name in conditions.columns if name != "conditionName" and conditions[name].notna().all()
    ]
    text = observed_model(sbml, formulas, whole)
    engine = Engine(load_model(text), list(formulas))
    estimated = parameters[parameters["estimate"] == 1]
    fixed = parameters[parameters["estimate"] != 1]
    scales = tuple(str(scale) for scale in estimated["parameterScale"])

    def scaled(column: str) -> Floats:
        with np.errstate(divide="ignore"):
            return np.array([LOGARITHMS[s](float(v)) for s, v in zip(scales, estimated[column])])

    return PetabProblem(
        tables=problem,
        engine=engine,
        groups=simulations(problem.measurement_df),
        names=tuple(map(str, estimated.index)),
        scales=scales,
        nominal=scaled("nominalValue"),
        lower=scaled("lowerBound"),
        upper=scaled("upperBound"),
        fixed={str(name): float(value) for name, value in fixed["nominalValue"].items()},
    )
