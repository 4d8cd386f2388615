"""Skill as a table for a terminal: a row a source and metric, its nulls below it."""

import math

from rich.table import Table

from screen.analysis.skill.agreement import Figures
from screen.analysis.skill.evidence_score import Skill
from screen.errors import printable

COLUMNS = {
    "rho": "rho",
    "rho_within_drug": "in drug",
    "rho_within_line": "in line",
    "specificity": "specific",
    "rmse": "rmse",
    "coverage_90": "in 90 %",
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


def skill_table(skill: Skill) -> Table:
    """Ranks are Spearman's; `in drug` over lines, `in line` over drugs; `in 90 %` the share of measured numbers inside
    the 90 % interval; of pairs `in drug` is over lines within a pair, `pairs` over means of pairs.
    """
    shown = [name for name in COLUMNS if any(name in one.figures for one in skill.sources)]
    table = Table(
        "source", "metric", "n", *(COLUMNS[name] for name in shown), title="Skill on measured numbers"
    )
    for one in skill.sources:
        table.add_row(printable(one.source), printable(one.metric), str(one.n), *_texts(one.figures, shown))
        if "rho" in one.low:
            table.add_row("", "  rho, 95 % interval", "", f"{one.low['rho']:.2f} to {one.high['rho']:.2f}")
        for name, figures in one.nulls.items():
            table.add_row("", f"  {NULLS[name]}", "", *_texts(figures, shown), style="dim")
    return table


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
