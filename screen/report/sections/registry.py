"""Sections of the page that only some cubes have: words, pictures and a table from the cube's own groups.

A maker takes the cube and gives a `Section`, or None for a cube without what it tells of. The page shows the
sections of `SECTIONS` in that order, after the resistance section; each picture can be saved as SVG and PNG.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from screen.report.sections.clones import clones_section
from screen.report.sections.rays import rays_section
from screen.report.sections.schedules import ordering_section
from screen.report.sections.section import Section
from screen.report.sections.triples import triples_section

if TYPE_CHECKING:
    import xarray as xr


SECTIONS: "tuple[Callable[[xr.DataTree], Section | None], ...]" = (
    ordering_section,
    clones_section,
    triples_section,
    rays_section,
)


def sections_of(cube: "xr.DataTree") -> tuple[Section, ...]:
    """The sections that this cube has."""
    return tuple(section for make in SECTIONS if (section := make(cube)) is not None)
