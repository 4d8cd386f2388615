"""Who is to blame, at points where it is known."""

import numpy as np
import pytest

from screen.kinetics import load_model
from screen.kinetics.problem import Problem
from screen.kinetics.solvers.attempts.blame import Blame
from screen.kinetics.solvers.attempts.dependence import dependence
from screen.kinetics.solvers.events.plain_functions import PlainFunctions


def guilty(text: str, t: float, **states: float) -> set[str]:
    network = load_model(text).network
    blame = Blame(PlainFunctions(network, ()), dependence(network))
    problem = Problem(np.array([t + 1.0]), network.defaults[None], None, 1e-6, 1e-9)
    y = np.array([states[name] for name in network.states])
    found = blame.of(t, y, network.defaults.tolist(), np.ones(len(y), dtype=bool), problem)
    return {name for name, one in zip(network.states, found) if one}


@pytest.mark.parametrize(
    ("rate", "x"),
    [
        ("x^2", 1e12),  # grows without end
        ("1 / (1 - time)", 30.0),  # a pole of time
        ("sqrt(1 - time)", 0.7),  # not a number from here on
        ("1 / x", 0.0),  # infinite
        ("piecewise(-1, x < 0, 1) * -1", 1e-15),  # to and fro
        ("100 * x", 1e130),  # beyond all sizes
    ],
)
def test_of_a_stiff_part_a_swinging_one_and_one_that_cannot_go_on_the_last_is_to_blame(
    rate: str, x: float
) -> None:
    text = f"x' = {rate}; x = 1; y' = -1e6 * (y - v); y = 0; v' = -w; v = 1; w' = v; w = 0"
    now = 1.0 - 1e-13
    assert guilty(text, now, x=x, y=1.0, v=1.0, w=0.0) == {"x"}


def test_what_follows_it_is_not_to_blame_and_what_acts_back_is() -> None:
    text = "x' = x * z; x = 1; z' = x * z; z = 1; y' = x; y = 0"
    assert guilty(text, 1.0, x=1e12, z=1e12, y=1e3) == {"x", "z"}


def test_where_all_go_on_nothing_is_to_blame() -> None:
    assert guilty("x' = -1e-9 * x; x = 1; y' = 0; y = 1", 1.0, x=1.0, y=1.0) == set()
