"""Every row of the tables of operators: its value against NumPy and SciPy, its derivative against central
differences, machine code and plain Python against each other. A new row is tested by being there.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import libsbml
import numpy as np
import pytest
import scipy.special

from screen.kinetics import Engine, compile_engine, load_model
from screen.kinetics.expressions.derivatives import gradients
from screen.kinetics.expressions.evaluate import scalar_function
from screen.kinetics.expressions.graph import Graph
from screen.kinetics.expressions.mathml_names import MATHML
from screen.kinetics.expressions.operators import FUNCTIONS, OPERATORS
from screen.kinetics.sbml.mathml import element_names

BY_ANOTHER_NAME: dict[str, Callable[..., Any]] = {
    "e": lambda: math.e,
    "avogadro": lambda: 6.02214179e23,
    "true": lambda: 1.0,
    "false": lambda: 0.0,
    "ln": np.log,
    "ceiling": np.ceil,
    "plus": lambda *a: sum(a),
    "minus": lambda a, b=None: -a if b is None else a - b,
    "times": lambda *a: np.prod(a),
    "root": lambda n, x=None: np.sqrt(n) if x is None else x ** (1 / n),
    "log": lambda b, x=None: np.log10(b) if x is None else np.log(x) / np.log(b),
    "min": lambda *a: np.min(a),
    "max": lambda *a: np.max(a),
    "rem": np.fmod,
    "quotient": lambda a, b: np.trunc(a / b),
    "piecewise": lambda a, c, b: a if c else b,
    "sec": lambda x: 1 / np.cos(x),
    "csc": lambda x: 1 / np.sin(x),
    "cot": lambda x: 1 / np.tan(x),
    "sech": lambda x: 1 / np.cosh(x),
    "csch": lambda x: 1 / np.sinh(x),
    "coth": lambda x: 1 / np.tanh(x),
    "arcsec": lambda x: np.arccos(1 / x),
    "arccsc": lambda x: np.arcsin(1 / x),
    "arccot": lambda x: np.arctan(1 / x),
    "arcsech": lambda x: np.arccosh(1 / x),
    "arccsch": lambda x: np.arcsinh(1 / x),
    "arccoth": lambda x: np.arctanh(1 / x),
    "lt": lambda *a: all(np.less(x, y) for x, y in pairwise(a)),
    "leq": lambda *a: all(np.less_equal(x, y) for x, y in pairwise(a)),
    "gt": lambda *a: all(np.greater(x, y) for x, y in pairwise(a)),
    "geq": lambda *a: all(np.greater_equal(x, y) for x, y in pairwise(a)),
    "eq": lambda *a: all(np.equal(x, y) for x, y in pairwise(a)),
    "neq": lambda *a: all(np.not_equal(x, y) for x, y in pairwise(a)),
    "and": lambda *a: np.logical_and.reduce(a),
    "or": lambda *a: np.logical_or.reduce(a),
    "xor": lambda *a: np.logical_xor.reduce(a),
    "not": np.logical_not,
    "implies": lambda a, b: not a or b != 0,
    "factorial": lambda x: np.rint(scipy.special.gamma(x + 1)),
}
"""What NumPy calls otherwise than MathML does."""

POINTS = (0.3, 0.7, 1.6, 2.5, -0.45, -1.7)


def reference(name: str) -> Callable[..., Any]:
    """The function of NumPy or SciPy that an element of MathML stands for."""
    for home in (np, scipy.special):
        if name not in BY_ANOTHER_NAME and callable(getattr(home, name, None)):
            return getattr(home, name)
    if name in BY_ANOTHER_NAME:
        return BY_ANOTHER_NAME[name]
    value = getattr(np, name, None)
    assert isinstance(value, float), f"no value to compare '{name}' with: add it to BY_ANOTHER_NAME"
    return lambda: value


def counts(name: str) -> list[int]:
    """Numbers of arguments to try."""
    return [3] if name == "piecewise" else [n for n in range(4) if n in MATHML[name].takes]


CASES = [(name, count) for name in MATHML for count in counts(name)]


def arguments(count: int) -> list[tuple[float, ...]]:
    return [
        tuple(POINTS[(k + j) % len(POINTS)] for j in range(count)) for k in range(len(POINTS) if count else 1)
    ]


def node(graph: Graph, name: str, count: int) -> int:
    inputs = [graph.state(k) for k in range(count)]
    if MATHML[name].logical:
        inputs = [graph.truth(x) if name != "piecewise" or k == 1 else x for k, x in enumerate(inputs)]
    return graph.number(MATHML[name].make(graph, *inputs))


@pytest.mark.parametrize(("name", "count"), CASES)
def test_a_value_is_that_of_numpy(name: str, count: int) -> None:
    graph = Graph()
    value = scalar_function(graph, [node(graph, name, count)])
    with np.errstate(all="ignore"):
        for point in arguments(count):
            expected = float(reference(name)(*map(np.float64, point)))
            assert value(0.0, point, ())[0] == pytest.approx(expected, rel=1e-13, nan_ok=True)


@pytest.mark.parametrize(("name", "count"), [case for case in CASES if case[1]])
def test_a_derivative_is_that_of_central_differences(name: str, count: int) -> None:
    graph = Graph()
    root = node(graph, name, count)
    slopes = gradients(graph, [root]).get(root, {})
    value, along = scalar_function(graph, [root]), scalar_function(graph, list(slopes.values()))
    h = 1e-6
    for point in arguments(count):
        found = dict(zip(slopes, along(0.0, point, ())))
        for k in range(count):
            above, below = ([x + s * h * (j == k) for j, x in enumerate(point)] for s in (1, -1))
            expected = (value(0.0, above, ())[0] - value(0.0, below, ())[0]) / (2 * h)
            if math.isfinite(expected) and abs(expected) < 1e4:  # no domain ends and no jump in between
                assert found.get(k, 0.0) == pytest.approx(expected, rel=1e-7, abs=1e-7)


@pytest.fixture(scope="module")
def compiled() -> dict[tuple[str, int], tuple[Engine, int]]:
    """Every element with each number of arguments as a readout of one compiled model."""
    document = libsbml.SBMLDocument(3, 2)
    model = document.createModel()
    for k in range(3):
        state = model.createParameter()
        state.setId(f"x{k}")
        state.setConstant(False)
        state.setValue(0.0)
        rule = model.createRateRule()
        rule.setVariable(state.getId())
        rule.setMath(libsbml.parseL3Formula("0"))
    names = {kind: number for number, kind in element_names().items()}
    for place, (name, count) in enumerate(CASES):
        readout = model.createParameter()
        readout.setId(f"r{place}")
        readout.setConstant(False)
        tree = libsbml.ASTNode(names.get(name, libsbml.AST_FUNCTION))
        if name not in names:
            tree.setName(name)
        for k in range(count):
            argument = libsbml.parseL3Formula(f"x{k}")
            if MATHML[name].logical and (name != "piecewise" or k == 1):
                argument = libsbml.parseL3Formula(f"x{k} != 0")
            tree.addChild(argument)
        if (name, count) == ("log", 1):
            tree = libsbml.parseL3Formula("log10(x0)")  # libSBML's writer needs the base
        rule = model.createAssignmentRule()
        rule.setVariable(readout.getId())
        rule.setMath(tree)
    text = libsbml.writeSBMLToString(document)
    engine = compile_engine(load_model(text), [f"r{place}" for place in range(len(CASES))])
    return {case: (engine, place) for place, case in enumerate(CASES)}


@pytest.mark.parametrize(("name", "count"), CASES)
def test_machine_code_gives_what_numpy_gives(
    name: str, count: int, compiled: dict[tuple[str, int], tuple[Engine, int]]
) -> None:
    engine, place = compiled[name, count]
    points = np.array([[*point, 0.0, 0.0, 0.0][:3] for point in arguments(count)])
    states = points[:, [int(state[1]) for state in engine.states]]
    found = engine.readout(engine.parameter_rows(len(states)), states)[:, place]
    with np.errstate(all="ignore"):
        expected = [float(reference(name)(*point[:count])) for point in points]
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_the_tables_are_whole() -> None:
    assert len({row.name for row in FUNCTIONS.values()}) == len(FUNCTIONS)
    assert FUNCTIONS.keys() < MATHML.keys()
    assert {row.name for row in FUNCTIONS.values()} < OPERATORS.keys()
    mapped = set(element_names().values())
    assert {"sin", "arccoth", "leq", "xor", "implies", "power", "avogadro"} <= mapped
