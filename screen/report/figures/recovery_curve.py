"""How the anchor recovers its effect with the dose of the partner; on the page alone."""

from screen.report.figures.figure import Figure

FIGURE = Figure(
    name="recovery_curve",
    shows="how the anchor recovers its effect with the dose of the partner",
    order=110,
    section="pair",
    panels=(("recovery-curve", "Recovery"),),
)
