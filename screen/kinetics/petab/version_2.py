"""PEtab version 2 in the tables of version 1: an experiment is a condition before and one during, which others may
follow, and its parameters are estimated as they are.

The specification: https://petab.readthedocs.io/en/latest/v2/documentation_data_format.html
"""

import math
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
    """The tables of a `petab.v2.Problem`. Errors: `InputError` for what is not served: extensions, models of other
    kinds, observables of what a mapping table names.
    """
    import pandas as pd

    if problem.config is not None and problem.config.extensions:
        raise InputError(f"{path}: found extensions {sorted(problem.config.extensions)}, expected none")
    if len(problem.models) > 1:
        raise InputError(f"{path}: found {len(problem.models)} models, expected one")
    model = sbml_model(path, problem.model)
    states, mapped = changing(model), _mapped(path, problem)
    conditions: dict[str, dict[str, Any]] = {NOTHING: {}}
    before: dict[str, str] = {}
    periods: dict[str, list[tuple[float, str]]] = {}
    for experiment in problem.experiments:
        earlier, during = _periods(path, experiment)
        settings: dict[str, Any] = {}
        if earlier is not None:
            before[experiment.id] = f"{experiment.id}_before"
            settings = _changes(problem, earlier, mapped)
            conditions[before[experiment.id]] = settings
        order = []
        for number, period in enumerate(during):
            name = f"{experiment.id}_after_{number}" if number else experiment.id
            kept = {name: value for name, value in settings.items() if name not in states}
            conditions[name] = settings = kept | _changes(problem, period, mapped)
            order.append((float(period.time), name))
        if [time for time, _ in order] != [0.0]:
            periods[experiment.id] = order
    estimated = {p.id for p in problem.parameters}
    for settings in conditions.values():
        settings |= {mapped[name]: name for name in estimated & mapped.keys() if mapped[name] not in settings}
    own = problem.measurement_df
    return ProblemTables(
        measurements=pd.DataFrame([_measurement(m, before) for m in problem.measurements]),
        conditions=pd.DataFrame.from_dict(conditions, orient="index"),
        observables=pd.DataFrame([_observable(o) for o in problem.observables]).set_index("observableId"),
        parameters=pd.DataFrame([_parameter(p) for p in problem.parameters]).set_index("parameterId"),
        own=own,
        model=model,
        periods=periods,
    )


def _mapped(path: str | Path, problem: Any) -> dict[str, str]:
    """What a mapping table names: the model's id, as of a local parameter, by PEtab's."""
    mapped = {m.petab_id: m.model_id for m in problem.mappings if m.model_id and m.model_id != m.petab_id}
    estimated = {parameter.id for parameter in problem.parameters}
    for observable in problem.observables:
        symbols = observable.formula.free_symbols | observable.noise_formula.free_symbols
        for name in sorted({str(symbol) for symbol in symbols} & mapped.keys() - estimated):
            raise InputError(f"{path}: observable '{observable.id}' reads '{name}' of the mapping table")
    return mapped


def _periods(path: str | Path, experiment: Any) -> tuple[Any, list[Any]]:
    """The steady state before (or None) and the periods after it."""
    periods = sorted(experiment.periods, key=lambda period: period.time)
    earlier = periods.pop(0) if periods and periods[0].is_preequilibration else None
    if not periods or any(not math.isfinite(period.time) for period in periods):
        times = [period.time for period in periods]
        raise InputError(
            f"{path}: experiment '{experiment.id}' has periods that begin at {times}, expected finite times"
        )
    return earlier, periods


def _changes(problem: Any, period: Any, mapped: dict[str, str]) -> dict[str, Any]:
    changes = problem.get_changes_for_period(period)
    return {mapped.get(each.target_id, each.target_id): _written(each.target_value) for each in changes}


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
