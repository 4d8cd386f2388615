"""Skill as the JSON object of DESIGN section 8: infinite numbers as text, what is not a number as null."""

import json
import math
from pathlib import Path
from typing import Any

from screen.analysis.skill.agreement import Figures
from screen.analysis.skill.evidence_score import CellPrediction, Skill
from screen.files import write_text


def as_record(skill: Skill) -> dict[str, Any]:
    """The JSON object of DESIGN section 8: infinite numbers as the strings "inf" and "-inf", NaN as null."""
    return {
        "sources": [
            {
                **{name: getattr(one, name) for name in ("source", "metric", "n", "lines", "drugs")},
                **_plain(one.figures),
                **{f"{name}_low": _number(value) for name, value in one.low.items()},
                **{f"{name}_high": _number(value) for name, value in one.high.items()},
                "nulls": {name: _plain(figures) for name, figures in one.nulls.items()},
            }
            for one in skill.sources
        ],
        "cells": [_cell_record(one) for one in skill.cells],
        "skipped": skill.skipped,
    }


def _cell_record(one: CellPrediction) -> dict[str, Any]:
    cell = one.cell
    return {
        "source": cell.source,
        "cell_line": cell.line,
        "drug_1": cell.drugs[0],
        "drug_2": cell.drugs[1] if cell.is_pair else "",
        "metric": cell.metric,
        "time_h": cell.time_h,
        "measured": _number(one.measured),
        "censored": {1: "above", -1: "below"}.get(cell.side, ""),
        "predicted": _number(one.predicted),
        "low": _number(one.low),
        "high": _number(one.high),
        "calibrated": one.line_calibrated and one.drug_calibrated,
        "line_calibrated": one.line_calibrated,
        "drug_calibrated": one.drug_calibrated,
    }


def _plain(figures: Figures) -> dict[str, Any]:
    return {name: _number(value) for name, value in figures.items()}


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def json_text(skill: Skill) -> str:
    """The record as text."""
    return json.dumps(as_record(skill), indent=1, allow_nan=False)


def write_json(skill: Skill, path: Path) -> None:
    """The record as a file, whole or not at all."""
    write_text(path, json_text(skill) + "\n")
