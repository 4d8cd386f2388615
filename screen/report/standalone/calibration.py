"""A calibration as one page that needs no network: how it was made, prior and posterior of each free value,
and predicted against measured for every measured row.
"""

import html
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screen.analysis.calibration.calibrate import Calibration
from screen.analysis.calibration.residuals import MEASURED
from screen.analysis.calibration_outputs.outputs import IDENTIFIED
from screen.analysis.evidence.table import Statement
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
    """Which free values (D,) the evidence narrows to half of their prior or less."""
    return np.asarray(calibration.ensemble.std(axis=0) <= IDENTIFIED)


def _summary(calibration: Calibration) -> str:
    record, known = calibration.record, identified(calibration)
    drawn = record["hold_draws"]
    failing = ", ".join(record["failing_nominal"]) or "none"
    return (
        f"<p><b>{record['hold_nominal']} of {record['statements']}</b> statements hold with the nominal set "
        f"(failing: {html.escape(failing)}); the {len(drawn)} draws hold {min(drawn)} to {max(drawn)} "
        f"(median {np.median(drawn):.0f}). {record['free']} values were free; the evidence narrows "
        f"{int(known.sum())} of them to half of their prior or less, and {int((~known).sum())} it does not. "
        f"Split R-hat of the values: median {record['r_hat']['median']:.2f}, largest "
        f"{record['r_hat']['largest']:.2f}; bulk effective sample size: median "
        f"{record['effective_size']['median']:.0f}.</p>"
    )


def _values(calibration: Calibration, place: int) -> Floats:
    """What the nominal set and every draw say of a row (1 + draws,)."""
    return np.array([row[place].value for row in calibration.results])


def _rows(calibration: Calibration) -> list[int]:
    return [number for number, s in enumerate(calibration.statements) if s.kind == MEASURED]


def _interval(statement: Statement) -> str:
    lower, upper = statement.lower, statement.upper
    return f"{'' if lower is None else f'{lower:.4g}'} … {'' if upper is None else f'{upper:.4g}'}"


def _middle(statement: Statement) -> str:
    """What was measured, the middle of the interval; empty for a row with one end."""
    lower, upper = statement.lower, statement.upper
    if lower is None or upper is None:
        return ""
    middle = math.sqrt(lower * upper) if statement.statistic.endswith("_nM") else (lower + upper) / 2
    return f"{middle:.3g}"


def _measured(calibration: Calibration) -> str:
    head = (
        "row",
        "line",
        "drug",
        "statistic",
        "interval that holds",
        "measured",
        "nominal",
        "5 %",
        "median",
        "95 %",
        "draws",
    )
    lines = []
    for place in _rows(calibration):
        statement = calibration.statements[place]
        said = _values(calibration, place)
        with np.errstate(invalid="ignore"):
            quantiles = np.quantile(said[1:], [0.05, 0.5, 0.95], method="nearest")
        held = np.mean([row[place].passed for row in calibration.results[1:]])
        names = (statement.id, statement.test.line.name, *statement.test.treatment.swept, statement.statistic)
        cells = "".join(f"<td>{html.escape(name)}</td>" for name in (*names, _interval(statement)))
        numbers = f'<td class="n">{_middle(statement)}</td>'
        numbers += "".join(f'<td class="n">{value:.3g}</td>' for value in (said[0], *quantiles))
        bad = "" if calibration.results[0][place].passed else ' class="bad"'
        lines.append(f'<tr{bad}>{cells}{numbers}<td class="n">{held:.0%}</td></tr>')
    return (
        "<details open><summary>Every measured row; red: the nominal set misses it; draws: the share that "
        f"holds it</summary>{_table(head, lines)}</details>"
    )


def _scatters(calibration: Calibration) -> str:
    return _scatter(calibration, "gr_max", "GR value at the top dose", (-1.0, 1.0), False) + _scatter(
        calibration, "gr50_nM", "log10 GR50, nM", (-1.0, 4.5), True
    )


def _scatter(
    calibration: Calibration, statistic: str, label: str, span: tuple[float, float], logarithmic: bool
) -> str:
    """Measured (middle of the interval) across, predicted up, draws as a bar from 5 to 95 %."""
    size, edge = 330.0, 46.0

    def at(value: float) -> float:
        share = (min(max(value, span[0]), span[1]) - span[0]) / (span[1] - span[0])
        return edge + share * (size - 2 * edge)

    parts = [
        element(
            "rect", x=edge, y=edge, width=size - 2 * edge, height=size - 2 * edge, fill="none", stroke=AXIS
        ),
        element("line", x1=edge, y1=size - edge, x2=size - edge, y2=edge, stroke=AXIS),
        text(size / 2, size - 8, f"measured {label}", 11, anchor="middle"),
        text(edge, edge - 10, f"predicted {label}", 11),
    ]
    for tick in (span[0], sum(span) / 2, span[1]):
        parts.append(text(at(tick), size - edge + 14, f"{tick:g}", 10, anchor="middle", fill=MUTED))
        parts.append(text(edge - 6, size - at(tick) + 4, f"{tick:g}", 10, anchor="end", fill=MUTED))
    for place in _rows(calibration):
        statement = calibration.statements[place]
        if statement.statistic != statistic or statement.lower is None or statement.upper is None:
            continue
        said = _values(calibration, place)
        bounds = np.array([statement.lower, statement.upper])
        if logarithmic:
            with np.errstate(divide="ignore"):
                said, bounds = np.log10(said), np.log10(bounds)
        across = at(float(bounds.mean()))
        low, high = np.quantile(said[1:], [0.05, 0.95], method="nearest")
        good = calibration.results[0][place].passed
        fill = POSTERIOR if good else BAD
        parts.append(
            element(
                "line",
                x1=across,
                x2=across,
                y1=size - at(low),
                y2=size - at(high),
                stroke=fill,
                stroke_opacity="0.35",
            )
        )
        parts.append(element("circle", element("title", html.escape(statement.id)), cx=across,
                             cy=size - at(float(said[0])), r=2.6, fill=fill))  # fmt: skip
    return element("svg", "".join(parts), width=size, height=size, role="img")


def _free(calibration: Calibration) -> str:
    head = ("value", "line", "kind", "prior (grey) and posterior (blue: 5 to 95 %), in sd of the prior",
            "prior median", "nominal", "5 %", "median", "95 %", "width", "identified", "R-hat",
            "ESS")  # fmt: skip
    priors, known = calibration.priors, identified(calibration)
    values, nominal = priors.values(calibration.ensemble), priors.values(calibration.nominal)
    lines = []
    for index in np.argsort(calibration.ensemble.std(axis=0), kind="stable").tolist():
        item = priors.free[index]
        scores = np.quantile(calibration.ensemble[:, index], [0.05, 0.5, 0.95])
        low, middle, high = np.quantile(values[:, index], [0.05, 0.5, 0.95])
        numbers = (item.median, nominal[index], low, middle, high)
        names = "".join(f"<td>{html.escape(word)}</td>" for word in (item.name, item.line, item.kind))
        bar = _bar(item.reach, scores, float(calibration.nominal[index]))
        cells = "".join(f'<td class="n">{value:.3g}</td>' for value in numbers)
        width = float(calibration.ensemble[:, index].std())
        lines.append(
            f'<tr>{names}<td>{bar}</td>{cells}<td class="n">{width:.2f}</td>'
            f"<td>{'yes' if known[index] else ''}</td>"
            f'<td class="n">{calibration.r_hat[index]:.2f}</td>'
            f'<td class="n">{calibration.effective[index]:.0f}</td></tr>'
        )
    note = (
        '<p class="muted">Sorted by the width of the posterior as a share of the prior\'s: what the evidence '
        "fixes stands first. Identified: narrowed to half or less.</p>"
    )
    return note + _table(head, lines)


def _bar(reach: float, scores: Floats, nominal: float) -> str:
    """Prior within reach, posterior from 5 to 95 % with its median, and the nominal value as a point."""

    def at(score: float) -> float:
        return WIDTH * (min(max(score, -REACH), REACH) + REACH) / (2 * REACH)

    inner = min(1.645, reach)
    parts = [
        element("line", x1=at(-reach), x2=at(reach), y1=8, y2=8, stroke=PRIOR, stroke_width=2),
        element("rect", x=at(-inner), y=4, width=at(inner) - at(-inner), height=8, fill=PRIOR),
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
