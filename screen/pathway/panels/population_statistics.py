"""How the named HER2-positive lines differ, as numbers of `population.tsv`: recomputed from `cell_lines.tsv`,
so that lines sampled from that table have their medians, widths and correlations. No response enters.

The named lines give the rows whose source begins with them. What a line does not state is the reference
line's, as it is when that line is simulated. Lines with an alteration (PTEN lost, SRC raised) are left out of
that entity's median and width; in which share of lines it occurs is not theirs to say.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.pathway.panels.sampled_lines import FACTORS, Spread, load_population
from screen.pathway.pathway import Pathway
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.tsv import Row, rewrite_table

SOURCE = "named lines"
NOT_AMPLIFIED = "MCF10A"
MEDIAN, AMOUNT = "{:.3g}", "{:.2g}"
"""As the table has them."""


def amplified(pathway: Pathway) -> list[CellLine]:
    """The named lines of HER2-positive disease."""
    return [line for line in pathway.cell_lines.values() if line.name != NOT_AMPLIFIED]


def describe(pathway: Pathway, members: Sequence[Spread]) -> tuple[Spread, ...]:
    """The members whose source is the named lines, with the numbers that these give: geometric mean, sd of
    the natural logarithm, and amount where altered (of the lines nearer to it than to the median).

    Those without a group also get loadings on common factors, the first principal components of the
    correlation of their logarithms: the lines are too few to tell every correlation apart.
    """
    known = [member for member in members if member.source.startswith(SOURCE)]
    logs = np.log(_levels(pathway, known))
    away = _kept_apart(known, logs)
    plain = np.where(away, np.nan, logs)
    center, width = np.nanmean(plain, axis=0), np.nanstd(plain, axis=0, ddof=1)
    free = np.array([not member.group for member in known])
    factors = np.zeros((len(known), len(FACTORS)))
    factors[free] = components(np.where(away, center, logs)[:, free], len(FACTORS))
    return tuple(
        replace(
            member,
            median=float(np.exp(center[k])),
            sd_ln=float(width[k]),
            amount=float(np.exp(logs[away[:, k], k].mean())) if away[:, k].any() else member.amount,
            factors=tuple(factors[k].tolist()),
        )
        for k, member in enumerate(known)
    )


def components(values: Floats, count: int) -> Floats:
    """Loadings (E, `count`) of columns of `values` (L, E) on the first principal components of their
    correlation: the largest of each component is positive.
    """
    share, vectors = np.linalg.eigh(np.corrcoef(values.T))
    found = vectors[:, ::-1][:, :count] * np.sqrt(share[::-1][:count])
    largest = found[np.abs(found).argmax(axis=0), np.arange(count)]
    return np.asarray(found * np.sign(largest))


def stated(pathway: Pathway, entity: str) -> int:
    """How many of the lines state an entity."""
    return sum(entity in line.values for line in amplified(pathway))


def write_population(pathway: Pathway, path: Path) -> Path:
    """Write population.tsv to `path` with the named lines' numbers in it; the other rows stay as they are."""
    found = {member.entity: member for member in describe(pathway, load_population())}

    def change(row: Row) -> None:
        if row["entity"] not in found:
            return
        member = found[row["entity"]]
        row["median"], row["sd_ln"] = MEDIAN.format(member.median), f"{member.sd_ln:.3g}"
        row["lines"] = str(stated(pathway, member.entity))
        if member.prevalence:
            row["amount"] = AMOUNT.format(member.amount)
        if not member.group:
            row.update(zip(FACTORS, (f"{value:.2f}" for value in member.factors)))

    return rewrite_table(path, change)


def _levels(pathway: Pathway, members: Sequence[Spread]) -> Floats:
    """Each member's factor on the reference line in each line, (L, M)."""
    reference = {"k_birth": pathway.parameters["k_birth"].value}
    usual = pathway.unstated | reference
    return np.array(
        [
            [
                line.values.get(member.entity, usual[member.entity]) / reference.get(member.entity, 1.0)
                for member in members
            ]
            for line in amplified(pathway)
        ]
    )


def _kept_apart(members: Sequence[Spread], logs: Floats) -> NDArray[np.bool_]:
    """Which lines have an entity altered, (L, M): nearer to its amount where altered than to its median, both as these
    lines give them and the table says. Begun at the members' own, which are of other lines after a calibration, until
    no line changes sides.
    """
    away = np.array([_altered(member, column) for member, column in zip(members, logs.T)]).T
    for k, member in enumerate(members):
        for _ in range(len(logs)):
            side = away[:, k]
            if not side.any() or side.all():
                break
            median = float(MEDIAN.format(np.exp(logs[~side, k].mean())))
            amount = float(AMOUNT.format(np.exp(logs[side, k].mean())))
            again = _altered(replace(member, median=median, amount=amount), logs[:, k])
            if (again == side).all():
                break
            away[:, k] = again
    return away


def _altered(member: Spread, logs: Floats) -> NDArray[np.bool_]:
    if not member.prevalence:
        return np.zeros(len(logs), dtype=bool)
    return np.asarray(np.abs(logs - np.log(member.amount)) < np.abs(logs - np.log(member.median)))
