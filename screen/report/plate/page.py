"""The self-contained page of measured plates: overview, a foldable part a block, and how it was read.

The first block stands in the page as it is; the others travel deflated and are unfolded by the page's script when a
reader opens them, so that hundreds fit. On paper all stand one after another.
"""

import base64
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from screen._version import __version__
from screen.files import checked, write_text
from screen.report.cube_view.number_text import points
from screen.report.drawing.browser import print_page
from screen.report.page.html import policy
from screen.report.page.payload import safe_json
from screen.report.page.script import asset
from screen.report.page.still import theme_rules
from screen.report.page.templates import environment
from screen.report.plate import words
from screen.report.plate.figures import block_pictures
from screen.report.plate.pictures.alone import alone_rows
from screen.report.plate.pictures.beside import SKILL_HEAD, beside_pictures, beside_sentences, skill_rows
from screen.report.plate.pictures.overview import efficacy, overview_pictures
from screen.report.plate.pictures.picture import Picture
from screen.report.plate.view import BlockView, PlateView
from screen.runner.execution.options import Progress
from screen.synergy.models.registry import MODELS

SPARE, SPARE_EACH = 1000, 16
"""Bytes for words on what is left out, and for the name of a folded block."""
PRINTED = 40
"""Blocks on paper, at most: those with the largest excess over the main model."""
WIDE, THIRD = 700, 440
"""Pixels of a picture above which it takes the whole width of the page, and up to which a third."""
ALONE_HEAD = ("drug", "IC50", "EC50", "Emax", "slope", "R²", "shape")


@dataclass(frozen=True)
class BlockPart:
    """A block as the template lays it out."""

    view: BlockView
    sentences: tuple[str, ...]
    pictures: tuple[Picture, ...]
    model_pictures: tuple[Picture, ...]
    scores: Sequence[Sequence[str]]
    alone: Sequence[Sequence[str]]
    quantities: Sequence[Sequence[str]]
    odd: Sequence[str]
    reading: Sequence[tuple[str, str]]
    beside: Sequence[str]
    skill: Sequence[Sequence[str]]


def write_plate_page(
    plates: PlateView,
    path: Path,
    source: Path | None = None,
    limit_MB: float = 6.0,
    progress: Progress | None = None,
) -> Path:
    """Write the page to `path` (.html, or .pdf through an installed Chromium), whole or not at all; `source` is the
    file that the plates are of, `progress` hears how many blocks are drawn."""
    checked(path, (".html", ".htm", ".pdf"), (source,))
    paper = path.suffix.lower() == ".pdf"
    text = render(plates, source, limit_MB, paper, progress)
    return print_page(text, path) if paper else write_text(path, text)


def render(
    plates: PlateView,
    source: Path | None = None,
    limit_MB: float = 6.0,
    paper: bool = False,
    progress: Progress | None = None,
) -> str:
    """The whole page as text: on `paper` every block unfolded, else under `limit_MB`."""
    pages = environment(lambda name: asset("plate", name))
    pages.filters["size"] = size_class
    shown = sorted(plates.ranked()[:PRINTED], key=lambda one: one.number) if paper else list(plates.blocks)
    notes = (
        [f"{len(plates.blocks) - len(shown)} blocks are not printed."]
        if len(shown) < len(plates.blocks)
        else []
    )
    style = asset("page", "style.css") + asset("plate", "plate.css") + theme_rules()
    script = asset("page", "still.js") + asset("plate", "plate.js") + asset("drawing", "turning.js")
    frame = {
        "plates": plates, "version": __version__, "policy": policy(style, script), "style": Markup(style),
        "script": Markup(script), "size": size_of(plates), "sentences": words.page_sentences(plates),
        "blocks": shown, "overview": overview_pictures(plates), "table": overview_table(plates),
        "models": [(name, MODELS[name]) for name in plates.models], "words": words, "file": file_of(source),
    }  # fmt: skip
    page = pages.get_template("plate.html.j2")
    room = (
        limit_MB * 1e6
        - len(page.render(frame | {"whole": {}, "parts": "{}", "notes": notes}).encode())
        - SPARE
    )
    whole: dict[int, Any] = {}
    folded: dict[str, str] = {}
    for place, view in enumerate(shown):
        if progress is not None:
            progress("blocks", place, len(shown))
        text = pages.get_template("block.html.j2").render(
            part=part_of(view, plates), words=words, alone_head=ALONE_HEAD, skill_head=SKILL_HEAD
        )
        packed = base64.b64encode(zlib.compress(text.encode(), 7)).decode("ascii")
        room -= len(text) if paper or place == 0 else len(packed) + SPARE_EACH
        if paper or place == 0:
            whole[view.number] = Markup(text)
        elif room > 0:
            folded[str(view.number)] = packed
    if lost := len(shown) - len(whole) - len(folded):
        notes.append(
            f"The figures of {lost} blocks are left out to stay under {limit_MB:g} MB; `herscreen figures` draws them."
        )
    return page.render(frame | {"whole": whole, "parts": Markup(safe_json(folded)), "notes": notes})


def part_of(view: BlockView, plates: PlateView) -> BlockPart:
    """Everything that the page says of a block."""
    return BlockPart(
        view=view,
        sentences=tuple(words.synergy_sentence(view, model) for model in view.models if model in view.row),
        pictures=tuple(block_pictures(view, plates.main)),
        model_pictures=tuple(beside_pictures(view)),
        scores=words.score_rows(view),
        alone=alone_rows(view),
        quantities=words.quantity_rows(view),
        odd=words.odd_things(view),
        reading=words.reading_rows(view),
        beside=beside_sentences(view, plates),
        skill=skill_rows(view),
    )


def size_of(plates: PlateView) -> list[tuple[str, str]]:
    """The file in a few numbers."""
    blocks = [view.block for view in plates.blocks]
    wells = sum(
        int(np.isfinite(one.wells).sum()) if one.points is None else len(one.points.viability)
        for one in blocks
    )
    lines = len({one.cell_line for one in blocks if one.cell_line})
    pairs = len({view.pair for view in plates.blocks})
    found = [
        (len(blocks), "block", "blocks"),
        (pairs, "combination", "combinations"),
        (lines, "cell line", "cell lines"),
        (wells, "well", "wells"),
    ]
    return [(f"{count:,}", one if count == 1 else many) for count, one, many in found if count]


def overview_table(
    plates: PlateView,
) -> tuple[list[tuple[str, str]], list[tuple[BlockView, list[tuple[str, str, str]]]]]:
    """Head (text, model) and rows of the table of blocks; a cell is (text, number to sort by, model)."""
    named, values = efficacy(plates)
    short = "CSS" if named.startswith("combination") else "strongest inhibition, %"
    lines = any(view.block.cell_line for view in plates.blocks)
    head = [("block", ""), ("combination", ""), *([("cell line", "")] if lines else [])]
    head += [(f"{MODELS[model].label}, points", "") for model in plates.models]
    intervals = [
        model for model in plates.models if any(f"{model}_low" in view.row for view in plates.blocks)
    ]
    for model in intervals:
        head += [(f"{MODELS[model].label} 95 % interval", model), ("q", model)]
    head += [(short, ""), ("remarks", "")]
    rows = []
    for view, value in zip(plates.blocks, values):
        row = [(view.pair + view.when, "", "")]
        row += [(view.block.cell_line or "–", "", "")] if lines else []
        row += [_cell(view.number_of(model), points) for model in plates.models]
        for model in intervals:
            low, high, q = (view.number_of(f"{model}_{end}") for end in ("low", "high", "q"))
            shown = f"{points(low)} to {points(high)}" if np.isfinite(low) else "–"
            row += [(shown, _key(low), model), (words.p_text(q), _key(q), model)]
        row.append(_cell(value, lambda number: f"{number:.1f}".replace("-", "−")))
        count = len(words.odd_things(view))
        row.append((str(count) if count else "", str(count), ""))
        rows.append((view, row))
    return head, rows


def _cell(value: float, shown: Any) -> tuple[str, str, str]:
    return (shown(value) if np.isfinite(value) else "–", _key(value), "")


def _key(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else "-inf"


def size_class(picture: Picture) -> str:
    """How much of the page's width a picture takes."""
    width = float(picture.svg.split('viewBox="0 0 ', 1)[1].split(" ", 1)[0])
    return "wide" if width > WIDE else "third" if width <= THIRD else ""


def file_of(source: Path | None) -> str:
    """The file's name with the beginning of its SHA-256."""
    if source is None or not source.is_file():
        return ""
    return f"{source.name}, SHA-256 {hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
