"""The model's own code: set-up, right-hand side, Jacobian with sparse LU, stages and readouts, each one
straight-line function on a batch of lanes.

With A = J - I d (d = 1/(h gamma)), the stage equations read -A u = b. There is no pivoting: a failure shows as an
infinite or large error estimate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screen.codegen.ir import Function, Value
from screen.kinetics.clock.triggers import happenings_of, switches_of
from screen.kinetics.compiler.event_layouts import EventLayout, EventsLayout, SlopesLayout
from screen.kinetics.compiler.numerics.sparse_factors import Factors
from screen.kinetics.compiler.straight_line import StraightLine, hoisted
from screen.kinetics.compiler.tangents import Tangents
from screen.kinetics.errors import TooDense
from screen.kinetics.expressions.derivatives import TIME, gradients
from screen.kinetics.expressions.elimination_order import Elimination, eliminate
from screen.kinetics.expressions.event_slopes import Jumps
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.network import Network
from screen.kinetics.expressions.operators import OPERATORS

MOST_WORK = 400_000  # multiply-adds of one factorisation

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
    """Refuses networks whose factors would make too much straight-line code."""
    work = 0
    for i, columns in enumerate(elimination.rows):
        work += sum(len(elimination.rows[k]) for k in columns if k < i)
    if work > MOST_WORK:
        raise TooDense(
            f"a network of {len(elimination.rows)} densely coupled states ({work} operations to factor its "
            f"Jacobian, {MOST_WORK} at most) is not supported by the batched engine; use solver='scipy'"
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
        self.exact = any(self.g.op[node] in _JUMPS for node in self.g.reachable(self.varying))
        self.stored: dict[Node, tuple[Value, int]] = {node: ("%q", k) for k, node in enumerate(self.kept)}
        self.stored.update({self.g.state(old): ("%y", new) for old, new in place.items()})
        self.stored[self.g.time()] = ("%t", 0)
        self.factors = Factors(self.elimination, width)

    def build(self, timed: bool, adjoint: bool) -> Kernels:
        parts = [
            self._setup(),
            self._rates(),
            self._jacobian(),
            self._factor(),
            self._stage(),
            self._readout(),
        ]
        if self.network.events:
            parts += [self._outputs("switches", self.switches), self._outputs("discrete", self.happenings)]
        slopes = None
        if self.tangents is not None:
            slopes = self.tangents.layout(adjoint)
            parts += [self._placed(name, nodes) for name, nodes in self.tangents.kernels().items()]
            parts += (
                [self.factors.solve_transposed(), self._refactor()] if adjoint else [self.factors.solve()]
            )
        layout = ProgramLayout(
            width=self.width,
            states=self.elimination.order,
            species=tuple(self.network.is_species[old] for old in self.elimination.order),
            parameters=len(self.network.parameters),
            hoisted=len(self.kept) + 1,
            factors=self.elimination.entries,
            readouts=len(self.readouts) * (1 if slopes is None or adjoint else 1 + slopes.parameters),
            jacobian=tuple((i, j) for i, row in enumerate(self.jacobian) for j in sorted(row)),
            time_dependent=any(node != self.g.zero for node in self.by_time),
            timed=timed or bool(self.network.events),
            discrete=self._events_layout() if self.network.events else None,
            slopes=slopes,
        )
        return Kernels("\n".join(f.text() for f in parts), layout)

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

    def _function(self, name: str, *arguments: str) -> Function:
        return Function(name, dict.fromkeys(arguments, "ptr noalias"), self.width)

    def _write(
        self, f: Function, roots: Sequence[Node], stored: Mapping[Node, tuple[Value, int]]
    ) -> StraightLine:
        return StraightLine(f, self.g, stored, roots, self.exact, ("%q", len(self.kept)))

    def _setup(self) -> Function:
        f = self._function("setup", "p", "q", "y")
        stored = {self.g.parameter(k): ("%p", k) for k in range(len(self.network.parameters))}
        code = StraightLine(f, self.g, stored, [*self.kept, *self.initial], exact_division=True)
        for pointer, nodes in (("%q", self.kept), ("%y", self.initial)):
            for k, node in enumerate(nodes):
                value = code.value(node)
                if self.g.is_boolean(node):
                    value = f.select(value, f.splat(1.0), f.splat(0.0))
                f.store(value, pointer, k)
        f.line("ret void")
        return f

    def _outputs(self, name: str, nodes: Sequence[Node]) -> Function:
        return self._placed(name, dict(enumerate(nodes)))

    def _placed(self, name: str, nodes: Mapping[int, Node]) -> Function:
        """A kernel that writes nodes to given places."""
        f = self._function(name, "t", "y", "q", "out")
        code = self._write(f, list(nodes.values()), self.stored)
        for k, node in nodes.items():
            f.store(code.value(node), "%out", k)
        f.line("ret void")
        return f

    def _rates(self) -> Function:
        return self._outputs("rates", self.rates)

    def _readout(self) -> Function:
        return self._outputs("readout", self.readouts)

    def _jacobian(self) -> Function:
        return self._outputs("jacobian", [row[j] for row in self.jacobian for j in sorted(row)])

    def _factor(self) -> Function:
        """J, its factors and the first stage; also df/dt where there is any."""
        f = self._function("factor", "t", "y", "q", "d", "hg", "lu", "u", "ft")
        roots = [
            node
            for i, row in enumerate(self.jacobian)
            for node in (self.rates[i], self.by_time[i], *row.values())
        ]
        code = self._write(f, roots, self.stored)
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
        f = self._function("refactor", "t", "y", "q", "d", "hg", "lu", "u", "ft", "tangents")
        assert self.tangents is not None
        exact = {(i, j): node for i, row in enumerate(self.jacobian) for j, node in row.items()}
        if exact != self.tangents.jacobian:
            f.line("call void @factor(ptr %t, ptr %y, ptr %q, ptr %d, ptr %hg, ptr %lu, ptr %u, ptr %ft)")
            f.line("ret void")
            return f
        place = {entry: k for k, entry in enumerate(sorted(exact))}
        for i, columns in enumerate(self.elimination.rows):
            row: dict[int, Value | None] = dict.fromkeys(columns)
            row |= {j: f.load("%tangents", place[i, j]) for j in self.jacobian[i]}
            for _ in self.factors.row(f, i, row):
                pass
        f.line("ret void")
        return f

    def _stage(self) -> Function:
        f = self._function("stage", "t", "y", "q", "lu", "b", "u")
        code = self._write(f, self.rates, self.stored)
        right: list[Value] = []
        for i in range(len(self.rates)):
            value = f.add(code.value(self.rates[i]), f.load("%b", i))
            right.append(self.factors.forward(f, i, value, right))
            f.split(500)
        self.factors.back(f, right)
        f.line("ret void")
        return f
