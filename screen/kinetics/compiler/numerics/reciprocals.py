"""Several reciprocals from one division, which takes as long as some thirty multiplications: 1 / a is b / (a b). Where
the product of all is zero, infinite or not a number, in a lane, each is divided for itself there.
"""

from collections.abc import Iterable, Mapping, Sequence

from screen.codegen.ir import Function, Value
from screen.kinetics.expressions.graph import Graph, Node

TOGETHER = 4
MOST = 200  # denominators of a function: longer code waits for itself, and its branches take long to compile


def reciprocals(f: Function, values: Sequence[Value]) -> list[Value]:
    """1 / x for each, within some 2 ulp where the product of all is a normal number, else exact."""
    one = f.splat(1.0)
    if len(values) == 1:
        return [f.div(one, values[0])]
    levels: list[list[Value]] = [list(values)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = [f.mul(*below[k : k + 2]) for k in range(0, len(below) - 1, 2)]
        levels.append([*pairs, *below[2 * len(pairs) :]])
    product = levels[-1][0]
    inverse = f.div(one, product)
    good = f.compare("ogt", f.mul(product, inverse), f.splat(0.5))
    found = [inverse]
    for level in reversed(levels[:-1]):
        found = [
            found[k // 2] if k ^ 1 >= len(level) else f.mul(found[k // 2], level[k ^ 1])
            for k in range(len(level))
        ]
    return f.mend(good, found, lambda: [f.div(one, value) for value in values])


def grouped(
    graph: Graph, needed: Iterable[Node], stored: Mapping[Node, object]
) -> dict[Node, tuple[Node, ...]]:
    """Each denominator's group, of which none needs another's reciprocal: they have as many divisions below them.
    `needed` are nodes in the order in which they are computed, arguments first. None where there are too many.
    """
    below: dict[Node, int] = {}
    by_depth: dict[int, dict[Node, None]] = {}
    for node in needed:
        arguments = () if node in stored else graph.args[node]
        below[node] = max((below[a] for a in arguments), default=0)
        if arguments and graph.op[node] == "div":
            depth = below[arguments[1]]
            below[node] = max(below[node], depth + 1)
            by_depth.setdefault(depth, {})[arguments[1]] = None
    found: dict[Node, tuple[Node, ...]] = {}
    if sum(map(len, by_depth.values())) > MOST:
        return found
    for nodes in by_depth.values():
        for first in range(0, len(nodes), TOGETHER):
            group = tuple(nodes)[first : first + TOGETHER]
            found |= dict.fromkeys(group, group)
    return found
