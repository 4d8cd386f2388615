"""Enclosures hold every value that an operator takes in the ranges of its arguments."""

import numpy as np
import pytest

from screen.kinetics.clock.enclosures import RULES, enclosed
from screen.kinetics.expressions.operators import OPERATORS

LOGICAL = {"and", "or", "xor", "not"}


TWO = {
    "add",
    "sub",
    "mul",
    "div",
    "pow",
    "min",
    "max",
    "rem",
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "ne",
    "and",
    "or",
    "xor",
}


def arguments_of(op: str) -> int:
    """How many arguments an operator takes."""
    return 3 if op == "select" else 2 if op in TWO else 1


def ranges_of(op: str, random: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Ranges of an operator's arguments, (500,) each, from points to wide ones."""
    found = []
    for place in range(arguments_of(op)):
        if op in LOGICAL or (op == "select" and place == 0):
            low = random.integers(0, 2, 500).astype(float)
            found.append((low, np.maximum(low, random.integers(0, 2, 500))))
            continue
        middle = np.round(random.normal(0, 3, 500), 1)
        found.append((middle, middle + np.where(random.random(500) < 0.3, 0.0, random.exponential(2, 500))))
    return found


@pytest.mark.parametrize("op", sorted(set(OPERATORS) - {"powd"}))
def test_no_value_lies_outside(op: str) -> None:
    random = np.random.default_rng(sum(map(ord, op)))
    given = ranges_of(op, random)
    with np.errstate(all="ignore"):
        low, high = (np.broadcast_to(end, 500) for end in enclosed(op, *given))
    value = OPERATORS[op].value
    logical = op in LOGICAL or op in ("lt", "le", "gt", "ge", "eq", "ne")
    for _ in range(50):
        share = random.random(500).round(1)
        points = [a + (b - a) * share for a, b in given]
        if op in LOGICAL or op == "select":
            points = [
                np.where(share < 0.5, a, b) if op in LOGICAL or k == 0 else points[k]
                for k, (a, b) in enumerate(given)
            ]
        exact = np.array([float(value(*map(float, at))) for at in zip(*points)])
        finite = np.isfinite(exact)
        exact, least, most = exact[finite], low[finite], high[finite]
        slack = 1e-9 * (1 + np.abs(exact))
        assert np.all(exact >= least - slack)
        assert np.all(exact <= most + slack)
        if logical:
            assert set(np.unique(low)) | set(np.unique(high)) <= {0.0, 1.0}


@pytest.mark.parametrize("op", sorted(RULES))
def test_points_stay_points(op: str) -> None:
    given = [(low, low) for low, _ in ranges_of(op, np.random.default_rng(1))]
    with np.errstate(all="ignore"):
        low, high = enclosed(op, *given)
    finite = np.isfinite(low) & np.isfinite(high)
    assert np.any(finite)
    np.testing.assert_array_equal(np.broadcast_to(low, 500)[finite], np.broadcast_to(high, 500)[finite])
