"""PEtab version 2 in the tables of version 1: an experiment is a condition before and one during, and its parameters
are estimated as they are.

The specification: https://petab.readthedocs.io/en/latest/v2/documentation_data_format.html
"""

from pathlib import Path
from typing import Any

from screen.errors import InputError
from screen.kinetics.petab.problem_tables import ProblemTables, changing, petab_library, sbml_model

NOTHING = "petab_no_experiment"
NOISES = {
    "normal": ("lin", "normal"),
    "laplace": ("lin", "laplace"),
    "log-normal": ("log", "normal"),
    "log-laplace": ("log", "laplace"),
}
"""Transformation and distribution of version 1."""


def tables_of_version_2(path: str | Path, problem: Any) -> ProblemTables:
    """The tables of a `petab.v2.Problem`. Errors: `InputError` for what is not served: extensions, mapping tables,
    models of other kinds, experiments that begin at another time than 0 or change again later.
    """
    import pandas as pd

    if problem.config is not None and problem.config.extensions:
        raise InputError(f"{path}: found extensions {sorted(problem.config.extensions)}, expected none")
    if problem.mappings:
        raise InputError(f"{path}: found a mapping table, expected none")
    if len(problem.models) > 1:
        raise InputError(f"{path}: found {len(problem.models)} models, expected one")
    model = sbml_model(path, problem.model)
    states = changing(model)
    conditions: dict[str, dict[str, Any]] = {NOTHING: {}}
    before: dict[str, str] = {}
    for experiment in problem.experiments:
        earlier, during = _periods(path, experiment)
        settings: dict[str, Any] = {}
        if earlier is not None:
            before[experiment.id] = f"{experiment.id}_before"
            settings = _changes(problem, earlier)
            conditions[before[experiment.id]] = settings
        kept = {name: value for name, value in settings.items() if name not in states}
        conditions[experiment.id] = kept | _changes(problem, during)
    own = problem.measurement_df
    return ProblemTables(
        measurements=pd.DataFrame([_measurement(m, before) for m in problem.measurements]),
        conditions=pd.DataFrame.from_dict(conditions, orient="index"),
        observables=pd.DataFrame([_observable(o) for o in problem.observables]).set_index("observableId"),
        parameters=pd.DataFrame([_parameter(p) for p in problem.parameters]).set_index("parameterId"),
        own=own,
        model=model,
    )


def _periods(path: str | Path, experiment: Any) -> tuple[Any, Any]:
    """The steady state before (or None) and the one period after it."""
    periods = sorted(experiment.periods, key=lambda period: period.time)
    earlier = periods.pop(0) if periods and periods[0].is_preequilibration else None
    times = [period.time for period in periods]
    if times != [0.0]:
        raise InputError(
            f"{path}: experiment '{experiment.id}' has periods that begin at {times}, expected one at 0"
        )
    return earlier, periods[0]


def _changes(problem: Any, period: Any) -> dict[str, Any]:
    return {
        change.target_id: _written(change.target_value) for change in problem.get_changes_for_period(period)
    }


def _written(formula: Any) -> Any:
    """A number, or a formula in PEtab's own words."""
    return float(formula) if formula.is_number else petab_library("v1.math").petab_math_str(formula)


def _measurement(measurement: Any, before: dict[str, str]) -> dict[str, Any]:
    during = measurement.experiment_id or NOTHING
    return {
        "observableId": measurement.observable_id,
        "preequilibrationConditionId": before.get(during, ""),
        "simulationConditionId": during,
        "time": measurement.time,
        "measurement": measurement.measurement,
        "observableParameters": ";".join(str(_written(v)) for v in measurement.observable_parameters),
        "noiseParameters": ";".join(str(_written(v)) for v in measurement.noise_parameters),
    }


def _observable(observable: Any) -> dict[str, Any]:
    sympify_petab = petab_library("v1.math").sympify_petab
    scale, noise = NOISES[observable.noise_distribution.value]
    names = {}
    for kind, symbols in (
        ("observable", observable.observable_placeholders),
        ("noise", observable.noise_placeholders),
    ):
        for k, symbol in enumerate(symbols, 1):
            name = f"{kind}Parameter{k}_{observable.id}"
            names[symbol] = sympify_petab(name)
    return {
        "observableId": observable.id,
        "observableFormula": str(_written(observable.formula.xreplace(names))),
        "noiseFormula": str(_written(observable.noise_formula.xreplace(names))),
        "observableTransformation": scale,
        "noiseDistribution": noise,
    }


def _parameter(parameter: Any) -> dict[str, Any]:
    return {
        "parameterId": parameter.id,
        "parameterScale": "lin",
        "lowerBound": parameter.lb,
        "upperBound": parameter.ub,
        "nominalValue": parameter.nominal_value,
        "estimate": int(parameter.estimate),
    }
