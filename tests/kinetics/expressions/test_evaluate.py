"""Expressions as plain Python, at their corners."""

import math

import pytest

from screen.kinetics.expressions.evaluate import evaluate
from screen.kinetics.expressions.graph import Graph


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 1e300])
def test_any_constant_is_itself(value: float) -> None:
    graph = Graph()
    found = evaluate(graph, [graph.constant(value)], [])[0]
    assert found == pytest.approx(value, nan_ok=True)
    assert math.copysign(1.0, found) == math.copysign(1.0, value)


def test_every_leaf_is_read() -> None:
    graph = Graph()
    nodes = [graph.parameter(1), graph.state(0), graph.time(), graph.true, graph.false]
    assert evaluate(graph, nodes, [2.0, 3.0], [5.0], 7.0) == [3.0, 5.0, 7.0, True, False]
