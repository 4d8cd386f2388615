"""Slopes of residuals and values by finite differences, many free values in one simulation.

Free values that touch no row in common (abundances of different lines, potencies of drugs that no row
combines) are moved together (Curtis, Powell and Reid 1974, 10.1093/imamat/13.1.117).
"""

import numpy as np
from numpy.typing import NDArray

from screen.analysis.calibration.objective import Evaluation, Objective
from screen.analysis.evidence.table import Statement
from screen.arrays import Floats

STEP = 0.02
"""Of a standard deviation of the prior; away from the nearer bound."""


def touched(objective: Objective) -> NDArray[np.bool_]:
    """Which residuals (rows + lines, D) a free value can move at all."""
    priors, statements = objective.priors, objective.statements
    parents = objective.wells.parents
    lines = objective.wells.lines
    table = np.ones((len(statements) + len(lines), len(priors.free)), dtype=bool)
    agents = objective.wells.potencies
    for number, item in enumerate(priors.free):
        if item.line:
            family = {line for line in lines if item.line in (line, parents.get(line))}
            rows = [{s.test.line.name, s.reference.line.name} & family for s in statements]
            table[:, number] = [bool(row) for row in rows] + [line in family for line in lines]
        elif item.name in agents:
            drug = agents[item.name]
            table[:, number] = [drug in _agents(s) for s in statements] + [False] * len(lines)
    return table


def _agents(statement: Statement) -> set[str]:
    return {
        agent
        for condition in (statement.test, statement.reference)
        for agent in (*condition.treatment.doses, *condition.treatment.swept)
    }


def groups(table: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Columns that share no row, group by group, the fullest columns first; empty columns are left out."""
    order = np.argsort(-table.sum(axis=0), kind="stable")
    members: list[list[int]] = []
    taken: list[NDArray[np.bool_]] = []
    for column in order.tolist():
        rows = table[:, column]
        if not rows.any():
            continue
        for place, used in enumerate(taken):
            if not (used & rows).any():
                members[place].append(column)
                taken[place] = used | rows
                break
        else:
            members.append([column])
            taken.append(rows.copy())
    return [np.array(group, dtype=np.intp) for group in members]


def slopes(
    objective: Objective, scores: Floats, here: Evaluation, table: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Derivatives by the scores (D,) of the residuals (rows + lines, D) and of the values (rows, D).

    `here` is the evaluation of these scores alone, `table` what `touched` says.
    """
    sets = groups(table)
    step = np.where(scores > 0, -STEP, STEP)
    moved = np.repeat(scores[None], len(sets), axis=0)
    for row, group in zip(moved, sets):
        row[group] += step[group]
    there = objective.evaluate(moved)
    residuals, values = np.zeros(table.shape), np.zeros((len(objective.statements), len(scores)))
    for number, group in enumerate(sets):
        for column in group.tolist():
            rows = table[:, column]
            residuals[rows, column] = (there.residuals[number] - here.residuals[0])[rows] / step[column]
            inner = rows[: len(values)]
            values[inner, column] = (there.values[number] - here.values[0])[inner] / step[column]
    return residuals, values
