"""The architecture's picture: the layers that import-linter holds, with what each package says of itself.

`python -m tests.guards.layers` writes docs/development/layers.svg again; a test compares the two.
"""

import ast
import re
import textwrap
import tomllib
from html import escape
from pathlib import Path

from tests.paths import ROOT

PICTURE = ROOT / "docs" / "development" / "layers.svg"
WIDTH, MARGIN, GAP, LINE = 960, 44, 10, 17  # px
CHARACTER = 6.6  # px a character of 13 px text takes, at the most
COLOURS = ("#dbe7f3", "#d5ebe2", "#efe6d2", "#f1dcdc", "#e4def0", "#dcebee", "#e9eed6", "#eeeeee", "#e6e6e6")


def layers() -> list[list[str]]:
    """Names below `screen`, a list a layer, top down, as the contract in pyproject.toml has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract["type"] == "layers"]
    return [
        [name.strip().removeprefix("screen.") for name in re.split("[|:]", row)] for row in contract["layers"]
    ]


def sentence(name: str) -> str:
    """The first sentence of the docstring of `screen/<name>`."""
    package = ROOT / "screen" / name / "__init__.py"
    file = package if package.exists() else ROOT / "screen" / f"{name}.py"
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=[.;])\s", " ".join(said.split("\n\n")[0].split()))[0].rstrip(".;")


def folders(name: str) -> str:
    """The folders of a package that hold modules, in words."""
    return " · ".join(sorted(path.parent.name for path in (ROOT / "screen" / name).glob("*/__init__.py")))


def box(name: str, width: float) -> list[tuple[str, str]]:
    """The lines of one package, each with its style, cut to `width` px."""
    characters = int((width - 20) / CHARACTER)
    lines = [("name", f"screen/{name}" if (ROOT / "screen" / name).is_dir() else f"screen/{name}.py")]
    lines += [("text", line) for line in textwrap.wrap(sentence(name), characters)]
    return lines + [("folders", line) for line in textwrap.wrap(folders(name), characters)]


def picture() -> str:
    """The SVG, one band a layer."""
    y, parts = 34.0, []
    for number, (row, colour) in enumerate(zip(layers(), COLOURS, strict=True)):
        width = (WIDTH - MARGIN - GAP * len(row)) / len(row)
        boxes = [box(name, width) for name in row]
        height = 14 + LINE * max(len(lines) for lines in boxes)
        parts.append(f'<text class="number" x="14" y="{y + 20:g}">{len(COLOURS) - 1 - number}</text>')
        for column, lines in enumerate(boxes):
            x = MARGIN + column * (width + GAP)
            shape = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height}"'
            parts.append(f'<rect {shape} rx="5" fill="{colour}"/>')
            parts += [
                f'<text class="{style}" x="{x + 10:g}" y="{y + 20 + LINE * at:g}">{escape(line)}</text>'
                for at, (style, line) in enumerate(lines)
            ]
        y += height + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:g}" font-family="sans-serif" '
        'font-size="13" role="img"><title>The layers of herscreen: imports run down only</title>'
        "<style>.name{font-weight:bold}.folders{fill:#555;font-style:italic}.number,.note{fill:#777}</style>"
        f'<rect width="{WIDTH}" height="{y:g}" fill="#fff"/>'
        f'<text class="note" x="{MARGIN}" y="22">Imports run down this picture only, types counted: '
        "`make lint` holds it.</text>"
    )
    return "\n".join([head, *parts, "</svg>\n"])


def write(path: Path = PICTURE) -> None:
    path.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    write()
