"""Algebraic rules: which variable each determines, and that variable's formula, where the rule is linear in it."""

from collections.abc import Callable, Sequence
from typing import Any

from screen.kinetics.errors import UnsupportedModel
from screen.kinetics.expressions.derivatives import gradients, of_parameter
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.sbml.dependency_order import Definition
from screen.kinetics.sbml.mathml import Lookup, MathReader, names_in

UNKNOWN = 1 << 30  # the number of a parameter that stands for the variable while its rule is solved


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


def solved(g: Graph, name: str, tree: Any) -> Definition:
    """The definition of a variable by the rule that `tree` is zero. Errors, once made: `UnsupportedModel` where the
    rule is not linear in it.
    """
    where = f"algebraicRule for '{name}'"

    def make(reader: MathReader, lookup: Lookup) -> Node:
        def residual(value: Node) -> Node:
            return g.number(reader.read(tree, lambda s: value if s == name else lookup(s), where))

        unknown = g.parameter(UNKNOWN)
        whole = residual(unknown)
        slope = gradients(g, [whole], {UNKNOWN}).get(whole, {}).get(of_parameter(UNKNOWN), g.zero)
        if slope == g.zero or unknown in g.reachable([slope]) or _chooses(g, whole, unknown):
            raise UnsupportedModel(f"{where}: a rule that is not linear in its variable is not supported")
        return g.neg(g.div(residual(g.zero), slope))

    return Definition(frozenset(names_in(tree) - {name}), make)


def _chooses(g: Graph, whole: Node, unknown: Node) -> bool:
    """Whether the unknown decides between branches."""
    return any(unknown in g.reachable([node]) for node in g.reachable([whole]) if g.is_boolean(node))
