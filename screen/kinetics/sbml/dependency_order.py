"""Quantities that follow from others, and an order in which each finds what it needs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from screen.kinetics.errors import InvalidModel
from screen.kinetics.expressions.graph import Node
from screen.kinetics.sbml.mathml import Lookup, MathReader, names_in


@dataclass(frozen=True)
class Definition:
    """A quantity that follows from others: the ids it needs, and how to make its node from a look-up."""

    needs: frozenset[str]
    make: Callable[[MathReader, Lookup], Node]


def of_tree(tree: Any, where: str) -> Definition:
    """The definition that a syntax tree states; `where` names its element in errors."""
    return Definition(frozenset(names_in(tree)), lambda reader, lookup: reader.read(tree, lookup, where))


def ordered(needs: dict[str, Iterable[str]]) -> list[str]:
    """Names so that each comes after what it needs. A circle is `InvalidModel` and is written out."""
    done: dict[str, None] = {}
    for root in needs:
        if root in done:
            continue
        path: dict[str, None] = {root: None}
        stack = [(root, iter(sorted(needs[root])))]
        while stack:
            name, rest = stack[-1]
            for other in rest:
                if other in path:
                    circle = [*list(path)[list(path).index(other) :], other]
                    raise InvalidModel(
                        f"these values depend on each other in a circle: {' -> '.join(circle)}"
                    )
                if other not in done:
                    path[other] = None
                    stack.append((other, iter(sorted(needs[other]))))
                    break
            else:
                stack.pop()
                del path[name]
                done[name] = None
    return list(done)
