"""What the batched solver evaluates of a network's events: comparisons that it follows within a step, and all that it
needs where something happens.
"""

from screen.kinetics.expressions.arithmetic import COMPARISONS
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Network


def followed_switches(network: Network) -> list[Node]:
    """The comparisons that only a look at the states can follow: those of states in triggers, and those in rates of
    time and of what events alone set.
    """
    g = network.graph
    triggers = [event.trigger for event in network.events]
    of_states: set[Node] = set()
    moved: set[Node] = set()  # by more than the clock and events
    reached = g.reachable([*triggers, *network.rates])
    for node in reached:
        is_state = g.op[node] == "state"
        if is_state or any(a in of_states for a in g.args[node]):
            of_states.add(node)
        if (is_state and network.rates[int(g.value[node])] != g.zero) or any(
            a in moved for a in g.args[node]
        ):
            moved.add(node)
    within = set(g.reachable(triggers))
    compared = [node for node in reached if g.op[node] in COMPARISONS and node in of_states]
    return [node for node in compared if node in within or node not in moved]


def switches_of(network: Network) -> list[Node]:
    """The followed comparisons as numbers, and then their margins; of equalities which side is larger."""
    g = network.graph
    if not network.events:
        return []
    found = followed_switches(network)
    compared = [g.compare("lt", *g.args[node]) if g.op[node] in ("eq", "ne") else node for node in found]
    return [*(g.number(node) for node in compared), *(g.sub(*g.args[node]) for node in compared)]


def happenings_of(network: Network) -> list[Node]:
    """Every event's trigger, then delays, then priorities, then all values that events set."""
    g, events = network.graph, network.events
    last = g.constant(float("-inf"))
    found = [g.number(event.trigger) for event in events]
    found += [g.zero if event.delay is None else event.delay for event in events]
    found += [last if event.priority is None else event.priority for event in events]
    return found + [node for event in events for _, node in event.assignments]
