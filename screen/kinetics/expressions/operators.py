"""Every operator that a formula may use, one row each: its value on numbers, its derivative and its vector
code, and the name that MathML gives it. A new function of MathML is a new row here and nothing else: reader,
derivatives, both ways to evaluate and the code generator look it up.
"""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from screen.codegen.ir import Function, Value
from screen.kinetics.expressions.arithmetic import (
    COMPARISONS,
    CONNECTIVES,
    divide,
    factorial,
    maximum,
    minimum,
    power,
    power_slope,
    safe,
)
from screen.kinetics.expressions.graph import Graph, Node

STEEP = 0.6  # a tangent of a lower power throws a solver further from zero than it was, or nearly

Gradient = dict[int, Node]
"""The derivatives of a node that do not vanish, by what they are taken with respect to."""
Rule = Callable[[Graph, Node, Sequence[Gradient]], Gradient]
"""The gradient of a node from those of its arguments."""
Slope = Callable[[Graph, Node, Node], Node]
"""The derivative of a function of one variable, from the node of its value and that of its argument."""


@dataclass(frozen=True)
class Operator:
    """A kind of node.

    `value` works on floats (or truth values) and `emit` on vectors in machine code. `gradient` is absent where
    the value is constant between its jumps; `damped` replaces it in a solver's Jacobian. `python` writes the
    operator in plain Python where that is quicker than a call of `value`. An operator that `jumps` asks for
    exact quotients in its arguments; one that is `odd` counts as an odd function where the solver's error has
    pushed its argument below zero.
    """

    value: Callable[..., Any]
    emit: Callable[..., Value]
    gradient: Rule | None = None
    damped: Rule | None = None
    python: str = ""
    jumps: bool = False
    odd: bool = False


def call(g: Graph, name: str, *arguments: Node) -> Node:
    """The node of an operator of the table that is not one of the graph's own methods."""
    return g.apply(name, OPERATORS[name].value, *arguments)


# ---- derivatives --------------------------------------------------------------------------------------
def _along(g: Graph, inner: Sequence[Gradient], combine: Callable[..., Node]) -> Gradient:
    """`combine` of the arguments' derivatives, for each thing that one of them has a derivative by."""
    keys = dict.fromkeys(key for gradient in inner for key in gradient)
    return {k: combine(*(gradient.get(k, g.zero) for gradient in inner)) for k in keys}


def _linear(method: Callable[..., Node]) -> Rule:
    return lambda g, _node, inner: _along(g, inner, partial(method, g))


def _of_product(g: Graph, node: Node, inner: Sequence[Gradient]) -> Gradient:
    a, b = g.args[node]
    return _along(g, inner, lambda da, db: g.add(g.mul(da, b), g.mul(a, db)))


def _of_quotient(g: Graph, node: Node, inner: Sequence[Gradient]) -> Gradient:
    reciprocal = g.inv(g.args[node][1])
    return _along(g, inner, lambda da, db: g.mul(g.sub(da, g.mul(node, db)), reciprocal))


def _of_remainder(g: Graph, node: Node, inner: Sequence[Gradient]) -> Gradient:
    a, b = g.args[node]
    ratio = g.div(g.sub(a, node), b)
    return _along(g, inner, lambda da, db: g.sub(da, g.mul(ratio, db)))


def _of_choice(g: Graph, node: Node, inner: Sequence[Gradient]) -> Gradient:
    return _along(g, inner[1:], partial(g.select, g.args[node][0]))


def _of_extreme(comparison: str) -> Rule:
    def rule(g: Graph, node: Node, inner: Sequence[Gradient]) -> Gradient:
        return _along(g, inner, partial(g.select, g.compare(comparison, *g.args[node])))

    return rule


def _chord(g: Graph, x: Node, n: Node) -> Node:
    """The factor of the chord's slope in the tangent's, `n`; at least 1 where x is within the tolerance."""
    return g.within_tolerance(x, g.select(g.compare("lt", n, g.constant(STEEP)), g.one, n), n)


def _over_exponent(g: Graph, node: Node, x: Node) -> Node:
    return g.select(g.compare("gt", x, g.zero), g.mul(node, call(g, "log", x)), g.zero)


def _of_power(factor: Callable[[Graph, Node, Node], Node]) -> Rule:
    def rule(g: Graph, node: Node, inner: Sequence[Gradient]) -> Gradient:
        x, n = g.args[node]
        over_x = g.mul(factor(g, x, n), g.power_slope(node, x, n)) if inner[0] else g.zero
        over_n = _over_exponent(g, node, x) if inner[1] else g.zero
        return _along(g, inner, lambda dx, dn: g.add(g.mul(over_x, dx), g.mul(over_n, dn)))

    return rule


def _of_power_slope(g: Graph, node: Node, inner: Sequence[Gradient]) -> Gradient:
    _, x, n = g.args[node]
    less = g.sub(n, g.one)
    over_x = g.mul(less, g.power_slope(node, x, less))
    over_n = _over_exponent(g, node, x)
    return _along(g, inner[1:], lambda dx, dn: g.add(g.mul(over_x, dx), g.mul(over_n, dn)))


def _chain(slope: Slope) -> Rule:
    def rule(g: Graph, node: Node, inner: Sequence[Gradient]) -> Gradient:
        return _along(g, inner, partial(g.mul, slope(g, node, g.args[node][0])))

    return rule


def _of_root(factor: Callable[[Graph, Node, Node], Node]) -> Rule:
    def slope(g: Graph, node: Node, x: Node) -> Node:
        half = g.constant(0.5)
        return g.mul(factor(g, x, half), g.power_slope(node, x, half))

    return _chain(slope)


def _plain(_g: Graph, _x: Node, n: Node) -> Node:
    return n


# ---- vector code --------------------------------------------------------------------------------------
def _intrinsic(name: str) -> Callable[..., Value]:
    """An instruction of the processor."""
    return lambda f, x: f.intrinsic(name, x)


def _routine(name: str) -> Callable[..., Value]:
    """A function of `screen.codegen.elementary`."""
    return lambda f, *a: f.call(name, *a)


def _by_lane(name: str) -> Callable[..., Value]:
    """A function of the C library, one lane after the other; for what is seldom used."""
    return lambda f, *a: f.by_lane(name, *a)


def _emit_extreme(predicate: str) -> Callable[..., Value]:
    def emit(f: Function, a: Value, b: Value) -> Value:
        chosen = f.select(f.compare(predicate, a, b), a, b)
        return f.select(f.compare("uno", a, b), f.splat(math.nan), chosen)

    return emit


def _emit_factorial(f: Function, x: Value) -> Value:
    gamma = f.by_lane("tgamma", f.add(x, f.splat(1.0)))
    return f.select(f.compare("olt", x, f.splat(23.0)), f.by_lane("rint", gamma), gamma)


def _emit_power_slope(f: Function, p: Value, x: Value, n: Value) -> Value:
    at_zero = f.select(f.compare("oeq", n, f.splat(1.0)), f.splat(1.0), f.splat(0.0))
    return f.select(f.compare("oeq", x, f.splat(0.0)), at_zero, f.div(p, x))


# ---- the tables ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class OneVariable:
    """A function of one variable by its name in MathML: `name` in the graph, value, vector code and slope."""

    name: str
    value: Callable[[float], float]
    emit: Callable[..., Value]
    slope: Slope | None  # none: constant between its jumps


FUNCTIONS = {
    "exp": OneVariable("exp", math.exp, _routine("vexp"), lambda g, y, x: y),
    "ln": OneVariable("log", math.log, _routine("vlog"), lambda g, y, x: g.inv(x)),
    "abs": OneVariable(
        "abs",
        abs,
        _intrinsic("fabs"),
        lambda g, y, x: g.select(g.compare("lt", x, g.zero), g.constant(-1.0), g.one),
    ),
    "floor": OneVariable("floor", lambda x: float(math.floor(x)), _intrinsic("floor"), None),
    "ceiling": OneVariable("ceil", lambda x: float(math.ceil(x)), _intrinsic("ceil"), None),
    "factorial": OneVariable("factorial", factorial, _emit_factorial, None),
    "sin": OneVariable("sin", math.sin, _by_lane("sin"), lambda g, y, x: call(g, "cos", x)),
    "cos": OneVariable("cos", math.cos, _by_lane("cos"), lambda g, y, x: g.neg(call(g, "sin", x))),
    "tan": OneVariable("tan", math.tan, _by_lane("tan"), lambda g, y, x: g.add(g.one, _square(g, y))),
    "sinh": OneVariable("sinh", math.sinh, _by_lane("sinh"), lambda g, y, x: call(g, "cosh", x)),
    "cosh": OneVariable("cosh", math.cosh, _by_lane("cosh"), lambda g, y, x: call(g, "sinh", x)),
    "tanh": OneVariable("tanh", math.tanh, _by_lane("tanh"), lambda g, y, x: g.sub(g.one, _square(g, y))),
    "arcsin": OneVariable(
        "asin", math.asin, _by_lane("asin"), lambda g, y, x: _over_root(g, g.sub(g.one, _square(g, x)))
    ),
    "arccos": OneVariable(
        "acos", math.acos, _by_lane("acos"), lambda g, y, x: g.neg(_over_root(g, g.sub(g.one, _square(g, x))))
    ),
    "arctan": OneVariable(
        "atan", math.atan, _by_lane("atan"), lambda g, y, x: g.inv(g.add(g.one, _square(g, x)))
    ),
    "arcsinh": OneVariable(
        "asinh", math.asinh, _by_lane("asinh"), lambda g, y, x: _over_root(g, g.add(_square(g, x), g.one))
    ),
    "arccosh": OneVariable(
        "acosh", math.acosh, _by_lane("acosh"), lambda g, y, x: _over_root(g, g.sub(_square(g, x), g.one))
    ),
    "arctanh": OneVariable(
        "atanh", math.atanh, _by_lane("atanh"), lambda g, y, x: g.inv(g.sub(g.one, _square(g, x)))
    ),
}


def _square(g: Graph, x: Node) -> Node:
    return g.mul(x, x)


def _over_root(g: Graph, x: Node) -> Node:
    return g.inv(call(g, "sqrt", x))


def _comparison(name: str, sign: str, predicate: str) -> Operator:
    return Operator(
        COMPARISONS[name],
        lambda f, a, b: f.compare(predicate, a, b),
        python=f"{{0}} {sign} {{1}}",
        jumps=True,
    )


OPERATORS = {
    "add": Operator(operator.add, Function.add, _linear(Graph.add), python="{0} + {1}"),
    "sub": Operator(operator.sub, Function.sub, _linear(Graph.sub), python="{0} - {1}"),
    "neg": Operator(operator.neg, Function.neg, _linear(Graph.neg), python="-{0}"),
    "mul": Operator(operator.mul, Function.mul, _of_product, python="{0} * {1}"),
    "div": Operator(divide, Function.div, _of_quotient),
    "pow": Operator(power, _routine("vpow"), _of_power(_plain), _of_power(_chord), odd=True),
    "powd": Operator(power_slope, _emit_power_slope, _of_power_slope),
    "sqrt": Operator(safe(math.sqrt), _intrinsic("sqrt"), _of_root(_plain), _of_root(_chord), odd=True),
    "min": Operator(minimum, _emit_extreme("olt"), _of_extreme("le")),
    "max": Operator(maximum, _emit_extreme("ogt"), _of_extreme("ge")),
    "rem": Operator(safe(math.fmod), _by_lane("fmod"), _of_remainder, jumps=True),
    "select": Operator(
        lambda c, a, b: a if c else b, Function.select, _of_choice, python="{1} if {0} else {2}"
    ),
    "not": Operator(operator.not_, Function.not_, python="not {0}"),
    "and": Operator(CONNECTIVES["and"], lambda f, a, b: f.and_(a, b), python="{0} and {1}"),
    "or": Operator(CONNECTIVES["or"], lambda f, a, b: f.or_(a, b), python="{0} or {1}"),
    "xor": Operator(CONNECTIVES["xor"], lambda f, a, b: f.xor(a, b), python="{0} != {1}"),
    "lt": _comparison("lt", "<", "olt"),
    "le": _comparison("le", "<=", "ole"),
    "gt": _comparison("gt", ">", "ogt"),
    "ge": _comparison("ge", ">=", "oge"),
    "eq": _comparison("eq", "==", "oeq"),
    "ne": _comparison("ne", "!=", "une"),
    **{
        row.name: Operator(
            safe(row.value), row.emit, row.slope and _chain(row.slope), jumps=row.slope is None
        )
        for row in FUNCTIONS.values()
    },
}
"""The graph's operators by the name that its nodes have."""
