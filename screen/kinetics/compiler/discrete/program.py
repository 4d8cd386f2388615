"""All code of a program's events beside its kernels."""

from screen.kinetics.compiler.discrete.crossing import between, crossing, extreme, halve
from screen.kinetics.compiler.discrete.execution import forget, look, one, tables
from screen.kinetics.compiler.discrete.happening import happen, next_gap, over
from screen.kinetics.compiler.kernels import ProgramLayout


def build_events(layout: ProgramLayout) -> str:
    """IR text of the tables and functions that events need."""
    made = [forget, look, one, happen, over, next_gap]
    if layout.events.switches:
        made += [between, crossing, extreme, halve]
    return "\n".join([tables(layout), *(make(layout).text() for make in made)])
