"""The totals that a network conserves, whatever its state: combinations of rates that cancel term by term."""

from collections.abc import Collection

import numpy as np

from screen.arrays import Floats
from screen.kinetics.expressions.evaluate import Scalar, scalar_function
from screen.kinetics.expressions.graph import VARYING, Graph, Node
from screen.kinetics.expressions.network import Network

RANK = 1e-9  # of the largest singular value of the table of shares


class Conserved:
    """Rates as sums of terms that vary, each with a factor of the parameters; `rows` (state, term) of `factors`."""

    def __init__(self, network: Network, fixed: Collection[str] = ()) -> None:
        g = network.graph
        terms: dict[Node, int] = {}
        self.size = len(network.states)
        self.places: list[tuple[int, int]] = []
        nodes: list[Node] = []
        for index, (name, rate) in enumerate(zip(network.states, network.rates)):
            if name in fixed:
                continue
            for term, factor in _terms(g, rate).items():
                self.places.append((index, terms.setdefault(term, len(terms))))
                nodes.append(factor)
        self.terms = len(terms)
        self.factors: Scalar = scalar_function(g, nodes)

    def shares(self, parameters: Floats) -> Floats:
        """How much of each term (M,) is in the rate of each state, (S, M)."""
        table = np.zeros((self.size, self.terms))
        for (state, term), value in zip(self.places, self.factors(0.0, (), parameters.tolist())):
            table[state, term] += value
        return table

    def totals(self, parameters: Floats) -> Floats:
        """Conserved totals (C, S), one a row, of a network with these parameters (P,)."""
        table = self._scaled(parameters)
        if not np.all(np.isfinite(table)):
            return np.empty((0, self.size))
        left, values, _ = np.linalg.svd(table, full_matrices=True)
        totals: Floats = left[:, _rank(values) :].T
        return totals

    def any(self, parameters: Floats) -> bool:
        """Whether there are totals. A state with a term that no other has is in none, which spares large networks the
        singular values of their whole table.
        """
        table = self._scaled(parameters)
        if not np.all(np.isfinite(table)):
            return False
        while len(table):
            alone = np.count_nonzero(table, axis=0) == 1
            kept = ~np.any(table[:, alone] != 0, axis=1)
            if np.all(kept):
                values: Floats = np.linalg.svd(table, compute_uv=False).astype(float)
                return _rank(values) < len(table)
            table = table[kept]
        return False

    def _scaled(self, parameters: Floats) -> Floats:
        """The shares of terms that count, relative to the largest of each."""
        table = self.shares(parameters)
        largest = np.max(np.abs(table), axis=0, initial=0.0)
        return np.asarray(table[:, largest > 0] / largest[largest > 0])


def _rank(values: Floats) -> int:
    return int(np.sum(values > RANK * np.max(values, initial=0.0)))


def _terms(g: Graph, rate: Node) -> dict[Node, Node]:
    """A rate as {term: factor that depends on parameters alone}; a constant is a factor of one."""
    found: dict[Node, Node] = {}
    stack = [(rate, g.one)]
    while stack:
        node, factor = stack.pop()
        op, arguments = g.op[node], g.args[node]
        if g.depends[node] < VARYING:
            found[g.one] = g.add(found.get(g.one, g.zero), g.mul(factor, node))
        elif op in ("add", "sub"):
            stack.append((arguments[0], factor))
            stack.append((arguments[1], factor if op == "add" else g.neg(factor)))
        elif op == "neg":
            stack.append((arguments[0], g.neg(factor)))
        elif op == "mul" and g.depends[arguments[0]] < VARYING:
            stack.append((arguments[1], g.mul(factor, arguments[0])))
        else:
            found[node] = g.add(found.get(node, g.zero), factor)
    return {term: factor for term, factor in found.items() if factor != g.zero}
