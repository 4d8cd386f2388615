"""One marker against one outcome, a dot a line; on the page alone."""

from screen.report.figures.figure import Figure

FIGURE = Figure(
    name="marker_scatter",
    shows="one marker against one outcome, a dot a line",
    order=150,
    section="markers",
    panels=(("marker-scatter", "One marker"),),
)
