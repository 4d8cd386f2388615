"""Algebraic rules: which variable each determines, and that variable's formula: exact where the rule is linear in it,
else the last of Newton's steps, written out, or not a number where they have not come to rest.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from screen.kinetics.errors import UnsupportedModel
from screen.kinetics.expressions.derivatives import gradients, of_parameter
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.substitution import substituted
from screen.kinetics.sbml.dependency_order import Definition
from screen.kinetics.sbml.mathml import Lookup, MathReader, names_in

UNKNOWN = 1 << 30  # the number of a parameter that stands for the variable while its rule is solved
NEWTON = 25  # steps; from 1 they find the root of 10^10
AT_REST = 1e-9  # of its size: how little the last step may move a solution
MOST_NODES = 200  # with the variable in them, of a rule that is solved by Newton's method


def determined(rules: Sequence[Any], free: Sequence[str], ranks: Callable[[str], Any]) -> dict[str, Any]:
    """A rule's formula for each variable that it determines: a matching of rules with the variables of `free` in
    them, those of lowest rank first. Errors: `UnsupportedModel` where some rule has none left for it.
    """
    known = set(free)
    options = [sorted(names_in(tree) & known, key=ranks) for tree in rules]
    owner: dict[str, int] = {}

    def place(rule: int, tried: set[str]) -> bool:
        for name in options[rule]:
            if name not in tried:
                tried.add(name)
                if name not in owner or place(owner[name], tried):
                    owner[name] = rule
                    return True
        return False

    for rule in range(len(rules)):
        if not place(rule, set()):
            raise UnsupportedModel(
                f"algebraicRule number {rule + 1}: no variable is left for it to determine, which is not supported"
            )
    return {name: rules[rule] for name, rule in owner.items()}


def solved(g: Graph, name: str, tree: Any, guess: float) -> Definition:
    """The definition of a variable by the rule that `tree` is zero; `guess` is where Newton's method begins. Errors,
    once made: `UnsupportedModel` where the rule does not determine it, or where it decides between branches.
    """
    where = f"algebraicRule for '{name}'"

    def make(reader: MathReader, lookup: Lookup) -> Node:
        def residual(value: Node) -> Node:
            return g.number(reader.read(tree, lambda s: value if s == name else lookup(s), where))

        unknown = g.parameter(UNKNOWN)
        whole = residual(unknown)
        slope = gradients(g, [whole], {UNKNOWN}).get(whole, {}).get(of_parameter(UNKNOWN), g.zero)
        if slope == g.zero or _chooses(g, whole, unknown):
            raise UnsupportedModel(f"{where}: a rule that does not determine its variable is not supported")
        if unknown not in g.reachable([slope]):
            return g.neg(g.div(residual(g.zero), slope))
        if _holding(g, [whole, slope], unknown) > MOST_NODES:
            raise UnsupportedModel(
                f"{where}: a rule that is long and not linear in its variable is not supported"
            )
        return _newton(g, g.div(whole, slope), unknown, guess)

    return Definition(frozenset(names_in(tree) - {name}), make)


def _holding(g: Graph, roots: Sequence[Node], unknown: Node) -> int:
    """How many nodes hold the unknown."""
    found = {unknown}
    for node in g.reachable(roots):
        if any(argument in found for argument in g.args[node]):
            found.add(node)
    return len(found)


def _newton(g: Graph, step: Node, unknown: Node, guess: float) -> Node:
    """The solution after all steps."""
    now = g.constant(guess)
    for _ in range(NEWTON):
        before = now
        now = g.sub(now, substituted(g, [step], {unknown: now})[step])
    moved, size = g.sub(now, before), g.mul(g.constant(AT_REST), now)
    rest = g.compare("le", g.mul(moved, moved), g.add(g.mul(size, size), g.constant(1e-300)))
    return g.select(rest, now, g.constant(math.nan))


def _chooses(g: Graph, whole: Node, unknown: Node) -> bool:
    """Whether the unknown decides between branches."""
    return any(unknown in g.reachable([node]) for node in g.reachable([whole]) if g.is_boolean(node))
