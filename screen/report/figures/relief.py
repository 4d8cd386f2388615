"""The response of a pair as a relief that turns; on the page alone."""

from screen.report.figures.figure import Figure

FIGURE = Figure(
    name="relief",
    shows="the response as a relief that turns",
    order=65,
    section="pair",
    panels=(("relief", "The response as a relief"),),
)
