"""Which states act on which, however indirectly: what a failure can reach, and what goes on without it."""

from collections.abc import Iterator, Sequence

import numpy as np

from screen.arrays import Bools, Indices
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Network


def dependence(network: Network) -> Bools:
    """Whether a state depends on another one (S, S), itself included: through rates, and through the events that set it
    (their triggers, delays and priorities, and the values).
    """
    acts = np.eye(len(network.states), dtype=bool)
    for k, rate in enumerate(network.rates):
        acts[k, _states_in(network, [rate])] = True
    for event in network.events:
        when = [node for node in (event.trigger, event.delay, event.priority) if node is not None]
        for k, value in event.assignments:
            acts[k, _states_in(network, [*when, value])] = True
    while True:
        further = acts.astype(np.float32) @ acts > 0
        if np.array_equal(further, acts):
            return acts
        acts = further


def read_states(network: Network, readouts: Sequence[str], acts: Bools) -> Bools:
    """Whether a readout depends on a state (R, S)."""
    reads = np.zeros((len(readouts), len(acts)), dtype=bool)
    for k, name in enumerate(readouts):
        reads[k] = np.any(acts[_states_in(network, [network.readout(name)])], axis=0)
    return reads


def groups(acts: Bools) -> Iterator[Indices]:
    """Groups of states that all act on each other, each after those on which it depends."""
    both = acts & acts.T
    ancestors = acts.sum(axis=1)
    for first in sorted(np.unique(both.argmax(axis=1)), key=lambda k: int(ancestors[k])):
        yield np.flatnonzero(both[first])


def _states_in(network: Network, nodes: Sequence[Node]) -> list[int]:
    """The states in some nodes, and in what these want of the past."""
    g = network.graph
    seen: set[Node] = set()
    left = list(nodes)
    while left:
        new = set(g.reachable(left)) - seen
        seen |= new
        past = [int(g.value[node]) - len(network.parameters) for node in new if g.op[node] == "delayed"]
        left = [node for k in past for node in network.delays[k] if node not in seen]
    return [int(g.value[node]) for node in seen if g.op[node] == "state"]
