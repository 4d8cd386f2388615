"""Conserved totals of a reaction network: weights on amounts whose weighted sum no reaction changes."""

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", int, str)


def conserved_totals(rows: Mapping[int, Mapping[str, Fraction]]) -> tuple[tuple[tuple[int, float], ...], ...]:
    """A basis of the left null space of a stoichiometric matrix, by exact elimination.

    `rows` maps each state to its net coefficient per reaction. Every total is a tuple of (state, weight),
    scaled so that its first weight is 1.
    """
    pivots: dict[str, tuple[dict[str, Fraction], dict[int, Fraction]]] = {}
    totals = []
    for state, coefficients in rows.items():
        row = {reaction: value for reaction, value in coefficients.items() if value}
        weights = {state: Fraction(1)}
        while row:
            reaction = min(row)
            if reaction not in pivots:
                pivots[reaction] = (row, weights)
                break
            other, other_weights = pivots[reaction]
            factor = -row[reaction] / other[reaction]
            _add(row, other, factor)
            _add(weights, other_weights, factor)
        else:
            first = weights[min(weights)]
            totals.append(tuple((k, float(w / first)) for k, w in sorted(weights.items())))
    return tuple(totals)


def _add(target: dict[Key, Fraction], source: Mapping[Key, Fraction], factor: Fraction) -> None:
    """`target += factor * source`, without zeros."""
    for key, value in source.items():
        total = target.get(key, Fraction(0)) + factor * value
        if total:
            target[key] = total
        else:
            target.pop(key, None)
