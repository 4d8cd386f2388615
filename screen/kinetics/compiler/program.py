"""A network's whole program: kernels, elementary functions and driver as one IR module."""

from collections.abc import Sequence

from screen.codegen.elementary import elementary_functions
from screen.codegen.ir import ATTRIBUTES, SELDOM, preamble
from screen.kinetics.compiler.driver import build_driver
from screen.kinetics.compiler.kernels import ProgramLayout, build_kernels
from screen.kinetics.expressions.event_slopes import Jumps
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Network


def build_program(
    network: Network,
    readouts: Sequence[Node],
    width: int,
    timed: bool = False,
    by: Sequence[str] = (),
    adjoint: bool = False,
    jumps: Jumps | None = None,
) -> tuple[str, ProgramLayout]:
    """IR text of the program for lanes of `width`, and its layout; `timed` where trajectories have stops, with
    sensitivities `by` parameters, beside the states or, if `adjoint`, backwards, through its events as `jumps`.
    """
    kernels = build_kernels(network, readouts, width, timed, by, adjoint, jumps)
    parts = [
        preamble(width),
        elementary_functions(width),
        kernels.text,
        build_driver(kernels.layout),
        ATTRIBUTES,
        SELDOM,
    ]
    return "\n".join(parts) + "\n", kernels.layout
