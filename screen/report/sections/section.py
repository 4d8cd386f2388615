"""What a section of the page is, and what it has to say of one cube."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from screen.report.findings.findings import Findings


@dataclass(frozen=True)
class Content:
    """A section's words and pictures for one cube, in the order in which they stand on the page.

    `pictures` are (caption, SVG text as `screen.report.drawing.svg` writes it); `fallback` is a picture that stands
    where no script draws the section's figures; `table` begins with its header. `data` is what the section's script
    reads as `DATA.sections.<id>`, `values` what its own template reads.
    """

    lead: str = ""
    sentences: tuple[str, ...] = ()
    preformatted: tuple[str, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    fallback: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    data: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A section of the page: `make` gives its content, or None for a cube without what it tells of.

    Sections stand by `order`; `link` is the heading in the page's bar of links, where that must be shorter. An
    `interactive` section has a script, a `.js` next to its `.py` under the same name, that fills `<id>-controls` and
    `<id>-body`; one with a `template` is laid out by that file instead of the page's common form.
    """

    id: str
    heading: str
    order: int
    make: Callable[[Findings], Content | None]
    link: str = ""
    interactive: bool = False
    template: str = ""
