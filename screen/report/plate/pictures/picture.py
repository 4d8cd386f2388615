"""A picture of measured plates as an object: SVG text with a name, a heading and a caption, which notebooks draw."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from screen.files import checked, write_text
from screen.report.drawing.browser import draw_picture, opened_browser


@dataclass(frozen=True)
class Picture:
    """`svg` stands alone, on white. `model` names the reference model that it is of, `""` for none."""

    name: str
    title: str
    caption: str
    svg: str
    model: str = ""

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> Path:
        """Write it as .svg, or through an installed Chromium as .pdf or .png; the file."""
        target = checked(Path(path), (".svg", ".pdf", ".png"))
        if target.suffix.lower() == ".svg":
            return write_text(target, self.svg)
        with opened_browser(target) as draw:
            return draw_picture(self.svg, target, draw)


@dataclass(frozen=True)
class Pictures(Mapping[str, Picture]):
    """Pictures by the name of their file; a notebook shows them all."""

    found: Mapping[str, Picture]

    def __getitem__(self, name: str) -> Picture:
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def _repr_html_(self) -> str:
        return "".join(
            f"<figure><figcaption><b>{html.escape(name)}</b> {html.escape(one.caption)}</figcaption>"
            f"{one.svg}</figure>"
            for name, one in self.found.items()
        )
