"""Publication figures of a screen: SVG by our own hand, PDF and PNG from it by an installed browser."""

import re
from collections.abc import Sequence
from pathlib import Path

from screen.errors import InputError
from screen.files import write_text
from screen.report.cube_view.view import CubeView
from screen.report.drawing.browser import draw_picture
from screen.report.figures.curves import fixed_doses, single_agents
from screen.report.figures.explained_network import explained_svg
from screen.report.figures.heat_maps import foretold_picture, marker_picture, rescue_picture, whole_picture
from screen.report.figures.overview import heat_map, row_order, summary_of, surfaces_picture
from screen.report.figures.pairs import excess_contour, isobologram
from screen.report.figures.waterfall import waterfall_picture
from screen.report.findings.answer import answer_of
from screen.report.findings.markers import associations_of
from screen.report.findings.resensitisation import rescue_of
from screen.report.findings.why import Why

FORMATS = ("svg", "pdf", "png")
PAIRS = 6
WATERFALLS = 24


def write_figures(
    screen: CubeView,
    folder: Path,
    formats: tuple[str, ...] = ("svg",),
    pairs: int = PAIRS,
    whys: Sequence[Why] = (),
) -> list[Path]:
    """Write every figure of `screen` into `folder`, which is made if its parent exists, and the networks of
    the pairs that `whys` explain; the files written.
    """
    if unknown := [name for name in formats if name not in FORMATS]:
        raise InputError(f"format {unknown[0]!r} is not known; expected {', '.join(FORMATS)}")
    if not folder.parent.is_dir():
        raise InputError(
            f"{folder}: the folder '{folder.parent}' does not exist, expected an existing folder"
        )
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file, expected the name of a folder")
    folder.mkdir(exist_ok=True)
    written = []
    found = pictures(screen, pairs)
    for why in whys:
        name = f"{screen.lines[why.row]} {screen.combinations[why.column]}"
        found[f"pair-{file_name(name)}-network"] = explained_svg(why.whole)
    for name, picture in found.items():
        for kind in formats:
            path = folder / f"{name}.{kind}"
            written.append(write_text(path, picture) if kind == "svg" else draw_picture(picture, path))
    return written


def pictures(screen: CubeView, pairs: int = PAIRS, time: int = -1) -> dict[str, str]:
    """File name (without ending) -> SVG text."""
    rescue = rescue_of(screen)
    score, label = summary_of(screen, rescue, time)
    found = {"overview": whole_picture(*heat_map(screen, rescue, score, label, time), name=label)}
    if (rescue.resistant & ~rescue.her2_low).any():
        found["resensitisation-dose"] = rescue_picture(screen, rescue, time)
    for column, partner in enumerate(screen.partners[:WATERFALLS]):
        if picture := waterfall_picture(screen, rescue, score, label, column, time):
            found[f"waterfall-{file_name(partner)}"] = picture
    if screen.markers:
        found["markers"] = marker_picture(screen, rescue, row_order(score, rescue))
    if associations := associations_of(screen, rescue, time):
        found["markers-against-outcomes"] = foretold_picture(associations)
    for item in answer_of(screen, rescue, time).lines[:pairs]:
        name = f"{item.line} {screen.combinations[item.combination]}"
        row, column = screen.lines.index(item.line), item.combination
        for kind, picture in pair_pictures(screen, row, column, name, time).items():
            found[f"pair-{file_name(name)}-{kind}"] = picture
    return found


def pair_pictures(screen: CubeView, row: int, column: int, name: str, time: int = -1) -> dict[str, str]:
    """Kind -> SVG text of everything that is drawn of one pair."""
    body = surfaces_picture(screen, row, column, screen.models, time, across=True)
    found = {
        "surfaces": whole_picture(*body, name=name),
        "single-agents": single_agents(screen, row, column, time),
        "fixed-doses": fixed_doses(screen, row, column, time),
        "isobologram": isobologram(screen, row, column, time),
        "contour": excess_contour(screen, row, column, screen.main_model, time)
        if screen.main_model is not None
        else None,
    }
    return {kind: picture for kind, picture in found.items() if picture is not None}


def file_name(text: str) -> str:
    """`text` with nothing in it that a file system could mind."""
    return re.sub(r"[^\w.+-]+", "_", text).strip("._")[:80] or "pair"
