"""A model's program, compiled or from the cache: machine code and the facts stored with it."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from screen.codegen.target import compile_object, function_of, host, load_object
from screen.kinetics.checks import parameter_index
from screen.kinetics.clock.program import Clock, clock_of
from screen.kinetics.compiler.cache import entry_key, load_entry, store_entry
from screen.kinetics.compiler.driver import POINTS_ARGUMENTS, RUN_ARGUMENTS
from screen.kinetics.compiler.event_layouts import EventLayout, EventsLayout, JumpLayout, SlopesLayout
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.program import build_program
from screen.kinetics.compiler.slopes.adjoint import BACKWARD_ARGUMENTS
from screen.kinetics.errors import UnsupportedModel
from screen.kinetics.expressions.conserved import Conserved
from screen.kinetics.expressions.event_slopes import Jumps, in_slots
from screen.kinetics.expressions.sensitivity_equations import slope_name, with_sensitivities
from screen.kinetics.model import Model


class Code:
    """A model's loaded machine code: `run` and `points`, called without the interpreter's lock."""

    def __init__(self, image: bytes, adjoint: bool = False) -> None:
        self._engine = load_object(image)
        self.backward = function_of(self._engine, "backward", BACKWARD_ARGUMENTS) if adjoint else None
        self.run = function_of(self._engine, "run", RUN_ARGUMENTS)
        self.points = function_of(self._engine, "points", POINTS_ARGUMENTS)


@dataclass(frozen=True)
class Facts:
    """What the engine knows of its program; stored with the code."""

    states: tuple[str, ...]
    parameters: tuple[str, ...]
    defaults: tuple[float, ...]
    computed: tuple[str, ...]
    layout: ProgramLayout
    clock: Clock | None
    conserves: bool
    sbml: str
    """The model's text as Antimony brought it to SBML, a third of a second."""


def load_program(
    model: Model,
    readouts: tuple[str, ...],
    fixed: tuple[str, ...],
    sensitive: tuple[str, ...],
    by: tuple[str, ...],
    adjoint: bool,
) -> tuple[Facts, Code]:
    """The program of a model; `fixed` states do not move; sensitivities by parameters stand beside the states (`by`),
    are found backwards (with `adjoint`) or are states themselves (`sensitive`).

    Errors: `InputError` for unknown readouts, `UnsupportedModel` for networks too dense.
    """
    key = entry_key(
        model.text, readouts, fixed, sensitive, by, adjoint
    )  # Antimony is read only where no entry is found
    entry = load_entry(key)
    if entry is not None:
        facts = _facts_from(entry[0])
        model.sbml = facts.sbml
        return facts, Code(entry[1], adjoint)
    facts, image = _compile(model, readouts, fixed, sensitive, by, adjoint)
    store_entry(key, _facts_to(facts), image)
    return facts, Code(image, adjoint)


def _compile(
    model: Model,
    readouts: tuple[str, ...],
    fixed: tuple[str, ...],
    sensitive: tuple[str, ...],
    by: tuple[str, ...],
    adjoint: bool,
) -> tuple[Facts, bytes]:
    network = model.network
    for name in by:
        parameter_index(name, network.parameters, network.computed)
    if network.delays:
        raise UnsupportedModel("delay() is served by `simulate` alone, by the reference solver")
    if sensitive:
        network = with_sensitivities(network, readouts, sensitive)
    nodes = [network.readout(name) for name in readouts]
    network = network.holding(fixed)
    jumps = None
    if adjoint:
        network = in_slots(network)
        jumps = Jumps(network, [network.parameters.index(name) for name in by])
        network = replace(network, events=tuple(jump.event for jump in jumps.all))
    triggers = [event.trigger for event in network.events]
    clock = clock_of(network, triggers)
    text, layout = build_program(network, nodes, host().width, clock is not None, by, adjoint, jumps)
    if clock is not None:
        clock = clock_of(network, triggers, place={old: new for new, old in enumerate(layout.states)})
    states = tuple(network.states[k] for k in layout.states)
    facts = Facts(
        states=states + tuple(slope_name(state, name) for name in by for state in states if not adjoint),
        parameters=network.parameters,
        defaults=tuple(network.defaults.tolist()),
        computed=tuple(sorted(network.computed)),
        layout=layout,
        clock=clock,
        conserves=not sensitive and Conserved(network).any(network.defaults),
        sbml=model.sbml,
    )
    return facts, compile_object(text)


def _facts_to(facts: Facts) -> dict[str, Any]:
    return asdict(facts)


def _facts_from(stated: dict[str, Any]) -> Facts:
    layout = dict(stated["layout"])
    layout["states"], layout["species"] = tuple(layout["states"]), tuple(layout["species"])
    layout["jacobian"] = tuple((i, j) for i, j in layout["jacobian"])
    layout["slopes"] = _slopes_from(layout["slopes"])
    layout["discrete"] = _events_from(layout["discrete"])
    own = ("layout", "clock", "conserves", "sbml")
    plain = {key: tuple(value) for key, value in stated.items() if key not in own}
    return Facts(
        layout=ProgramLayout(**layout),
        clock=_clock_from(stated["clock"]),
        conserves=stated["conserves"],
        sbml=stated["sbml"],
        **plain,
    )


def _slopes_from(stated: dict[str, Any] | None) -> SlopesLayout | None:
    if stated is None:
        return None
    pairs = {
        key: tuple((i, j) for i, j in stated[key]) for key in ("jacobian", "direct", "read", "read_direct")
    }
    return SlopesLayout(**stated | pairs | {"jumps": tuple(_jump_from(jump) for jump in stated["jumps"])})


def _jump_from(stated: dict[str, Any]) -> JumpLayout:
    pairs = {key: tuple((i, j) for i, j in stated[key]) for key in ("by", "direct")}
    alone = {key: tuple(stated[key]) for key in ("values", "gains", "states", "parameters")}
    return JumpLayout(**stated | pairs | alone)


def _events_from(stated: dict[str, Any] | None) -> EventsLayout | None:
    if stated is None:
        return None
    events = [
        EventLayout(**event | {key: tuple(event[key]) for key in ("early", "targets")})
        for event in stated["events"]
    ]
    return EventsLayout(tuple(events), stated["switches"], tuple(stated["watched"]))


def _clock_from(stated: dict[str, Any] | None) -> Clock | None:
    if stated is None:
        return None
    nodes = tuple((op, tuple(arguments), value) for op, arguments, value in stated["nodes"])
    return Clock(nodes=nodes, **{key: tuple(value) for key, value in stated.items() if key != "nodes"})
