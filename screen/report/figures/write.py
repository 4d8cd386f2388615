"""The figures of a screen as files: SVG by our own hand, PDF and PNG from it by an installed browser."""

import html
import logging
import math
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError
from screen.files import occupied, sweep, write_text
from screen.report.drawing.browser import SCREEN_DPI, at_width, draw_picture, opened_browser, size_of
from screen.report.drawing.style import FONT
from screen.report.figures.file_name import file_name
from screen.report.figures.registry import all_figures
from screen.report.findings.findings import Findings

log = logging.getLogger(__name__)
FORMATS = ("svg", "pdf", "png")
READABLE_PT = 4.0
"""Text that is smaller in print is told of; journals ask for 5 to 7 pt."""
PAIRS = 6
COLUMN_MM = 120.0
"""The widest figure that is one column of a journal."""


@dataclass(frozen=True)
class Size:
    """How wide figures are, mm (None: each its own size), the resolution of a PNG, and the typeface, our own unless
    named.
    """

    width_mm: float | None = None
    dpi: float = 3 * SCREEN_DPI
    font: str | None = None


def write_figures(
    findings: Findings,
    folder: Path,
    formats: tuple[str, ...] = ("svg",),
    pairs: int = PAIRS,
    size: Size | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    check: Callable[[list[Path]], None] | None = None,
) -> list[Path]:
    """Write every figure of a screen into `folder`, which is made if its parent exists: those of the `pairs` best
    pairs of the answer, and the networks of the pairs that are explained; the files written.
    """
    return write_pictures(lambda: pictures(findings, pairs, size), folder, formats, size, progress, check)


def write_pictures(
    drawn: Callable[[], Mapping[str, str]],
    folder: Path,
    formats: tuple[str, ...] = ("svg",),
    size: Size | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    check: Callable[[list[Path]], None] | None = None,
) -> list[Path]:
    """Write the pictures that `drawn` gives, SVG text by the name of its file, into `folder`; the files written.
    `progress` hears how many of how many are; `check` of all of them before the first is written.
    """
    size = size or Size()
    if unknown := [name for name in formats if name not in FORMATS]:
        raise InputError(f"format {unknown[0]!r} is not known; expected {', '.join(FORMATS)}")
    if not folder.parent.is_dir():
        raise InputError(
            f"{folder}: the folder '{folder.parent}' does not exist, expected an existing folder"
        )
    if folder.exists() and not folder.is_dir():
        raise occupied(folder, "is a file", force=False)
    folder.mkdir(exist_ok=True)
    sweep(folder)
    found = {name: in_font(picture, size.font) for name, picture in drawn().items()}
    files = [(picture, folder / f"{name}.{kind}") for name, picture in found.items() for kind in formats]
    if check is not None:
        check([path for _, path in files])
    if size.width_mm is not None and (words := too_small(found, size.width_mm)):
        log.warning(words)
    first = next((path for _, path in files if path.suffix != ".svg"), None)
    with nullcontext() if first is None else opened_browser(first) as draw:
        for done, (picture, path) in enumerate(files, 1):
            if draw is None or path.suffix == ".svg":
                write_text(path, picture if size.width_mm is None else at_width(picture, size.width_mm))
            else:
                draw_picture(picture, path, draw, size.width_mm, size.dpi)
            if progress is not None:
                progress("figures", done, len(files))
    return [path for _, path in files]


def too_small(pictures: Mapping[str, str], width_mm: float) -> str:
    """A line on the pictures whose smallest text is below `READABLE_PT` at a width, and which width would do; empty
    where there are none.
    """
    found: dict[str, float] = {}
    for name, picture in pictures.items():
        texts = [float(size) for size in re.findall(r'font-size="([\d.]+)"', picture)]
        points = min(texts, default=float("inf")) * width_mm / size_of(picture)["width"] * 72 / 25.4
        if points < READABLE_PT:
            found[name] = points
    if not found:
        return ""
    least = min(found.values())
    wide = math.ceil(width_mm * READABLE_PT / least)
    names = ", ".join(list(found)[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
    small = f"at {width_mm:g} mm text is as small as {least:.1f} pt in {names}"
    return f"{small}: --width {wide}mm gives {READABLE_PT:g} pt"


def in_font(picture: str, font: str | None) -> str:
    """The SVG picture in another typeface, with ours behind it where a reader lacks that."""
    if font is None:
        return picture
    head, rest = picture[: picture.index(">")], picture[picture.index(">") :]
    named = html.escape(f"'{font}', {FONT}")
    return re.sub(r' font-family="[^"]*"', f' font-family="{named}"', head) + rest


def pictures(findings: Findings, pairs: int = PAIRS, size: Size | None = None) -> dict[str, str]:
    """File name (without ending) -> SVG text."""
    view, found = findings.view, dict[str, str]()
    narrow = size is not None and size.width_mm is not None and size.width_mm <= COLUMN_MM
    for figure in all_figures():
        if figure.draw is not None:
            found |= figure.draw(findings)
    best = [(view.lines.index(item.line), item.combination) for item in findings.answer.lines[:pairs]]
    explained = [(why.row, why.column) for why in findings.explained[0]]
    for row, column in dict.fromkeys([*best, *explained]):
        name = file_name(f"{view.lines[row]} {view.combinations[column]}")
        for figure in all_figures():
            wanted = (row, column) in (explained if figure.section == "why" else best)
            if wanted and narrow and figure.draw_column:
                drawn = figure.draw_column(findings, row, column)
                found |= {f"pair-{name}-{end}": one for end, one in drawn.items()}
                continue
            picture = figure.draw_pair(findings, row, column) if wanted and figure.draw_pair else None
            if picture is not None:
                found[f"pair-{name}-{figure.file}"] = picture
    return found
