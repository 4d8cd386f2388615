"""The pathway as one SVG picture, with how many drugs act on each node (`herscreen model diagram`)."""

from html import escape

from screen.pathway import Pathway
from screen.report.drawing.pathway_layout import (
    CELL_X,
    CELL_Y,
    EDGES,
    HIGH,
    NODES,
    TARGET_NODE,
    WIDE,
    border,
    place,
)

FILL = {"receptor": "#dbe7f3", "kinase": "#f1f1f1", "loop": "#fbe9d0", "rna": "#f6d9c4", "fate": "#dcefdc"}
ACTIVATES, INHIBITS = "#30557a", "#a3452c"


def network_svg(pathway: Pathway) -> str:
    """The network with, under each target, how many drugs of the table act on it."""
    hits = drugs_per_node(pathway)
    width = int(CELL_X * 8.2 + WIDE)
    height = int(CELL_Y * 8.8 + HIGH + 40)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="12" role="img">',
        "<title>HER2 and IGF-1R signalling with the FOXO3a-miRNA loop</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        "<defs>",
        _marker("arrow", ACTIVATES, "M0,0 L8,4 L0,8 z"),
        _marker("bar", INHIBITS, "M5,0 L7,0 L7,8 L5,8 z"),
        "</defs>",
    ]
    parts += [_edge(text) for text in EDGES.split()]
    for name, (column, row, kind) in NODES.items():
        x, y = place(column, row)
        parts.append(
            f'<rect x="{x - WIDE / 2:g}" y="{y - HIGH / 2:g}" width="{WIDE}" height="{HIGH}" rx="7" '
            f'fill="{FILL[kind]}" stroke="#5a5a5a" stroke-width="0.8"/>'
        )
        note = f" ({hits[name]})" if hits.get(name) else ""
        parts.append(f'<text x="{x:g}" y="{y + 4:g}" text-anchor="middle">{escape(name + note)}</text>')
    parts.append(
        f'<text x="12" y="{height - 12}" fill="#444">arrow: activates or makes; bar: inhibits or removes; '
        "in brackets: drugs of the table that act there</text></svg>"
    )
    return "\n".join(parts) + "\n"


def drugs_per_node(pathway: Pathway) -> dict[str, int]:
    """How many drugs of the table act on each node of the picture."""
    counts: dict[str, int] = {}
    for drug in pathway.drugs.values():
        for node in {TARGET_NODE[target] for target in drug.targets if target in TARGET_NODE}:
            counts[node] = counts.get(node, 0) + 1
    return counts


def _marker(name: str, colour: str, path: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="{path}" fill="{colour}"/></marker>'
    )


def _edge(text: str) -> str:
    inhibits = text.endswith("!")
    start, _, end = text.rstrip("!").replace("_", " ").partition(">")
    (x1, y1), (x2, y2) = (place(*NODES[name][:2]) for name in (start, end))
    x1, y1 = border(x1, y1, x2, y2)
    x2, y2 = border(x2, y2, x1, y1)
    bend = 0.1
    middle_x, middle_y = (x1 + x2) / 2 + bend * (y1 - y2), (y1 + y2) / 2 + bend * (x2 - x1)
    colour, marker = (INHIBITS, "bar") if inhibits else (ACTIVATES, "arrow")
    return (
        f'<path d="M{x1:.1f},{y1:.1f} Q{middle_x:.1f},{middle_y:.1f} {x2:.1f},{y2:.1f}" fill="none" '
        f'stroke="{colour}" stroke-width="1.3" marker-end="url(#{marker})"/>'
    )
