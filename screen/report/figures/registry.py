"""Every figure: the `FIGURE` of each module of this folder, which is all that a new one needs."""

from screen.report.collect import collect
from screen.report.figures.figure import Figure


def all_figures() -> tuple[Figure, ...]:
    """The figures in their order."""
    found: list[Figure] = collect(__package__, "FIGURE")
    return tuple(sorted(found, key=lambda figure: figure.order))
