"""What a network does by the clock: the places in its rates where a formula of time alone jumps or bends, and
the formulas of time alone that act on the rest. A state whose rate is a number of the parameters counts as a clock.

Kept as a short program of its own, so that a compiled engine can ask when without reading the model again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from screen.arrays import Floats, Indices
from screen.kinetics.clock.enclosures import Range, enclosed
from screen.kinetics.expressions.graph import CONSTANT, VARYING, Graph, Node
from screen.kinetics.expressions.network import Network

COMPARED = frozenset(["lt", "le", "gt", "ge", "eq", "ne", "min", "max"])
SWITCHES = COMPARED | {"abs", "floor", "ceil", "rem"}

FREE, STRAIGHT, CURVED, MIXED = 0, 1, 2, 3  # of time: not at all, a straight line, a curve, of states too


@dataclass(frozen=True)
class Clock:
    """A program of `nodes` (operator, arguments, value), arguments before those that use them.

    `switches` are places of (operator, arguments) that jump or bend; `straight` says of which all arguments are
    straight lines in time. `forcings` are the largest formulas of time alone. `columns` and `states` are the
    parameters and states that the program reads: what two trajectories must share to share their stops.
    """

    nodes: tuple[tuple[str, tuple[int, ...], float], ...]
    switches: tuple[int, ...]
    straight: tuple[bool, ...]
    forcings: tuple[int, ...]
    columns: tuple[int, ...]
    states: tuple[int, ...]


def clock_of(
    network: Network, also: Iterable[Node] = (), place: Mapping[int, int] | None = None
) -> Clock | None:
    """The clock of a network's rates and of `also`, such as triggers; nothing where time plays no part.

    `place` gives the column of each state where that is not its number in the network.
    """
    g = network.graph
    jumped = {state for event in network.events for state, _ in event.assignments}
    steady = {k for k, rate in enumerate(network.rates) if g.depends[rate] < VARYING and k not in jumped}
    roots = [*network.rates, *also]
    reached = g.reachable(roots)
    kinds: dict[Node, int] = {}
    for node in reached:
        kinds[node] = _kind(g, node, kinds, steady, network.rates)
    found = {node for node in reached if g.op[node] in SWITCHES and STRAIGHT <= kinds[node] <= CURVED}
    forcings = _largest(g, reached, roots, kinds)
    moved_by_time = {g.time()} | {
        g.state(k) for k in steady if network.rates[k] != g.zero and _matters(g, reached, g.state(k), found)
    }
    if not (found or forcings) or not moved_by_time & set(reached):
        return None
    return _program(network, sorted(found), sorted(forcings), kinds, place or {})


def _matters(g: Graph, reached: Collection[Node], clock: Node, switches: Collection[Node]) -> bool:
    """Whether a state that is a clock decides a switch; what is smooth in it, the solver's error sees."""
    return clock in set(g.reachable(switches)) if clock in set(reached) else False


def _kind(
    g: Graph, node: Node, kinds: Mapping[Node, int], steady: Collection[int], rates: tuple[Node, ...]
) -> int:
    op = g.op[node]
    if op == "time":
        return STRAIGHT
    if op == "delayed":
        return MIXED
    if op == "state":
        index = int(g.value[node])
        if index not in steady:
            return MIXED
        return FREE if rates[index] == g.zero else STRAIGHT
    inner = [kinds[a] for a in g.args[node]]
    most = max(inner, default=FREE)
    if most != STRAIGHT:
        return most
    linear = op in ("add", "sub", "neg") or (op == "mul" and FREE in inner)
    linear = linear or (op == "div" and inner[1] == FREE)
    return STRAIGHT if linear else CURVED


def _largest(
    g: Graph, reached: Collection[Node], roots: Iterable[Node], kinds: Mapping[Node, int]
) -> set[Node]:
    """Formulas of time alone that are used by one of states too, or are rates themselves."""
    used = set(roots)
    for node in reached:
        if kinds[node] == MIXED:
            used.update(g.args[node])
    found = {
        node for node in used if kinds.get(node, FREE) in (STRAIGHT, CURVED) and g.depends[node] > CONSTANT
    }
    return {_bare(g, node, kinds) for node in found}


def _bare(g: Graph, node: Node, kinds: Mapping[Node, int]) -> Node:
    """A formula without factors that time has no part in, which differ between trajectories and decide no stop."""
    while g.op[node] in ("mul", "neg"):
        inner = [a for a in g.args[node] if kinds[a] != FREE]
        if len(inner) != 1:
            break
        node = inner[0]
    return node


def _program(
    network: Network,
    switches: list[Node],
    forcings: list[Node],
    kinds: Mapping[Node, int],
    place: Mapping[int, int],
) -> Clock:
    g = network.graph
    nodes: list[tuple[str, tuple[int, ...], float]] = []
    number: dict[Node, int] = {}
    clocks = [g.state(k) for k in range(len(network.states))]
    needed = g.reachable([*switches, *forcings])
    rates = [network.rates[int(g.value[node])] for node in needed if node in set(clocks)]
    order = list(dict.fromkeys([*g.reachable(rates), *needed]))
    columns, states = [], []
    for node in order:
        op, arguments, value = g.op[node], tuple(number[a] for a in g.args[node]), g.value[node]
        if op == "state":
            index = int(value)
            arguments, value = (number[network.rates[index]],), float(place.get(index, index))
            states.append(int(value))
        elif op == "parameter":
            columns.append(int(value))
        number[node] = len(nodes)
        nodes.append((op, arguments, value))
    straight = [all(kinds[a] <= STRAIGHT for a in g.args[node]) for node in switches]
    return Clock(
        tuple(nodes),
        tuple(number[node] for node in switches),
        tuple(straight),
        tuple(number[node] for node in forcings),
        tuple(columns),
        tuple(states),
    )


def moves_switches(clock: Clock, columns: Collection[int]) -> bool:
    """Whether some of these parameters stand in a switch."""
    needed = set(clock.switches)
    for place in range(len(clock.nodes) - 1, -1, -1):
        op, arguments, value = clock.nodes[place]
        if place in needed:
            needed.update(arguments)
            if op == "parameter" and int(value) in columns:
                return True
    return False


@dataclass(frozen=True)
class ClockRows:
    """Trajectories as far as a clock sees them: parameters (N, P) and start (N, S) at the time `begin`."""

    parameters: Floats
    start: Floats
    begin: float


def ranges(clock: Clock, rows: ClockRows, which: Indices, low: Floats, high: Floats) -> list[Range]:
    """The range of every node of the program over times (B,) from `low` to `high` in the rows `which` (B,)."""
    found: list[Range] = []
    for op, arguments, value in clock.nodes:
        if op == "time":
            found.append((low, high))
        elif op == "const":
            found.append((np.float64(value), np.float64(value)))
        elif op in ("true", "false"):
            found.append((np.float64(op == "true"), np.float64(op == "true")))
        elif op == "parameter":
            column = rows.parameters[which, int(value)]
            found.append((column, column))
        elif op == "state":
            rate, first = found[arguments[0]][0], rows.start[which, int(value)]
            if low is high:
                now = first + rate * (low - rows.begin)
                found.append((now, now))
                continue
            ends = (first + rate * (low - rows.begin), first + rate * (high - rows.begin))
            found.append((np.minimum(*ends), np.maximum(*ends)))
        else:
            found.append(enclosed(op, *(found[a] for a in arguments)))
    return found


def branch(clock: Clock, node: int, found: list[Range]) -> Range:
    """On which of its branches a switch may be, as a range of whole numbers."""
    op, arguments, _ = clock.nodes[node]
    inner = [found[a] for a in arguments]
    if op in ("min", "max"):
        return enclosed("lt", *inner)
    if op == "abs":
        return enclosed("lt", inner[0], (np.float64(0.0), np.float64(0.0)))
    if op == "rem":
        low, high = enclosed("div", *inner)
        return np.trunc(low), np.trunc(high)
    if op in ("eq", "ne"):  # alone it lasts no time; what is equal for a while bends where it is less
        return enclosed("lt", *inner)
    return found[node]


def folded(clock: Clock, rows: ClockRows) -> tuple[Clock, ClockRows]:
    """A shorter program for some rows: what time has no part in is computed once a row and stands as a parameter."""
    every = np.arange(len(rows.parameters))
    begin = np.full(len(every), rows.begin)
    values = ranges(clock, rows, every, begin, begin)
    moves: list[bool] = []
    for op, arguments, _ in clock.nodes:
        moves.append(op in ("time", "state") or any(moves[a] for a in arguments))
    nodes: list[tuple[str, tuple[int, ...], float]] = []
    columns: list[Floats] = []
    number: dict[int, int] = {}

    def place(old: int) -> int:
        if old not in number:
            number[old] = len(nodes)
            nodes.append(("parameter", (), float(len(columns))))
            columns.append(np.broadcast_to(values[old][0], every.shape))
        return number[old]

    for old, (op, arguments, value) in enumerate(clock.nodes):
        if moves[old]:
            inner = tuple(place(a) for a in arguments)
            number[old] = len(nodes)
            nodes.append((op, inner, value))
    switches, forcings = (tuple(place(k) for k in some) for some in (clock.switches, clock.forcings))
    table = np.stack(columns, axis=1) if columns else np.empty((len(every), 0))
    few = replace(clock, nodes=tuple(nodes), switches=switches, forcings=forcings)
    return few, replace(rows, parameters=table)
