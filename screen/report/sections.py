"""Sections of the page that only some cubes have: words, pictures and a table from the cube's own groups.

A maker takes the cube and gives a `Section`, or None for a cube without what it tells of. The page shows the
sections of `SECTIONS` in that order, after the resistance section; each picture can be saved as SVG and PNG.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Section:
    """`pictures` are (caption, SVG text as `screen.report.svg` writes it); `table` begins with its header."""

    id: str
    heading: str
    lead: str
    sentences: tuple[str, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


SECTIONS: "tuple[Callable[[xr.DataTree], Section | None], ...]" = ()


def sections_of(cube: "xr.DataTree") -> tuple[Section, ...]:
    """The sections that this cube has."""
    return tuple(section for make in SECTIONS if (section := make(cube)) is not None)
