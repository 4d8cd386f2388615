"""Pieces of an SVG picture as text, with every name and number escaped, and the colour bar."""

import html
from collections.abc import Sequence

from screen.report.drawing.style import AXIS, INK, MUTED, colour


def element(tag: str, content: str = "", **attributes: str | float) -> str:
    """One element; `_` in an attribute's name is written `-`, `content` is markup."""
    shown = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(value) if isinstance(value, str) else number(value)}"'
        for name, value in attributes.items()
    )
    return f"<{tag}{shown}>{content}</{tag}>" if content else f"<{tag}{shown}/>"


def number(value: str | float) -> str:
    """A coordinate without needless digits; a text as it is."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def text(
    x: float, y: float, content: str, size: float, anchor: str = "start", weight: int = 400, fill: str = INK
) -> str:
    """A line of text; `content` is escaped."""
    return element(
        "text",
        html.escape(content),
        x=x,
        y=y,
        font_size=size,
        text_anchor=anchor,
        font_weight=str(weight),
        fill=fill,
    )


def turned(x: float, y: float, content: str, degrees: float, size: float, anchor: str = "start") -> str:
    """A line of text turned about its own place."""
    place = f"translate({number(x)},{number(y)}) rotate({number(degrees)})"
    return element(
        "text", html.escape(content), transform=place, font_size=size, text_anchor=anchor, fill=INK
    )


def colour_bar(
    x: float, y: float, width: float, stops: Sequence[str], ticks: Sequence[str], label: str
) -> str:
    """A horizontal colour bar with three ticks, and a label beneath."""
    pieces = 60
    step = width / pieces
    parts = [
        element(
            "rect", x=x + step * k, y=y, width=step + 0.4, height=9, fill=colour(stops, (k + 0.5) / pieces)
        )
        for k in range(pieces)
    ]
    parts.append(element("rect", x=x, y=y, width=width, height=9, fill="none", stroke=AXIS, stroke_width=0.6))
    for share, tick in zip((0.0, 0.5, 1.0), ticks, strict=True):
        parts.append(text(x + width * share, y + 22, tick, 10, anchor="middle", fill=MUTED))
    if label:
        parts.append(text(x + width / 2, y + 38, label, 11, anchor="middle"))
    return "".join(parts)


def clip(name: str, size: int) -> str:
    """A name cut to `size` characters with an ellipsis."""
    return name if len(name) <= size else name[: size - 1] + "…"
