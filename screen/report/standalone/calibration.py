"""A calibration as one page that needs no network: how it was made, prior and posterior of each free value, predicted
against measured for every measured number, and which statements of evidence hold.
"""

import html
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screen.analysis.calibration.calibrate import Calibration
from screen.analysis.calibration_outputs.outputs import IDENTIFIED, summary
from screen.analysis.evidence.evidence_table import Statement
from screen.analysis.skill.measured_table import Cell
from screen.arrays import Floats
from screen.files import checked, write_text
from screen.report.drawing.style import AXIS, INK, MUTED
from screen.report.drawing.svg import element, text

PRIOR, POSTERIOR, BAD = "#d7dde2", "#2f6f9f", "#b3432b"
STYLE = """
body{font:15px/1.5 'Helvetica Neue',Helvetica,Arial,sans-serif;color:#16202b;max-width:1100px;
 margin:2em auto;padding:0 1em}
table{border-collapse:collapse;font-size:13px}
td,th{padding:2px 10px 2px 0;text-align:left;vertical-align:middle}
th{border-bottom:1px solid #8a939c;position:sticky;top:0;background:#fff}
td.n{text-align:right;font-variant-numeric:tabular-nums}
tr.bad td{color:#b3432b}.muted{color:#5a6672}details{margin:1em 0}
"""
WIDTH, REACH = 220.0, 3.5
INNER = 1.645
"""Of a standard normal, 90 % lie within."""


def write_calibration(calibration: Calibration, path: Path) -> Path:
    """Write the page; returns its path."""
    return write_text(checked(path, (".html", ".htm")), page(calibration))


def page(calibration: Calibration) -> str:
    """The whole page as text."""
    body = [
        "<h1>Calibration</h1>",
        _summary(calibration),
        "<h2>Predicted against measured</h2>",
        _scatters(calibration),
        _measured(calibration),
        "<h2>Evidence</h2>",
        _evidence(calibration),
        "<h2>Prior and posterior of each free value</h2>",
        _free(calibration),
        "<h2>How it was made</h2>",
        _record(calibration.record),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Calibration</title>'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def identified(calibration: Calibration) -> NDArray[np.bool_]:
    """Which free values (D,) the data narrow to half of their prior or less."""
    return np.asarray(calibration.width <= IDENTIFIED)


def _summary(calibration: Calibration) -> str:
    known = int(identified(calibration).sum())
    words = [*summary(calibration), f"{known} free values are narrowed to half of their prior or less"]
    return "".join(f"<p>{html.escape(line)}.</p>" for line in words)


def _quantiles(calibration: Calibration) -> Floats:
    """5 %, middle and 95 % of what the members say of each row (3, M)."""
    return np.asarray(np.nanquantile(calibration.values, [0.05, 0.5, 0.95], axis=0))


def _number(cell: Cell, value: float) -> float:
    return 10.0**value if cell.is_concentration else value


def _measured(calibration: Calibration) -> str:
    head = ("source", "line", "drug", "metric", "measured", "nominal", "5 %", "median", "95 %")
    quantiles, lines = _quantiles(calibration), []
    for place, cell in enumerate(calibration.observations.rows.cells):
        said = (calibration.nominal_values[place], *quantiles[:, place])
        names = (cell.source, cell.line, cell.drugs[0], cell.metric)
        cells = "".join(f"<td>{html.escape(name)}</td>" for name in names)
        side = {1: "at least ", -1: "at most "}.get(cell.side, "")
        cells += f'<td class="n">{side}{_number(cell, cell.value):.3g}</td>'
        numbers = "".join(f'<td class="n">{_number(cell, value):.3g}</td>' for value in said)
        lines.append(f"<tr>{cells}{numbers}</tr>")
    title = "Every measured number; concentrations in nM"
    return f"<details><summary>{title}</summary>{_table(head, lines)}</details>"


def _interval(statement: Statement) -> str:
    lower, upper = statement.lower, statement.upper
    return f"{'' if lower is None else f'{lower:.4g}'} … {'' if upper is None else f'{upper:.4g}'}"


def _evidence(calibration: Calibration) -> str:
    head = ("row", "kind", "line", "observable", "statistic", "interval that holds", "nominal", "members")
    observations, lines = calibration.observations, []
    held = observations.holds(calibration.values).mean(axis=0)
    for statement, result, share in zip(observations.rows.statements, calibration.results, held, strict=True):
        names = (statement.id, statement.kind, statement.test.line.name, statement.observable)
        words = (*names, statement.statistic, _interval(statement))
        cells = "".join(f"<td>{html.escape(word)}</td>" for word in words)
        bad = "" if result.passed else ' class="bad"'
        numbers = f'<td class="n">{result.value:.3g}</td><td class="n">{share:.0%}</td>'
        lines.append(f"<tr{bad}>{cells}{numbers}</tr>")
    title = "Every statement; red: the nominal set misses it; members: the share that holds it"
    return f"<details open><summary>{title}</summary>{_table(head, lines)}</details>"


def _scatters(calibration: Calibration) -> str:
    metrics = dict.fromkeys(cell.metric for cell in calibration.observations.rows.cells)
    return "".join(_scatter(calibration, metric) for metric in metrics)


def _scatter(calibration: Calibration, metric: str) -> str:
    """Measured across, the nominal set up, members as a bar from 5 to 95 %; red outside of the bar's reach."""
    size, edge = 330.0, 46.0
    cells = calibration.observations.rows.cells
    places = [place for place, cell in enumerate(cells) if cell.metric == metric]
    label = f"log10 {metric}, nM" if cells[places[0]].is_concentration else metric
    span = (-2.0, 5.0) if cells[places[0]].is_concentration else (-1.0, 1.5)
    quantiles = _quantiles(calibration)

    def at(value: float) -> float:
        share = (min(max(value, span[0]), span[1]) - span[0]) / (span[1] - span[0])
        return edge + share * (size - 2 * edge)

    inner = size - 2 * edge
    parts = [
        element("rect", x=edge, y=edge, width=inner, height=inner, fill="none", stroke=AXIS),
        element("line", x1=edge, y1=size - edge, x2=size - edge, y2=edge, stroke=AXIS),
        text(size / 2, size - 8, f"measured {label}", 11, anchor="middle"),
        text(edge, edge - 10, f"predicted {label}", 11),
    ]
    for tick in (span[0], sum(span) / 2, span[1]):
        parts.append(text(at(tick), size - edge + 14, f"{tick:g}", 10, anchor="middle", fill=MUTED))
        parts.append(text(edge - 6, size - at(tick) + 4, f"{tick:g}", 10, anchor="end", fill=MUTED))
    for place in places:
        cell, low, high = cells[place], quantiles[0, place], quantiles[2, place]
        across, fill = at(cell.value), POSTERIOR if low <= cell.value <= high else BAD
        bottom, top = size - at(low), size - at(high)
        bar = element("line", x1=across, x2=across, y1=bottom, y2=top, stroke=fill, stroke_opacity="0.35")
        parts.append(bar)
        name = element("title", html.escape(f"{cell.line}, {cell.drugs[0]}, {cell.source}"))
        up = size - at(float(calibration.nominal_values[place]))
        parts.append(element("circle", name, cx=across, cy=up, r=2.2, fill=fill))
    return element("svg", "".join(parts), width=size, height=size, role="img")


def _free(calibration: Calibration) -> str:
    head = ("value", "line", "kind", "prior (grey) and posterior (blue: 5 to 95 %), in sd of the prior",
            "prior median", "nominal", "5 %", "median", "95 %", "width", "identified", "R-hat",
            "ESS")  # fmt: skip
    free, known = calibration.free, identified(calibration)
    prior, nominal = free.natural(np.stack([np.zeros(len(free)), calibration.nominal]))
    scores, widths = calibration.posterior_scores, calibration.width
    values, lines = free.natural(scores), []
    for index in np.argsort(widths, kind="stable").tolist():
        item = free.items[index]
        numbers = (prior[index], nominal[index], *values[:, index])
        names = "".join(f"<td>{html.escape(word)}</td>" for word in (item.name, item.line, item.kind))
        bar = _bar(scores[:, index], float(calibration.nominal[index]))
        cells = "".join(f'<td class="n">{value:.3g}</td>' for value in numbers)
        lines.append(
            f'<tr>{names}<td>{bar}</td>{cells}<td class="n">{widths[index]:.2f}</td>'
            f"<td>{'yes' if known[index] else ''}</td>"
            f'<td class="n">{calibration.r_hat[index]:.2f}</td>'
            f'<td class="n">{calibration.effective_size[index]:.0f}</td></tr>'
        )
    note = (
        '<p class="muted">Sorted by the width of the posterior as a share of the prior\'s: what the evidence '
        "fixes stands first. Identified: narrowed to half or less.</p>"
    )
    return note + _table(head, lines)


def _bar(scores: Floats, nominal: float) -> str:
    """Prior, posterior from 5 to 95 % with its median, and the nominal value as a point."""

    def at(score: float) -> float:
        return WIDTH * (min(max(score, -REACH), REACH) + REACH) / (2 * REACH)

    parts = [
        element("line", x1=0.0, x2=WIDTH, y1=8, y2=8, stroke=PRIOR, stroke_width=2),
        element("rect", x=at(-INNER), y=4, width=at(INNER) - at(-INNER), height=8, fill=PRIOR),
        element(
            "rect",
            x=at(scores[0]),
            y=6,
            width=max(at(scores[2]) - at(scores[0]), 1),
            height=4,
            fill=POSTERIOR,
        ),
        element("line", x1=at(scores[1]), x2=at(scores[1]), y1=3, y2=13, stroke=POSTERIOR, stroke_width=1.6),
        element("circle", cx=at(nominal), cy=8, r=2.4, fill=INK),
    ]
    return element("svg", "".join(parts), width=WIDTH, height=16.0)


def _table(head: Sequence[str], lines: Sequence[str]) -> str:
    top = "".join(f"<th>{html.escape(word)}</th>" for word in head)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _record(record: dict[str, object]) -> str:
    lines = []
    for name, value in record.items():
        lines.append(f"<tr><td>{html.escape(name)}</td><td>{html.escape(_short(value))}</td></tr>")
    return _table(("what", "value"), lines)


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(part)}" for name, part in value.items())
    if isinstance(value, list):
        return " ".join(_short(part) for part in value)
    return str(value)
