"""How fast formulas of time change: what a search for bumps need not look at."""

import math

import numpy as np
import pytest

from screen.kinetics import load_model
from screen.kinetics.clock.pace import paces
from screen.kinetics.clock.program import Clock, ClockRows, clock_of, folded, ranges
from screen.kinetics.clock.stops import find_stops

CURVE = "c := d*exp(-k*(time - s)) + m*(time - s); d = 100; k = 0.1; m = 0; s = 0; J: -> X; {}; X = 0"


def clock_and_rows(text: str, count: int = 1) -> tuple[Clock, ClockRows]:
    network = load_model(text).network
    clock = clock_of(network)
    assert clock is not None
    return clock, ClockRows(np.tile(network.defaults, (count, 1)), np.zeros((count, 1)), 0.0)


def pace(text: str, low: float, high: float) -> float:
    clock, rows = clock_and_rows(text)
    with np.errstate(all="ignore"):
        found = ranges(clock, rows, np.zeros(1, dtype=int), np.array([low]), np.array([high]))
        return max(float(one[0]) for one in paces(clock, found, 1))


@pytest.mark.parametrize(
    ("formula", "exact"),
    [
        ("exp(-0.3*time)", 0.3),
        ("3 + 2*exp(-0.3*time)", 0.3),
        ("exp(-0.3*time)*exp(-0.1*time)", 0.4),
        ("exp(-0.3*time)^2", 0.6),
        ("time", 0.0),
        ("sin(5*time)", 5.0),
        ("1 + 0.001*exp(-((time - 50)/0.01)^2)", 2 * 50 / 0.01**2),
    ],
)
def test_the_pace_is_that_of_the_fastest_part_however_small(formula: str, exact: float) -> None:
    assert pace(f"J: -> X; {formula}; X = 0", 0.0, 1e-6) == pytest.approx(exact, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("formula", ["1/(1 + (c/3)^2)", "c/(c + 3)", "sqrt(c)/(1 + c)", "log(1 + c)*tanh(c)"])
def test_no_formula_is_faster_than_its_pace(formula: str) -> None:
    clock, rows = clock_and_rows(CURVE.format(formula))
    every = np.zeros(2001, dtype=int)
    times = np.linspace(0.0, 60.0, 2001)
    for low, high in ((0.0, 1.0), (20.0, 26.0), (40.0, 60.0)):
        within = times[(times >= low) & (times <= high)]
        found = ranges(clock, rows, every[: len(within)], within, within)
        for number, forcing in enumerate(clock.forcings):
            values = np.broadcast_to(found[forcing][0], within.shape)
            fastest = np.max(np.abs(np.diff(np.log(np.abs(values))) / np.diff(within)))
            box = ranges(clock, rows, every[:1], np.array([low]), np.array([high]))
            assert fastest <= paces(clock, box, 1)[number][0] * (1 + 1e-9)


def test_what_has_no_rule_or_may_divide_by_zero_is_not_known_to_be_smooth() -> None:
    assert pace("J: -> X; tan(time); X = 0", 0.1, 0.2) == math.inf
    assert pace("J: -> X; 1/(time - 5); X = 0", 4.0, 6.0) == math.inf


def test_a_dose_that_is_eliminated_needs_no_search() -> None:
    clock, rows = clock_and_rows(CURVE.format("1/(1 + c/3)"))
    assert len(find_stops(clock, rows, np.array([12.0])).pairs) == 7, "the eighths of the span"


def test_one_that_is_eliminated_within_an_eighth_of_the_span_is_looked_at_closer() -> None:
    clock, rows = clock_and_rows(CURVE.format("1/(1 + c/3)").replace("k = 0.1", "k = 20"))
    assert len(find_stops(clock, rows, np.array([12.0])).pairs) > 8


def test_what_time_has_no_part_in_is_computed_once() -> None:
    clock, rows = clock_and_rows(CURVE.format("1/(1 + c/3) + a*b/(a + b); a = 2; b = 4"), count=5)
    few, short = folded(clock, rows)
    assert len(few.nodes) < len(clock.nodes)
    some = np.array([3, 1])
    low, high = np.array([1.0, 2.0]), np.array([2.0, 5.0])
    whole, part = ranges(clock, rows, some, low, high), ranges(few, short, some, low, high)
    for old, new in zip(clock.forcings, few.forcings):
        np.testing.assert_array_equal(whole[old], part[new])
