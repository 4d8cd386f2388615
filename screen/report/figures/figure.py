"""What a figure is: one name, one sentence, how it is drawn as SVG text, and where it stands on the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from screen.report.findings.findings import Findings


@dataclass(frozen=True)
class Figure:
    """What is drawn under one name: by `<name>.py` as SVG text, by `<name>.js` on the page, or by both.

    `shows` says in a sentence what it is. `panels` are (id, heading) of the pictures on the page, in the section
    `section`, in the `order` of figures; its script has an entry of `FIGURES` for each id.
    `draw` gives the pictures of `herscreen figures` by the name of their file; `draw_pair` the one of a pair (its row
    and column), whose file is named `pair-<line>_<combination>-<file>`, or None where there is nothing to draw;
    `draw_column` those that take its place, by what their files' names end in, where a figure is a column wide.
    """

    name: str
    shows: str
    order: int
    section: str = ""
    panels: tuple[tuple[str, str], ...] = ()
    file: str = ""
    draw: Callable[[Findings], Mapping[str, str]] | None = None
    draw_pair: Callable[[Findings, int, int], str | None] | None = None
    draw_column: Callable[[Findings, int, int], Mapping[str, str]] | None = None
