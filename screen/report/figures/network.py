"""The network of the model, coloured by what each edge mediates of a synergy."""

import html
import math
from collections.abc import Mapping, Sequence
from functools import cache

from screen.analysis.explain.explain import Counterfactual, Explanation
from screen.pathway import load_pathway
from screen.report.cube_view.custom_model import custom_mapping
from screen.report.cube_view.groups import MODEL_LABELS
from screen.report.cube_view.number_text import points
from screen.report.drawing.pathway_layout import EDGES, HIGH, NODES, TARGET_NODE, WIDE, border, place
from screen.report.drawing.style import AXIS, DIVERGING, FONT, INK, MUTED, colour
from screen.report.drawing.svg import clip, colour_bar, element, text
from screen.report.figures.figure import Figure
from screen.report.findings.findings import Findings
from screen.report.findings.why import clamp_words

TOP, LEGEND = 56, 74
FAINT = "#d9dde2"
KNOWN: dict[tuple[str, ...], bool] = {
    tuple(one.rstrip("!").replace("_", " ").split(">")): one.endswith("!") for one in EDGES.split()
}
"""(source, target) of every edge, and whether it inhibits."""
LEAST = 0.02  # of the largest: edges below are drawn as faint as those that were not clamped


def explained_svg(found: Explanation) -> str:
    """The network: an edge's colour and width say how much of the excess it mediates."""
    bound = max((abs(row.carried) for row in found.rows if math.isfinite(row.carried)), default=0.0)
    bound = max(bound, 1e-9)
    what = "synergy" if found.excess >= 0 else "antagonism"
    title = f"What mediates the {what} of {found.combination} in {found.cell_line}"
    label = MODEL_LABELS.get(found.model, found.model)
    about = f"mean {label} excess {points(found.excess)} percent points at {found.time_h:g} h"
    drawn: dict[tuple[str, ...], Counterfactual | None] = {**dict.fromkeys(KNOWN), **strongest_edges(found)}
    parts = []
    for (start, end), row in sorted(drawn.items(), key=lambda item: abs(item[1].carried) if item[1] else 0):
        carried = row.carried if row is not None and math.isfinite(row.carried) else 0.0
        strong = abs(carried) >= LEAST * bound
        look = (_paint(carried, bound), 1.2 + 5 * abs(carried) / bound) if strong else (FAINT, 1.0)
        words = (
            f"{row.words}: {row.carried:+.2f} points" if row is not None else f"{start} to {end}: not clamped"
        )
        parts.append(_edge(start, end, words, look))
    whole = {row.source: row.carried for row in found.rows if row.kind == "node"}
    alone = {row.source: row.carried for row in reversed(found.rows) if row.kind == "edge"}
    carried_by = {**alone, **whole}
    nodes = {
        name: (
            f"{name}: {carried_by[name]:+.2f} points"
            if name in carried_by
            else f"{name}: no edge of it can be clamped",
            _pale(_paint(carried_by.get(name) or 0.0, bound)),
        )
        for name in NODES
    }
    parts += _nodes(nodes, found.drugs)
    width, height = _size()
    ticks = (points(-bound), "0", points(bound))
    label = "percent points of the mean excess that vanish when it is clamped (positive: it mediates synergy)"
    parts.append(colour_bar(width / 2 - 180, height - 52, 360, DIVERGING, ticks, label))
    return _whole(title, f"{about}; each edge {clamp_words(found)}", parts)


def plain_svg(drugs: Sequence[str]) -> str:
    """The network with the targets of `drugs`, nothing of it coloured."""
    parts = [_edge(start, end, f"{start} to {end}", (AXIS, 1.2)) for start, end in KNOWN]
    parts += _nodes({name: (name, "#ffffff") for name in NODES}, drugs)
    return _whole(
        "The network of the model", "where the drugs of this screen act; bar: inhibits or removes", parts
    )


def _size() -> tuple[float, float]:
    spots = [place(column, row) for column, row, _ in NODES.values()]
    right, bottom = max(x for x, _ in spots), max(y for _, y in spots)
    return right + WIDE / 2 + 16, bottom + HIGH / 2 + TOP + LEGEND


def _whole(title: str, about: str, parts: list[str]) -> str:
    """The picture with its title, and a line about it."""
    width, height = _size()
    head = [
        element("title", f"{html.escape(title)}: {html.escape(about)}"),
        element("rect", width=width, height=height, fill="#ffffff"),
        text(14, 24, title, 16, weight=700),
        text(14, 43, about, 12, fill=MUTED),
    ]
    size = {"width": f"{width:g}", "height": f"{height:g}", "viewBox": f"0 0 {width:g} {height:g}"}
    named = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "font_family": FONT, **size}
    return element("svg", "".join([*head, *parts]), **named) + "\n"


def strongest_edges(found: Explanation) -> dict[tuple[str, ...], Counterfactual]:
    """The single edges by (source, target); of several between two nodes the one that mediates most."""
    edges: dict[tuple[str, ...], Counterfactual] = {}
    for row in found.rows:
        ends = row.source, row.target
        if row.kind == "edge" and row.source in NODES and row.target in NODES and ends not in edges:
            edges[ends] = row
    return edges


def _edge(start: str, end: str, words: str, look: tuple[str, float]) -> str:
    """A bent line with its own head, its colour and width, and a title that the pointer shows."""
    inhibits, (paint, wide) = KNOWN.get((start, end), False), look
    (x1, y1), (x2, y2) = (place(*NODES[name][:2]) for name in (start, end))
    (x1, y1), (x2, y2) = border(x1, y1, x2, y2), border(x2, y2, x1, y1)
    y1, y2 = y1 + TOP, y2 + TOP
    mid_x, mid_y = (x1 + x2) / 2 + 0.1 * (y1 - y2), (y1 + y2) / 2 + 0.1 * (x2 - x1)
    angle = math.degrees(math.atan2(y2 - mid_y, x2 - mid_x))
    size = 5 + wide
    shape = (
        f"M0,{-size} L0,{size}"
        if inhibits
        else f"M0,0 L{-size},{-size * 0.7:.1f} L{-size},{size * 0.7:.1f} z"
    )
    head = element(
        "path",
        d=shape,
        transform=f"translate({x2:.1f},{y2:.1f}) rotate({angle:.1f})",
        fill="none" if inhibits else paint,
        stroke=paint,
        stroke_width=max(1.4, wide * 0.6) if inhibits else 0.5,
    )
    line = element(
        "path",
        d=f"M{x1:.1f},{y1:.1f} Q{mid_x:.1f},{mid_y:.1f} {x2:.1f},{y2:.1f}",
        fill="none",
        stroke=paint,
        stroke_width=wide,
    )
    return element("g", element("title", html.escape(words)) + line + head)


def _nodes(looks: Mapping[str, tuple[str, str]], drugs: Sequence[str]) -> list[str]:
    """The boxes, each with the words that the pointer shows and its fill, under the names of `drugs` that act there."""
    targets = _targets()
    hit: dict[str, list[str]] = {}
    for name in drugs:
        for target in targets.get(name, ()):
            if target in TARGET_NODE and name not in hit.setdefault(TARGET_NODE[target], []):
                hit[TARGET_NODE[target]].append(name)
    parts = []
    for name, (column, row, _) in NODES.items():
        x, y = place(column, row)
        words, fill = looks[name]
        box = element(
            "rect",
            x=x - WIDE / 2,
            y=y + TOP - HIGH / 2,
            width=WIDE,
            height=HIGH,
            rx=7,
            fill=fill,
            stroke=INK if name in hit else AXIS,
            stroke_width=1.8 if name in hit else 0.8,
        )
        label = text(x, y + TOP + 4, name, 12, anchor="middle")
        parts.append(element("g", element("title", html.escape(words)) + box + label))
        for number, drug in enumerate(hit.get(name, [])):
            above = y + TOP - HIGH / 2 - 5 - 12 * number
            name_of = text(x, above, f"⊣ {clip(drug, 16)}", 11, anchor="middle", weight=700)
            halo: dict[str, str | float] = {
                "stroke": "#ffffff",
                "stroke_width": 4,
                "stroke_linejoin": "round",
            }
            parts.append(element("g", name_of, **halo) + name_of)
    return parts


@cache
def _targets() -> Mapping[str, tuple[str, ...]]:
    """The targets of every drug that the model knows."""
    return {name: tuple(drug.targets) for name, drug in load_pathway().drugs.items()}


def _paint(carried: float, bound: float) -> str:
    return colour(DIVERGING, 0.5 + 0.5 * min(max(carried / bound, -1.0), 1.0))


def _pale(paint: str) -> str:
    """Half-way to white, so that dark text stays readable."""
    return "#" + "".join(f"{(int(paint[k : k + 2], 16) + 2 * 255) // 3:02x}" for k in (1, 3, 5))


def draw(findings: Findings) -> dict[str, str]:
    """The network with the drugs of the screen; nothing for a model of one's own."""
    if custom_mapping(findings.view) is not None:
        return {}
    return {"network": plain_svg(tuple(dict.fromkeys((*findings.view.drug_1, *findings.view.drug_2))))}


def draw_pair(findings: Findings, row: int, column: int) -> str | None:
    """The network of a pair that is explained."""
    found = (why for why in findings.explained[0] if (why.row, why.column) == (row, column))
    return next((explained_svg(why.whole) for why in found), None)


FIGURE = Figure(
    name="network",
    shows="the network and where the drugs act; of a pair (`--explain N`) what each edge mediates of its synergy",
    order=130,
    section="why",
    panels=(("network", "Network"),),
    file="network",
    draw=draw,
    draw_pair=draw_pair,
)
