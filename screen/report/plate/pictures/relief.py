"""The response of a block as a relief, each face coloured by the excess over a model. What turns carries its place in
space (`data-p`), and faces their colours over every model (`data-fill`), so that the page's script turns and colours a
relief without knowing what it draws; a picture on its own stands still.
"""

import math
from collections.abc import Sequence

import numpy as np

from screen.arrays import Array
from screen.report.drawing.curves import path
from screen.report.drawing.dose_surface import tick_text
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import AXIS, GRID, INK, MISSING
from screen.report.drawing.svg import clip, element
from screen.report.plate.pictures.dose_matrix import Paint, bar, label
from screen.report.plate.pictures.picture import Picture
from screen.report.plate.pictures.response import excess_limit, excess_paint
from screen.report.plate.view import BlockView
from screen.synergy.models.registry import MODELS

WIDTH, HEIGHT, SIZE = 430.0, 360.0, 140.0
TURN, TILT = 0.85, 0.5
"""How a relief stands at first, in radians; `plate.js` turns on from here."""
Space = tuple[float, float, float]


def project(at: Space) -> tuple[float, float, float]:
    """The pixel of a place (share of drug 2, of drug 1, of height), and how near it is; the same as in `plate.js`."""
    x, y = at[0] - 0.5, at[1] - 0.5
    across, along = x * math.cos(TURN) - y * math.sin(TURN), x * math.sin(TURN) + y * math.cos(TURN)
    down = 1.36 * SIZE * along * math.sin(TILT) - 1.15 * SIZE * (at[2] - 0.42) * math.cos(TILT)
    return WIDTH / 2 + 1.36 * SIZE * across, 0.47 * HEIGHT + down, along


def relief_picture(view: BlockView, models: Sequence[str]) -> Picture | None:
    """The relief of a grid of at least 2 x 2 doses, coloured by the first of `models` and ready for the others; None
    for other designs."""
    if not view.layers or view.block.conc_3 is not None or min(view.layers[0].viability.shape) < 2:
        return None
    layer, paint = view.layers[0], excess_paint(excess_limit(view))
    low = min(0.0, float(np.nanmin(layer.viability, initial=0.0)))
    high = max(1.0, float(np.nanmax(layer.viability, initial=1.0)))
    heights = (layer.viability - low) / (high - low)
    faces = _faces(heights, [layer.excess[model] for model in models], paint)
    parts = [*_walls(low, high), *faces, *_axes(view), bar(110, HEIGHT - 46, 210, paint)]
    name = f"response of {view.heading} as a relief, coloured by the excess over {MODELS[models[0]].label}"
    caption = f"Height: {view.quantity}; colour: mean excess of a face's four wells."
    return Picture(
        "relief",
        "Response surface, coloured by excess",
        caption,
        whole_picture("".join(parts), WIDTH, HEIGHT, name),
    )


def _spaces(places: Sequence[Space]) -> str:
    return " ".join(f"{value:.3g}" for place in places for value in place)


def _shape(places: list[Space], closed: bool, stroke: str) -> str:
    drawn = path([project(place)[:2] for place in places]) + ("Z" if closed else "")
    return element("path", d=drawn, data_p=_spaces(places), fill="none", stroke=stroke)


def _walls(low: float, high: float) -> list[str]:
    """Level lines on the walls behind, the floor, and the scale of heights on the left."""
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        behind: list[Space] = [(0, 1, share), (0, 0, share), (1, 0, share)]
        parts.append(_shape(behind, False, GRID))
    floor: list[Space] = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    parts.append(_shape(floor, True, AXIS))
    for share in (0.0, 0.5, 1.0):
        shown = f"{100 * (low + share * (high - low)):.0f}".replace("-", "−")
        parts.append(_word((-0.02, 1.02, share), shown, 10, "end", "muted"))
    return parts


def _faces(heights: Array, excess: list[Array], paint: Paint) -> list[str]:
    """The faces between four wells that have values, the farthest first."""
    m, n = heights.shape[0] - 1, heights.shape[1] - 1
    fills = [_mean_of_corners(values) for values in excess]
    drawn = []
    for i, j in np.ndindex(m, n):
        corners = ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))
        places: list[Space] = [(b / n, a / m, float(heights[a, b])) for a, b in corners]
        if any(math.isnan(place[2]) for place in places):
            continue
        seen = [project(place) for place in places]
        shades = [paint.fill(float(values[i, j])) for values in fills] or [MISSING]
        shape = "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in seen)
        fill = f'fill="{shades[0]}" data-fill="{" ".join(shades)}"'
        face = f'<path class="face" d="M{shape}Z" data-p="{_spaces(places)}" {fill}/>'
        drawn.append((sum(depth for _, _, depth in seen), face))
    faces = "".join(face for _, face in sorted(drawn, key=lambda item: item[0]))
    return [f'<g stroke="{INK}" stroke-width="0.45" stroke-linejoin="round">{faces}</g>'] if faces else []


def _mean_of_corners(values: Array) -> Array:
    """The mean of the four corners of each face that have a value, NaN where none has."""
    corners = np.stack([values[:-1, :-1], values[:-1, 1:], values[1:, 1:], values[1:, :-1]])
    known = np.isfinite(corners)
    total = np.where(known, corners, 0.0).sum(axis=0)
    return np.asarray(np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan))


def _axes(view: BlockView) -> list[str]:
    """The ends of both dose axes and the names of the drugs along the edges in front."""
    one, two = view.block.conc_1, view.block.conc_2
    words = [_word((0.5, 1.2, 0), _named(view, 1), 11, "end")]
    words.append(_word((1.2, 0.5, 0), _named(view, 0), 11, "start"))
    for share, dose in ((0.04, two[0]), (0.96, two[-1])):
        words.append(_word((share, 1.07, 0), tick_text(float(dose)), 10, "end", "muted"))
    for share, dose in ((0.04, one[0]), (0.96, one[-1])):
        words.append(_word((1.07, share, 0), tick_text(float(dose)), 10, "start", "muted"))
    return words


def _named(view: BlockView, drug: int) -> str:
    unit = view.units[drug]
    return clip(view.drugs[drug], 13) + (f", {unit}" if unit else "")


def _word(place: Space, content: str, size: float, anchor: str, ink: str = "ink") -> str:
    x, y, _ = project(place)
    drawn = label(x, y + 4, content, size, anchor, ink)
    return drawn.replace("<text ", f'<text data-p="{_spaces([place])}" ', 1)
