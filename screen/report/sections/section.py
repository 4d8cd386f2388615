"""What a section of the page is made of, for the makers of sections and for the page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """`pictures` are (caption, SVG text as `screen.report.drawing.svg` writes it); `table` begins with its header."""

    id: str
    heading: str
    lead: str
    sentences: tuple[str, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
