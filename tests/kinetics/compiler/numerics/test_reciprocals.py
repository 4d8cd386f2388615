"""Several reciprocals from one division."""

import ctypes

import numpy as np
import pytest

from screen.codegen.ir import SELDOM, Function, preamble
from screen.codegen.target import compile_object, load_object
from screen.kinetics import compile_engine, load_model
from screen.kinetics.compiler.numerics.reciprocals import TOGETHER, grouped, reciprocals
from screen.kinetics.expressions.graph import Graph

WIDTH = 4


def inverted(values: np.ndarray) -> np.ndarray:
    """The reciprocals of each row (group, lane), which are made together."""
    f = Function("invert", {"x": "ptr", "out": "ptr"}, WIDTH, exported=True)
    for k, value in enumerate(reciprocals(f, [f.load("%x", k) for k in range(len(values))])):
        f.store(value, "%out", k)
    f.line("ret void")
    engine = load_object(
        compile_object("\n".join([preamble(WIDTH), f.text(), "attributes #0 = { nounwind }", SELDOM, ""]))
    )
    room = np.zeros(2 * values.size + 8)
    first = (-room.ctypes.data % 64) // 8
    x, out = room[first:][: values.size], room[first + values.size :][: values.size]
    x[:] = values.ravel()
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(engine.get_function_address("invert"))
    call(x.ctypes.data, out.ctypes.data)
    return out.reshape(values.shape).copy()


@pytest.mark.parametrize("count", range(1, TOGETHER + 1))
def test_they_are_those_of_a_division_but_for_rounding(count: int) -> None:
    values = np.random.default_rng(count).lognormal(0, 20, (count, WIDTH))
    assert np.allclose(inverted(values), 1 / values, rtol=4e-16 * 2, atol=0)


def test_a_lane_whose_product_is_no_number_divides_each_for_itself() -> None:
    values = np.array([[2.0, 3.0, 0.0, 1e-200], [4.0, np.inf, 7.0, 1e-200], [5.0, 3.0, 7.0, 11.0]])
    with np.errstate(divide="ignore"):
        exact = 1 / values
    found = inverted(values)
    assert np.array_equal(found[:, 1:], exact[:, 1:])
    assert np.allclose(found[:, 0], exact[:, 0], rtol=4e-16 * 2, atol=0)


def test_none_of_a_group_needs_the_reciprocal_of_another() -> None:
    g = Graph()
    x = [g.state(k) for k in range(3)]
    inner = g.div(g.one, g.add(x[0], x[1]))
    outer = g.div(x[2], g.add(inner, x[1]))
    side = g.div(x[0], x[2])
    groups = grouped(g, g.reachable([outer, side]), {})
    bottoms = [g.args[node][1] for node in (inner, outer, side)]
    assert groups[bottoms[0]] == groups[bottoms[2]] != groups[bottoms[1]]


def test_a_rate_with_an_infinite_denominator_leaves_the_others_alone() -> None:
    model = load_model(
        "A -> ; k*A/(0.5 + A); -> B; 1/(1 + K/A); -> C; 1/(2 + B); A = 0; B = 0; C = 0; k = 1; K = 1"
    )
    engine = compile_engine(model, ["A", "B", "C"])
    found = engine.rates([engine.defaults], [[0.0] * 3])[0]
    assert [found[engine.states.index(name)] for name in ("A", "B", "C")] == [0.0, 0.0, 0.5]
