"""Two screens in pictures: what each line's answer was and is, and every common pair in one against the other."""

import html
from collections.abc import Callable, Sequence

import numpy as np

from screen.report.comparison.changed_rows import closed_words
from screen.report.cube_view.number_text import points
from screen.report.drawing.axes import line, ticks_between
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import AXIS, CATEGORICAL, GRID, MUTED
from screen.report.drawing.svg import clip, element, text, turned
from screen.report.findings.gap import CLOSED
from screen.report.findings.panels.compare import Comparison, PairChange

WIDE, ROW, LEFT, RIGHT, TOP = 760.0, 24.0, 170.0, 740.0, 62.0
LOWEST, HIGHEST, LEAST = -100.0, 500.0, 110.0
"""Per cent of the gap that the axis of the answers shows at most, and up to which it goes at least."""
SHOWN = 40
SIDE, BEGIN, END = 460.0, 66.0, 440.0
Pair = tuple[float, float, str]


def answers_picture(found: Comparison) -> str:
    """The share of the gap that the best partner of each line closes, in the first screen and in the second; SVG, empty
    where no line is in both.
    """
    lines = [one for one in found.lines if None not in one.answers][:SHOWN]
    if not lines:
        return ""
    bottom = TOP + ROW * len(lines)
    seen = [100 * item.closed for one in lines for item in one.answers if item is not None]
    seen = [value for value in seen if np.isfinite(value)]
    low, high = max(LOWEST, min([-10.0, *seen])), min(HIGHEST, max([LEAST, *seen]))

    def across(share: float) -> float:
        value = min(high, max(low, 100 * share))
        return LEFT + (RIGHT - LEFT) * (value - low) / (high - low)

    parts = [
        ring(LEFT + 6, 20),
        text(LEFT + 18, 24, clip(found.names[0], 36), 12),
        element("circle", cx=LEFT + 286, cy=20, r=5.5, fill=CATEGORICAL[0]),
        text(LEFT + 298, 24, clip(found.names[1], 36), 12),
    ]
    for value, shown in ticks_between(low, high, 6):
        x = across(value / 100)
        parts += [line(x, TOP - 8, x, bottom, AXIS if value == 0 else GRID)]
        parts.append(text(x, TOP - 14, f"{shown} %", 11, "middle", fill=MUTED))
    parts.append(line(across(CLOSED), TOP - 8, across(CLOSED), bottom, MUTED, dash="3 3"))
    for place, one in enumerate(lines):
        before, after = one.answers
        assert before is not None
        assert after is not None
        y = TOP + ROW * (place + 0.5)
        parts.append(text(LEFT - 12, y + 4, clip(one.line, 24), 12, "end"))
        tip = "; ".join(f"{item.partner} {closed_words(item.closed)}" for item in (before, after))
        marks = ""
        if np.isfinite([before.closed, after.closed]).all():
            marks += line(across(before.closed), y, across(after.closed), y, CATEGORICAL[0], 2)
        if np.isfinite(before.closed):
            marks += ring(across(before.closed), y)
        if np.isfinite(after.closed):
            marks += element("circle", cx=across(after.closed), cy=y, r=5.5, fill=CATEGORICAL[0])
        parts.append(element("g", element("title", html.escape(f"{one.line}: {tip}")) + marks))
    parts.append(
        text((LEFT + RIGHT) / 2, bottom + 24, "share of the gap closed by the best partner", 12, "middle")
    )
    return whole_picture("".join(parts), WIDE, bottom + 36, "What the best partner of each line closes")


def ring(x: float, y: float) -> str:
    """What stands for the first screen."""
    return element("circle", cx=x, cy=y, r=5, fill="none", stroke=CATEGORICAL[0], stroke_width=2)


def pairs_pictures(found: Comparison) -> tuple[tuple[str, str], ...]:
    """(caption, SVG) of the shares of the gap and of the scores, each common pair a dot; without what is not known."""
    shares = _dots(found.pairs, lambda pair: pair.closed, closed_words)
    scores = _dots(found.pairs, lambda pair: pair.score, points)
    percent = [(100 * x, 100 * y, words) for x, y, words in shares]
    drawn = (
        ("share of the gap closed, %", percent),
        (f"mean {found.scored} excess, percent points", scores),
    )
    return tuple(
        (
            f"{name[:1].upper()}{name[1:]}: {len(dots)} common pairs; on the line nothing changed.",
            _scatter(found, name, dots),
        )
        for name, dots in drawn
        if dots
    )


def _dots(
    pairs: Sequence[PairChange],
    values: Callable[[PairChange], tuple[float, float]],
    said: Callable[[float], str],
) -> list[Pair]:
    known = [(pair, *values(pair)) for pair in pairs if np.isfinite(values(pair)).all()]
    return [(x, y, f"{pair.line}, {pair.combination}: {said(x)}, then {said(y)}") for pair, x, y in known]


def _scatter(found: Comparison, name: str, dots: Sequence[Pair]) -> str:
    every = [value for x, y, _ in dots for value in (x, y)]
    low, high = np.quantile(every, [0.01, 0.99])  # one pair far off does not press the others together
    room = 0.06 * max(high - low, 1e-6)
    low, high = float(low - room), float(high + room)

    def place(value: float) -> float:
        return min(1.0, max(0.0, (value - low) / (high - low)))

    def across(value: float) -> float:
        return BEGIN + (END - BEGIN) * place(value)

    def up(value: float) -> float:
        return END - 56 - (END - BEGIN) * place(value)

    parts = []
    for value, shown in ticks_between(low, high):
        parts += [
            line(BEGIN, up(value), END, up(value), GRID),
            line(across(value), up(low), across(value), up(high), GRID),
        ]
        parts += [
            text(BEGIN - 7, up(value) + 4, shown, 11, "end", fill=MUTED),
            text(across(value), up(low) + 17, shown, 11, "middle", fill=MUTED),
        ]
    parts.append(line(across(low), up(low), across(high), up(high), AXIS, 1.4))
    for x, y, words in dots:
        dot = element("title", html.escape(words))
        parts.append(
            element("circle", dot, cx=across(x), cy=up(y), r=4, fill=CATEGORICAL[0], fill_opacity=0.55)
        )
    parts.append(text((BEGIN + END) / 2, up(low) + 38, clip(found.names[0], 44), 12, "middle"))
    parts.append(turned(18, (up(low) + up(high)) / 2, clip(found.names[1], 44), -90, 12, "middle"))
    return whole_picture("".join(parts), SIDE, up(low) + 50, f"{name} in both")
