"""The data of a page: names, summaries and packed surfaces, thinned to a size and saying what is left out."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from screen.analysis.markers.associations import Association
from screen.arrays import Array
from screen.cube.status import FAILED
from screen.report.cube_view.marker_names import marker_words, readout_label
from screen.report.cube_view.view import CubeView
from screen.report.drawing import style
from screen.report.figures.registry import all_figures
from screen.report.findings.findings import Findings
from screen.report.findings.gap import CLOSED
from screen.report.findings.markers import marker_table
from screen.report.findings.resensitisation import Recovery
from screen.report.findings.skill import line_words, verdict
from screen.report.page.array_encoding import pack
from screen.report.page.surfaces import add_surfaces
from screen.report.sections.section import Content, Section

POINTS_STEP = 0.1
"""What is printed of an excess: the page rounds the same number to the same digit as the tables and the terminal."""
LOG_STEP = 0.0003


def safe_json(value: Any) -> str:
    """JSON that may stand inside a script element: no `<`, no U+2028/2029; NaN and infinity become null."""
    text = json.dumps(finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escape in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(character, escape)
    return text


def finite(value: Any) -> Any:
    """The same value with every number that JSON cannot hold replaced by None."""
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, np.ndarray):
        return finite(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def payload_of(
    findings: Findings, sections: Sequence[tuple[Section, Content]], limit_bytes: float
) -> tuple[dict[str, Any], list[str]]:
    """The page's data and the sentences that say what is not in it, kept under `limit_bytes` of JSON."""
    view, recovery, file = findings.view, findings.recovery, findings.file
    chunks: dict[str, Any] = {}
    data: dict[str, Any] = {
        "title": view.title,
        "anchor": view.anchor,
        "anchor_nM": recovery.anchor_nM,
        "gap": {
            "closed": CLOSED,
            "draws": recovery.gap.draws,
            "doses": recovery.gap.wells.doses,
            "at_peak": recovery.gap.wells.at_peak,
            "none": recovery.gap.none.any(axis=1),
        },
        "opens": opening_pair(findings),
        "order": findings.partner_order,
        "lines": view.lines,
        "parents": view.parents,
        "resistant": recovery.resistant,
        "her2_low": recovery.her2_low,
        "combinations": view.combinations,
        "drug_1": view.drug_1,
        "drug_2": view.drug_2,
        "partners": view.partners,
        "times": view.times_h,
        "peaks": view.peak_nM,
        "concentration_1": rounded(view.concentration_1),
        "concentration_2": rounded(view.concentration_2),
        "models": [{"name": model.name, "label": model.label} for model in view.models],
        "main_model": view.main_model.name if view.main_model else None,
        "readouts": [
            {"name": item.name, "label": readout_label(item.name, item.label), "units": item.units}
            for item in view.readouts.values()
        ],
        "palette": {
            "diverging": style.DIVERGING,
            "sequential": style.SEQUENTIAL,
            "categorical": style.CATEGORICAL,
            "missing": style.MISSING,
        },
        "markers": marker_table(view),
        "associations": [
            [item.marker, item.target, item.lines, *rounded_to(item, 4)] for item in findings.associations
        ],
        "marker_words": {
            name: words
            for name in (*view.markers, *(item.marker for item in findings.associations))
            if (words := marker_words(name)) != name
        },
        "line_notes": {name: list(texts) for name, texts in view.line_notes.items()},
        "reference": recovery.reference,
        "reference_names": recovery.reference_names,
        "alone": recovery.alone,
        "calibrated": [line_words(view, row) for row in range(len(view.lines))],
        "verdicts": [verdict(view, column) for column in range(len(view.combinations))],
        "ensemble": {
            "draws": view.ensemble.draws,
            "level": view.ensemble.level,
            "from": recovery.interval_from,
        },
        "reasons": reasons(view),
        "extras": {
            name: words
            for name, words in view.extra_labels.items()
            if not name.endswith(("_low", "_high", "_median"))
        },
        "cube": file.name if file is not None else f"{view.title}.h5",
        "panels": [
            {"section": figure.section, "id": name, "title": title}
            for figure in all_figures()
            for name, title in figure.panels
        ],
        "sections": {section.id: content.data for section, content in sections},
        "chunks": chunks,
    }
    add_summaries(chunks, view, recovery)
    notes = [*view.left_out, *add_surfaces(chunks, view, recovery, limit_bytes - len(safe_json(data)))]
    return data, notes


def opening_pair(findings: Findings) -> tuple[int, int] | None:
    """(row, column) of the pair that the page opens with: the answer's first."""
    lines = findings.answer.lines
    return (findings.view.lines.index(lines[0].line), lines[0].combination) if lines else None


def rounded_to(item: Association, digits: int) -> list[float]:
    return [float(f"{value:.{digits}g}") for value in (item.rho, item.low, item.high, item.q)]


def rounded(values: Array) -> list[Any]:
    """Concentrations to six significant digits, nested as (cell_line or 1, combination, dose)."""
    return [
        [[float(f"{dose:.6g}") if np.isfinite(dose) else None for dose in row] for row in block]
        for block in values
    ]


def reasons(view: CubeView) -> dict[str, dict[str, str]]:
    """model -> "row,column,time" -> why there is no score."""
    found: dict[str, dict[str, str]] = {}
    for model in view.models:
        if model.reason is None:
            continue
        where = np.argwhere(np.asarray(model.reason, dtype=object) != "")[:5000]
        said = {",".join(map(str, at)): text for at in where if (text := as_text(model.reason[tuple(at)]))}
        if said:
            found[model.name] = said
    return found


def as_text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def add_summaries(chunks: dict[str, Any], view: CubeView, recovery: Recovery) -> None:
    """Per (cell_line, combination, time): scores, gain, re-sensitisation dose (log10 nM), intervals."""
    for model in view.models:
        for part, values in (
            ("mean", model.mean),
            ("best", model.best),
            ("low", model.low),
            ("high", model.high),
            ("probability", model.probability),
        ):
            if values is not None:
                step = 1 / max(100, view.ensemble.draws) if part == "probability" else POINTS_STEP
                chunks[f"{model.name}:{part}"] = pack(printed(values, step), step)
    gap = recovery.gap
    resistant = recovery.resistant[:, None, None]
    for end, share in (("", gap.closed), (":low", gap.low), (":high", gap.high)):
        if share is not None:
            chunks[f"closed{end}"] = pack(np.where(resistant, np.floor(100 * share + 0.5), np.nan), 1.0)
    if gap.probability is not None:
        chunks["closed:probability"] = pack(np.where(resistant, gap.probability, np.nan), 1 / gap.draws)
    chunks["gain"] = pack(printed(100 * recovery.gain, POINTS_STEP), POINTS_STEP)
    chunks["recovery"] = pack(log_dose(recovery.dose), LOG_STEP)
    if recovery.low is not None and recovery.high is not None:
        chunks["recovery:low"], chunks["recovery:high"] = (
            pack(log_dose(part), LOG_STEP) for part in (recovery.low, recovery.high)
        )
    for name, values in view.extra_scores.items():
        if name.endswith(("_low", "_high", "_median")):
            continue  # the tables hold them
        chunks[f"extra:{name}"] = pack(view.extra_scores.get(f"{name}_median", values))
    chunks["failed"] = pack((view.status == FAILED).sum(axis=(2, 3)).astype(float), 1.0)


def printed(values: Array, step: float) -> Array:
    """Points as they are printed, to one decimal as Python rounds it; shares of draws as they are."""
    if step != POINTS_STEP:
        return values
    rounded_values = [round(value, 1) for value in np.asarray(values, float).ravel().tolist()]
    return np.array(rounded_values).reshape(values.shape)


def log_dose(dose: Array) -> Array:
    """log10 nM to the three digits that are printed, -9 for zero, 9 for not reached, NaN for unknown: what the script
    expects of a dose.
    """
    dose = np.array([float(f"{value:.3g}") for value in dose.ravel().tolist()]).reshape(dose.shape)
    with np.errstate(divide="ignore"):
        return np.where(
            np.isinf(dose),
            9.0,
            np.where(
                dose > 0, np.log10(np.where(dose > 0, dose, 1.0)), np.where(np.isnan(dose), np.nan, -9.0)
            ),
        )
