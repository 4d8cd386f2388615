"""The model's own code: set-up, right-hand side, Jacobian with sparse LU, stages and readouts, each one
straight-line function on a batch of lanes.

With A = J - I d (d = 1/(h gamma)), the stage equations read -A u = b. There is no pivoting: a failure shows as an
infinite or large error estimate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from screen.codegen.ir import Function, Value
from screen.kinetics.clock.triggers import happenings_of, switches_of
from screen.kinetics.compiler.event_layouts import EventLayout, EventsLayout, SlopesLayout
from screen.kinetics.compiler.node_kernels import NodeKernels
from screen.kinetics.compiler.numerics.factor_loops import FactorLoops
from screen.kinetics.compiler.numerics.sparse_factors import Factors
from screen.kinetics.compiler.straight_line import hoisted
from screen.kinetics.compiler.tangents import Tangents
from screen.kinetics.errors import TooDense
from screen.kinetics.expressions.derivatives import TIME, gradients
from screen.kinetics.expressions.elimination_order import Elimination, eliminate
from screen.kinetics.expressions.event_slopes import Jumps
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.network import Network
from screen.kinetics.expressions.operators import OPERATORS

MOST_UNROLLED = 12_000_000  # multiply-adds of a factorisation x states; a million costs LLVM some 3 s
MOST_ENTRIES = 100_000  # of the factors

_JUMPS = frozenset(name for name, row in OPERATORS.items() if row.jumps)


@dataclass(frozen=True)
class ProgramLayout:
    """Sizes and orders that the driver and the Python side need. States are in elimination order; the last of
    the `hoisted` values is how far below zero the base of a real power may be by error.
    """

    width: int
    states: tuple[int, ...]
    species: tuple[bool, ...]
    parameters: int
    hoisted: int
    factors: int
    readouts: int
    jacobian: tuple[tuple[int, int], ...]
    time_dependent: bool
    timed: bool = False  # stops at times that are known beforehand
    discrete: EventsLayout | None = None
    slopes: SlopesLayout | None = None

    @property
    def columns(self) -> int:
        """Numbers of a trajectory's state, sensitivities included."""
        return len(self.states) * (1 + self.sensitive.parameters if self.beside else 1)

    @property
    def start_columns(self) -> int:
        """Numbers of a trajectory's start, its derivatives by parameters included."""
        return len(self.states) * (1 if self.slopes is None else 1 + self.slopes.parameters)

    @property
    def beside(self) -> bool:
        """Whether sensitivities stand beside the states."""
        return self.slopes is not None and not self.slopes.adjoint

    @property
    def adjoint(self) -> bool:
        """Whether steps are logged, to be followed backwards."""
        return self.slopes is not None and self.slopes.adjoint

    @property
    def sensitive(self) -> SlopesLayout:
        """The sensitivities of a program that has some."""
        assert self.slopes is not None
        return self.slopes

    @property
    def events(self) -> EventsLayout:
        """The events of a program that has some."""
        assert self.discrete is not None
        return self.discrete


@dataclass(frozen=True)
class Kernels:
    """A network's code on lanes: IR text and layout."""

    text: str
    layout: ProgramLayout


def build_kernels(
    network: Network,
    readouts: Sequence[Node],
    width: int,
    timed: bool = False,
    by: Sequence[str] = (),
    adjoint: bool = False,
    jumps: Jumps | None = None,
) -> Kernels:
    """Writes all kernels of a network for lanes of `width`; `timed` where trajectories have stops, with sensitivities
    `by` parameters, beside the states or, if `adjoint`, backwards, through its events as `jumps`.
    """
    return _Builder(network, readouts, width, by, jumps).build(timed, adjoint)


def _check_size(elimination: Elimination) -> None:
    """Refuses networks for whose Jacobian too much code would be written."""
    if elimination.entries > MOST_ENTRIES:
        raise TooDense(
            f"a network of {len(elimination.rows)} densely coupled states ({elimination.entries} entries of its "
            f"factored Jacobian, {MOST_ENTRIES} at most) is not supported by the batched engine; use solver='scipy'"
        )


class _Builder:
    def __init__(
        self,
        network: Network,
        readouts: Sequence[Node],
        width: int,
        by: Sequence[str] = (),
        jumps: Jumps | None = None,
    ) -> None:
        self.g: Graph = network.graph
        self.width = width
        self.network = network
        slopes = gradients(self.g, network.rates, damped=True)
        by_state = [slopes.get(rate, {}) for rate in network.rates]
        self.elimination: Elimination = eliminate([{k for k in row if k != TIME} for row in by_state])
        _check_size(self.elimination)
        order = self.elimination.order
        place = {old: new for new, old in enumerate(order)}
        self.rates = [network.rates[old] for old in order]
        self.initial = [network.initial[old] for old in order]
        self.by_time = [by_state[old].get(TIME, self.g.zero) for old in order]
        self.jacobian = [{place[k]: node for k, node in by_state[old].items() if k != TIME} for old in order]
        self.readouts = list(readouts)
        self.varying = [*self.rates, *self.by_time, *self.readouts]
        self.varying += [node for row in self.jacobian for node in row.values()]
        self.switches, self.happenings = switches_of(network), happenings_of(network)
        self.varying += [*self.switches, *self.happenings]
        self.tangents = Tangents(network, readouts, place, by, jumps) if by else None
        self.varying += [] if self.tangents is None else self.tangents.nodes
        self.kept = hoisted(self.g, self.varying)
        exact = any(self.g.op[node] in _JUMPS for node in self.g.reachable(self.varying))
        stored: dict[Node, tuple[Value, int]] = {node: ("%q", k) for k, node in enumerate(self.kept)}
        stored.update({self.g.state(old): ("%y", new) for old, new in place.items()})
        stored[self.g.time()] = ("%t", 0)
        self.entries = tuple((i, j) for i, row in enumerate(self.jacobian) for j in sorted(row))
        self.time_dependent = any(node != self.g.zero for node in self.by_time)
        self.factors = Factors(self.elimination, width)
        self.loops: FactorLoops | None = None
        if self.elimination.work * len(order) > MOST_UNROLLED:
            self.loops = FactorLoops(self.elimination, self.entries, self.time_dependent, width)
        self.of_nodes = NodeKernels(self.g, self.kept, stored, exact, width, self.loops is not None)

    def build(self, timed: bool, adjoint: bool) -> Kernels:
        write = self.of_nodes
        parts = [write.setup(len(self.network.parameters), self.initial)]
        parts += write.outputs("rates", self.rates)
        parts += write.outputs("jacobian", [self.jacobian[i][j] for i, j in self.entries])
        parts += write.outputs("readout", self.readouts)
        parts += self._factored()
        if self.network.events:
            parts += write.outputs("switches", self.switches) + write.outputs("discrete", self.happenings)
        slopes = None
        if self.tangents is not None:
            slopes = self.tangents.layout(adjoint)
            for name, nodes in self.tangents.kernels().items():
                parts += write.placed(name, nodes)
            factors = self.loops or self.factors
            parts += [factors.solve_transposed(), self._refactor()] if adjoint else [factors.solve()]
        layout = ProgramLayout(
            width=self.width,
            states=self.elimination.order,
            species=tuple(self.network.is_species[old] for old in self.elimination.order),
            parameters=len(self.network.parameters),
            hoisted=len(self.kept) + 1,
            factors=self.elimination.entries + (len(self.entries) if self.loops else 0),
            readouts=len(self.readouts) * (1 if slopes is None or adjoint else 1 + slopes.parameters),
            jacobian=self.entries,
            time_dependent=self.time_dependent,
            timed=timed or bool(self.network.events),
            discrete=self._events_layout() if self.network.events else None,
            slopes=slopes,
        )
        tables = [] if self.loops is None else [self.loops.tables()]
        return Kernels("\n".join([*tables, *(f.text() for f in parts)]), layout)

    def _factored(self) -> list[Function]:
        """`factor` and `stage`."""
        if self.loops is None:
            return [self._factor(), self._stage()]
        by_time = self.of_nodes.outputs("rates_by_time", self.by_time) if self.time_dependent else []
        return by_time + self.loops.kernels()

    def _events_layout(self) -> EventsLayout:
        place = {old: new for new, old in enumerate(self.elimination.order)}
        events = tuple(
            EventLayout(
                event.initial_value,
                event.persistent,
                tuple(event.from_trigger_time and state not in event.late for state, _ in event.assignments),
                tuple(place[state] for state, _ in event.assignments),
            )
            for event in self.network.events
        )
        seen = [node for node in self.g.reachable(self.switches) if self.g.op[node] == "state"]
        watched = tuple(sorted(place[int(self.g.value[node])] for node in seen))
        return EventsLayout(events, len(self.switches) // 2, watched)

    def _factor(self) -> Function:
        """J, its factors and the first stage; also df/dt where there is any."""
        f = self.of_nodes.function("factor", "t", "y", "q", "d", "hg", "lu", "u", "ft")
        roots = [
            node
            for i, row in enumerate(self.jacobian)
            for node in (self.rates[i], self.by_time[i], *row.values())
        ]
        code = self.of_nodes.writer(f, roots)
        right: list[Value] = []
        for i, columns in enumerate(self.elimination.rows):
            right.append(code.value(self.rates[i]))
            if self.by_time[i] != self.g.zero:
                slope = code.value(self.by_time[i])
                f.store(slope, "%ft", i)
                right[i] = f.fma(f.load("%hg"), slope, right[i])
            row: dict[int, Value | None] = dict.fromkeys(columns)
            for j in sorted(self.jacobian[i]):
                row[j] = code.value(self.jacobian[i][j])
            for k, lower in self.factors.row(f, i, row):
                right[i] = f.fma(lower, right[k], right[i])
        self.factors.back(f, right)
        f.line("ret void")
        return f

    def _refactor(self) -> Function:
        """The factors again, from the tangents at the step's begin where the solver's Jacobian is the exact one."""
        f = self.of_nodes.function("refactor", "t", "y", "q", "d", "hg", "lu", "u", "ft", "tangents")
        assert self.tangents is not None
        exact = {(i, j): node for i, row in enumerate(self.jacobian) for j, node in row.items()}
        if exact != self.tangents.jacobian:
            f.line("call void @factor(ptr %t, ptr %y, ptr %q, ptr %d, ptr %hg, ptr %lu, ptr %u, ptr %ft)")
            f.line("ret void")
            return f
        if self.loops is not None:
            return self.loops.refactor()
        place = {entry: k for k, entry in enumerate(self.entries)}
        for i, columns in enumerate(self.elimination.rows):
            row: dict[int, Value | None] = dict.fromkeys(columns)
            row |= {j: f.load("%tangents", place[i, j]) for j in self.jacobian[i]}
            for _ in self.factors.row(f, i, row):
                pass
        f.line("ret void")
        return f

    def _stage(self) -> Function:
        f = self.of_nodes.function("stage", "t", "y", "q", "lu", "b", "u")
        code = self.of_nodes.writer(f, self.rates)
        right: list[Value] = []
        for i in range(len(self.rates)):
            value = f.add(code.value(self.rates[i]), f.load("%b", i))
            right.append(self.factors.forward(f, i, value, right))
            f.split(500)
        self.factors.back(f, right)
        f.line("ret void")
        return f
