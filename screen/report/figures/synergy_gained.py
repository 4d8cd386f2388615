"""The synergy of a resistant line compared with its parent; on the page alone."""

from screen.report.figures.figure import Figure

FIGURE = Figure(
    name="synergy_gained",
    shows="the synergy that a resistant line gains over its parent",
    order=120,
    section="resistance",
    panels=(("synergy-gained", "Synergy gained on resistance"),),
)
