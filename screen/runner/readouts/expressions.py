"""Expressions of readouts, like `log2(pAKT_S473 / vehicle(pAKT_S473))`: read without running anything,
checked for names and units, and computed on whole arrays.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from screen.arrays import Array
from screen.errors import InputError, nearest, plain
from screen.units import UnitPowers, multiply, power, unit_powers, unit_text

Columns = Callable[[str], Array]
LONGEST = 500
MOST_NESTED = 50
PURE: Mapping[str, Any] = {"log2": np.log2, "log10": np.log10, "ln": np.log, "exp": np.exp}
"""Functions of a number without unit."""
SAME: Mapping[str, Any] = {"abs": np.abs, "min": np.minimum, "max": np.maximum}
"""Functions whose result has the unit of their arguments."""
VEHICLE = "vehicle"
FUNCTIONS = (*PURE, *SAME, "sqrt", VEHICLE)
OPERATORS: Mapping[type[ast.operator], tuple[str, Any]] = {
    ast.Add: ("+", np.add),
    ast.Sub: ("-", np.subtract),
    ast.Mult: ("*", np.multiply),
    ast.Div: ("/", np.divide),
    ast.Pow: ("**", np.power),
}


@dataclass(frozen=True)
class Expression:
    """A formula over `names` with its canonical `text` and `units`."""

    text: str
    names: tuple[str, ...]
    units: str
    tree: ast.expr

    def evaluate(self, wells: Columns, vehicle: Columns) -> Array:
        """The formula's values; `wells` gives a readout by name, `vehicle` the same of each well's vehicle,
        in a shape that broadcasts. Where it is not defined (0 / 0, log of 0), NaN.
        """
        with np.errstate(all="ignore"):
            values = np.asarray(_value(self.tree, wells, vehicle), dtype=float)
        return np.where(np.isfinite(values), values, np.nan)


def looks_like_expression(text: str) -> bool:
    """Whether a text is more than a name."""
    return re.search(r"[-+*/()^]", text) is not None


def parse_expression(
    text: str, units: Mapping[str, str], aliases: Mapping[str, str] | None = None
) -> Expression:
    """The expression in `text` over the names of `units` (their units by canonical name) and `aliases` of
    these, spelled in any way.

    Known: numbers, + - * / ** (or ^), log2, log10, ln, exp, sqrt, abs, min, max, and vehicle(x), which is x
    in the vehicle well of the same line at the same time. Raises `InputError` for anything else.
    """
    if len(text) > LONGEST:
        raise InputError(f"found an expression of {len(text)} characters, expected at most {LONGEST}")
    try:
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"found '{text}', expected a formula like 'pAKT_S473 / AKT'") from None
    names: list[str] = []
    known = {plain(name): name for name in units}
    known |= {plain(one): name for one, name in (aliases or {}).items() if plain(one) not in known}
    tree = _checked(tree, known, names, text, 0)
    if not names:
        raise InputError(f"found '{text}', expected a readout in it")
    found = _units(tree, units, text)
    return Expression(ast.unparse(tree), tuple(dict.fromkeys(names)), unit_text(found), tree)


def _checked(node: ast.expr, known: Mapping[str, str], names: list[str], text: str, depth: int) -> ast.expr:
    """The tree with canonical names and nothing in it that is not known."""
    if depth > MOST_NESTED:
        raise InputError(f"found '{text}', expected an expression nested at most {MOST_NESTED} deep")

    def inner(child: ast.expr) -> ast.expr:
        return _checked(child, known, names, text, depth + 1)

    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as value) if abs(value) < 1e100:
            return ast.Constant(float(value) if isinstance(value, float) else int(value))
        case ast.Name(id=name):
            if plain(name) not in known:
                listed = ", ".join(dict.fromkeys(known.values()))
                raise InputError(
                    f"unknown readout '{name}' in '{text}'{nearest(name, known.values())}; known: {listed}"
                )
            names.append(known[plain(name)])
            return ast.Name(known[plain(name)], ast.Load())
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            return ast.UnaryOp(sign, inner(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return ast.BinOp(inner(left), op, inner(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name not in FUNCTIONS:
                close, listed = nearest(name, FUNCTIONS), ", ".join(FUNCTIONS)
                raise InputError(f"unknown function '{name}' in '{text}'{close}; known: {listed}")
            wanted = "two or more" if name in ("min", "max") else "one"
            if len(arguments) < 2 if wanted == "two or more" else len(arguments) != 1:
                raise InputError(f"{name} in '{text}': found {len(arguments)} arguments, expected {wanted}")
            return ast.Call(ast.Name(name, ast.Load()), [inner(one) for one in arguments], [])
    found = ast.unparse(node)
    raise InputError(f"found '{found}' in '{text}', expected readouts, numbers, + - * / ** and functions")


def _value(node: ast.expr, wells: Columns, vehicle: Columns) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return wells(name)
        case ast.UnaryOp(op=sign, operand=operand):
            value = _value(operand, wells, vehicle)
            return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            apply = OPERATORS[type(op)][1]
            return apply(
                np.asarray(_value(left, wells, vehicle), float),
                np.asarray(_value(right, wells, vehicle), float),
            )
        case ast.Call(func=ast.Name(id=name), args=arguments):
            if name == VEHICLE:
                return _value(arguments[0], vehicle, vehicle)
            first, *others = (_value(one, wells, vehicle) for one in arguments)
            if name == "sqrt":
                return np.sqrt(first)
            function = PURE[name] if name in PURE else SAME[name]
            if name not in ("min", "max"):
                return function(first)
            for other in others:
                first = function(first, other)
            return first
    raise AssertionError(ast.dump(node))


def _units(node: ast.expr, units: Mapping[str, str], text: str) -> UnitPowers:
    """The units of a checked tree; raises `InputError` where they do not fit."""
    match node:
        case ast.Constant():
            return ()
        case ast.Name(id=name):
            return unit_powers(units[name])
        case ast.UnaryOp(operand=operand):
            return _units(operand, units, text)
        case ast.BinOp(left=left, op=op, right=right):
            one, two = _units(left, units, text), _units(right, units, text)
            if isinstance(op, ast.Pow):
                if one == two == ():
                    return ()
                if two or not isinstance(right, ast.Constant):
                    raise InputError(f"'{ast.unparse(node)}' in '{text}': expected a number as the power")
                return power(one, float(right.value))  # type: ignore[arg-type]
            if isinstance(op, ast.Mult | ast.Div):
                return multiply(one, power(two, -1.0) if isinstance(op, ast.Div) else two)
            return _alike(node, text, one, two)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            found = [_units(one, units, text) for one in arguments]
            if name in PURE and found[0]:
                inside = ast.unparse(arguments[0])
                raise InputError(
                    f"{name} in '{text}': found {unit_text(found[0])}, expected a number without unit, such "
                    f"as the ratio {name}({inside} / vehicle({inside}))"
                )
            if name == "sqrt":
                return power(found[0], 0.5)
            return () if name in PURE else _alike(node, text, *found)
    raise AssertionError(ast.dump(node))


def _alike(node: ast.expr, text: str, *found: UnitPowers) -> UnitPowers:
    """The units that all of `found` have."""
    for other in found[1:]:
        if other != found[0]:
            both = f"{unit_text(found[0])} and {unit_text(other)}"
            raise InputError(f"'{ast.unparse(node)}' in '{text}': found {both}, expected the same units")
    return found[0]
