"""The lines that plates are of, before any well is read: named lines, lines of a table or of gene expression, lines
known only to be like a named one, and variants of these under a lasting perturbation (a knock-down).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.fit_line.prior import line_prior
from screen.arrays import Floats
from screen.errors import InputError, plain
from screen.pathway import CellLine, Pathway
from screen.pathway.tables.ensemble import Draw
from screen.pathway.tables.line_omics import UNMEASURED

BIRTH = "k_birth"
BIRTH_SD = 0.15
"""ln of the division rate between laboratories and passages (assumed)."""
UNKNOWN_BIRTH_SD = 0.37
"""The same of a line whose doubling time nobody states: between the named lines (`population.tsv`)."""


@dataclass(frozen=True)
class SubjectLine:
    """A line as plates name it: `line` holds its values, `origin` names the line whose abundances it shares (itself,
    but for a variant under a `perturbation`), `like` the line that a new one is drawn around, `spread` times as wide.
    """

    name: str
    line: CellLine
    origin: str
    perturbation: Mapping[str, float] = field(default_factory=dict)
    like: CellLine | None = None
    spread: float = 1.0


@dataclass(frozen=True)
class OwnDeviation:
    """What one line may deviate from what the ensemble says of it: normal deviations of the natural logarithms of
    `entities` (E,), `root` (E, E) times standard normal numbers.
    """

    entities: tuple[str, ...]
    root: Floats


def subjects_of(
    pathway: Pathway,
    named: Sequence[str],
    lines: Sequence[CellLine],
    perturbations: Sequence[Mapping[str, float]],
    around: Mapping[str, tuple[str, float]],
) -> dict[str, SubjectLine]:
    """Each line that plates name, by that name: from `lines` (with their perturbations), from `around` (a named line
    and the width's scale), else of the model. Raises `InputError` for a line that is none of these.
    """
    known = {plain(line.name): (line, dict(factors)) for line, factors in zip(lines, perturbations)}
    like = {plain(name): value for name, value in around.items()}
    found = {}
    for name in named:
        key = plain(name)
        if key in like:
            center = pathway.cell_line(like[key][0])
            line = replace(center, name=name, parent=None, omics=None, source=f"around {center.name}")
            found[name] = SubjectLine(name, line, name, {}, center, like[key][1])
        elif key in known:
            line, factors = known[key]
            parent = line.parent if factors and line.parent else None
            base = next((one for one in lines if one.name == parent), None)
            if parent is not None:
                line = base or pathway.cell_line(parent)
            found[name] = SubjectLine(name, line, line.name, factors)
        else:
            try:
                line = pathway.cell_line(name)
            except InputError as error:
                raise InputError(
                    f"{error}; a line of your own stands in `cell_lines` (a table, expression) or in `around`"
                ) from None
            found[name] = SubjectLine(name, line, line.name)
    return found


def ensemble_values(subject: SubjectLine, pathway: Pathway, draw: Draw) -> dict[str, float]:
    """The line's values in a draw of the ensemble: its own, or those of the line that it is like."""
    line = subject.like or subject.line
    if subject.like is not None and subject.name in draw.lines:
        return dict(line.values) | dict(draw.lines[subject.name])
    parent = pathway.cell_lines.get(line.parent or "")
    return draw.line_values(line, parent) | dict(draw.lines.get(subject.origin, {}))


def own_deviation(
    subject: SubjectLine, pathway: Pathway, abundance: AbundancePrior, varied: Mapping[str, float]
) -> OwnDeviation:
    """What is added to the ensemble: entities that it does not vary deviate as the omics map says, those of a line
    that is like another as lines differ; division rates differ between laboratories. `varied` are the widths of the
    ensemble by entity.
    """
    line = subject.line
    if subject.like is not None:
        population = line_prior(pathway, subject.like, subject.spread)
        return OwnDeviation(population.names, population.root)
    widths: dict[str, float] = {}
    for entity, (group, levels) in abundance.entities.items():
        present = line.values.get(entity, pathway.unstated.get(entity, 0.0)) > 0
        if entity in pathway.entities and present and varied.get(entity, 0.0) == 0:
            measured = line.omics is not None or (line.parent or line.name) in levels
            widths[entity] = abundance.groups[group].deviation_sd * (1.0 if measured else UNMEASURED)
    stated = line.doubling_h is not None or BIRTH in line.values
    widths[BIRTH] = BIRTH_SD if stated else UNKNOWN_BIRTH_SD
    return OwnDeviation(tuple(widths), np.diag(list(widths.values())))
