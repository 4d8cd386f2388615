"""Skill as a table: a row a source and metric, its nulls below it."""

import math

from screen.analysis.skill.agreement import Figures
from screen.analysis.skill.evidence_score import Skill

COLUMNS = {
    "rho": "rho",
    "rho_within_drug": "in drug",
    "rho_within_line": "in line",
    "specificity": "specific",
    "rmse": "rmse",
    "coverage_90": "in 90 %",
    "width_90": "width",
    "interval_score": "score",
    "sign": "sign",
    "top_quartile_auc": "top 1/4",
    "rho_pair_means": "pairs",
}
NULLS = {
    "drug_mean": "mean of the drug",
    "line_mean": "mean of the line",
    "drug_and_line_mean": "both means",
    "same_pair_other_lines": "same pair, other lines",
    "always_positive": "always positive",
}
LISTED = 40


def skill_table(skill: Skill) -> tuple[list[str], list[list[str]], list[str]]:
    """Columns, rows and the columns that hold numbers: of each source and metric the model's row, then its nulls'.

    Ranks are Spearman's; `in drug` over lines, `in line` over drugs; `in 90 %` the share of measured numbers inside
    the 90 % interval, `width` its mean width and `score` its mean interval score (lower is better); of pairs `in drug`
    is over lines within a pair, `pairs` over means of pairs.
    """
    shown = [name for name in COLUMNS if any(name in one.figures for one in skill.sources)]
    numbers = ["n", *(COLUMNS[name] for name in shown)]
    rows = []
    for one in skill.sources:
        interval = f"{one.low['rho']:.2f} to {one.high['rho']:.2f}" if "rho" in one.low else ""
        rows.append([one.source, one.metric, "model", str(one.n), *_texts(one.figures, shown), interval])
        for name, figures in one.nulls.items():
            rows.append([one.source, one.metric, NULLS[name], str(one.n), *_texts(figures, shown), ""])
    return ["source", "metric", "predicted by", *numbers, "rho, 95 % interval"], rows, numbers


def _texts(figures: Figures, shown: list[str]) -> list[str]:
    values = [figures.get(name, math.nan) for name in shown]
    return ["" if math.isnan(value) else f"{value:.2f}" for value in values]


def skipped_lines(skill: Skill) -> list[str]:
    """What was left out and why, most rows first."""
    ordered = sorted(skill.skipped.items(), key=lambda item: -item[1])
    lines = [f"left out: {count} rows, {reason}" for reason, count in ordered[:LISTED]]
    if len(ordered) > LISTED:
        rest = sum(count for _, count in ordered[LISTED:])
        lines.append(
            f"left out: {rest} more rows for {len(ordered) - LISTED} more reasons (--json lists them)"
        )
    return lines
