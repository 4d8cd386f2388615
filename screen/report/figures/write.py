"""The figures of a screen as files: SVG by our own hand, PDF and PNG from it by an installed browser."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError
from screen.files import sweep, write_text
from screen.report.drawing.browser import SCREEN_DPI, at_width, draw_picture
from screen.report.figures.file_name import file_name
from screen.report.figures.registry import all_figures
from screen.report.findings.findings import Findings

FORMATS = ("svg", "pdf", "png")
PAIRS = 6


@dataclass(frozen=True)
class Size:
    """How wide figures are, mm (None: each its own size), and the resolution of a PNG."""

    width_mm: float | None = None
    dpi: float = 3 * SCREEN_DPI


def write_figures(
    findings: Findings,
    folder: Path,
    formats: tuple[str, ...] = ("svg",),
    pairs: int = PAIRS,
    size: Size | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Path]:
    """Write every figure of a screen into `folder`, which is made if its parent exists: those of the `pairs` best
    pairs of the answer, and the networks of the pairs that are explained; the files written.
    """
    return write_pictures(lambda: pictures(findings, pairs), folder, formats, size, progress)


def write_pictures(
    drawn: Callable[[], Mapping[str, str]],
    folder: Path,
    formats: tuple[str, ...] = ("svg",),
    size: Size | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Path]:
    """Write the pictures that `drawn` gives, SVG text by the name of its file, into `folder`; the files written.
    `progress` hears how many of how many are.
    """
    size = size or Size()
    if unknown := [name for name in formats if name not in FORMATS]:
        raise InputError(f"format {unknown[0]!r} is not known; expected {', '.join(FORMATS)}")
    if not folder.parent.is_dir():
        raise InputError(
            f"{folder}: the folder '{folder.parent}' does not exist, expected an existing folder"
        )
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file, expected the name of a folder")
    folder.mkdir(exist_ok=True)
    sweep(folder)
    written, found = [], drawn()
    for name, picture in found.items():
        for kind in formats:
            path = folder / f"{name}.{kind}"
            if kind == "svg":
                wide = picture if size.width_mm is None else at_width(picture, size.width_mm)
                written.append(write_text(path, wide))
            else:
                written.append(draw_picture(picture, path, size.width_mm, size.dpi))
            if progress is not None:
                progress("figures", len(written), len(found) * len(formats))
    return written


def pictures(findings: Findings, pairs: int = PAIRS) -> dict[str, str]:
    """File name (without ending) -> SVG text."""
    view, found = findings.view, dict[str, str]()
    for figure in all_figures():
        if figure.draw is not None:
            found |= figure.draw(findings)
    best = [(view.lines.index(item.line), item.combination) for item in findings.answer.lines[:pairs]]
    explained = [(why.row, why.column) for why in findings.explained[0]]
    for row, column in dict.fromkeys([*best, *explained]):
        name = file_name(f"{view.lines[row]} {view.combinations[column]}")
        for figure in all_figures():
            wanted = (row, column) in (explained if figure.section == "why" else best)
            picture = figure.draw_pair(findings, row, column) if wanted and figure.draw_pair else None
            if picture is not None:
                found[f"pair-{name}-{figure.file}"] = picture
    return found
