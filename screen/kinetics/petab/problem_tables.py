"""The tables of a PEtab problem in one form for both versions, that of version 1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ProblemTables:
    """`measurements` name a condition before (or "") and one during; `conditions` (by id) have a column for each
    target; `observables` and `parameters` are by id. `own` are the measurements as the problem has them, `model` is
    libSBML's.
    """

    measurements: "pd.DataFrame"
    conditions: "pd.DataFrame"
    observables: "pd.DataFrame"
    parameters: "pd.DataFrame"
    own: "pd.DataFrame"
    model: Any
    periods: Mapping[str, Sequence[tuple[float, str]]] = field(default_factory=dict)
    """When each condition during begins and others follow it, where that is not at 0 and alone."""


def changing(model: Any) -> set[str]:
    """The ids of a libSBML model that have a start and then go their own way: species, and what has a rate rule."""
    moved = {rule.getVariable() for rule in model.getListOfRules() if rule.isRate()}
    return moved | {species.getId() for species in model.getListOfSpecies()}


def petab_library(part: str) -> Any:
    """A module of the `petab` library. Errors: `InputError` where that is not installed."""
    try:
        return import_module(f"petab.{part}")
    except ImportError:
        raise InputError("PEtab needs the package 'petab', which is not installed") from None


def sbml_model(path: str | Path, model: Any) -> Any:
    """What libSBML holds of a problem's model. Errors: `InputError` where that is none of SBML."""
    if model is None or not hasattr(model, "sbml_model"):
        raise InputError(f"{path}: found no SBML model, expected one")
    return model.sbml_model
