"""What a condition may set: a number, a parameter of the parameter table, or a formula of them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from screen.errors import InputError
from screen.kinetics.petab.problem_tables import petab_library

Setting = float | str
"""A number, or a formula in PEtab's words, most often one parameter's id."""


def setting(value: Any) -> Setting:
    """A cell of a table."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value).strip()


@cache
def _formula(text: str) -> Any:
    return petab_library("v1.math").sympify_petab(text)


def names_in(value: Setting | None) -> frozenset[str]:
    """The parameters that a setting holds."""
    if not isinstance(value, str):
        return frozenset()
    if value.isidentifier():
        return frozenset([value])
    return frozenset(str(symbol) for symbol in _formula(value).free_symbols)


def value_of(target: str, value: Setting, known: Mapping[str, float]) -> float:
    """A setting's number. Errors: `InputError` for a name that the parameter table does not have."""
    if not isinstance(value, str):
        return value
    if value in known:
        return known[value]
    for name in sorted(names_in(value) - known.keys()):
        raise InputError(f"'{target}' is set to '{value}': the parameter table does not have '{name}'")
    return float(_formula(value).subs(_by_symbol(value, known)))


def slope_of(value: Setting | None, name: str, known: Mapping[str, float]) -> float:
    """How a setting changes with a parameter."""
    if name not in names_in(value):
        return 0.0
    if value == name:
        return 1.0
    formula = _formula(str(value))
    symbol = next(s for s in formula.free_symbols if str(s) == name)
    return float(formula.diff(symbol).subs(_by_symbol(str(value), known)))


def _by_symbol(value: str, known: Mapping[str, float]) -> dict[Any, float]:
    return {symbol: known[str(symbol)] for symbol in _formula(value).free_symbols}
