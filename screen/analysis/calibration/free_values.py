"""What calibration may move, as one table: each free value is a normal score of its prior.

Shared parameters (kind `calibrated` of `parameters.tsv`) are log-normal, or logit-normal where they begin at 0, with
their bounds two standard deviations away. A drug has one shift from its biochemical potencies to cells, the same on
every target, and one more where it is unspecific. A line's entity has the factor exp(exponent x level + deviation):
the level is measured (omics), the exponent (0 or more) one for a group of entities, the deviation the line's own. A
derivative has its parent's factors times its own, where a source says that they differ. No calibrated number enters a
prior.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.arrays import Floats, Indices
from screen.pathway import CellLine, Pathway
from screen.pathway.panels.derivative_lines import load_derivatives
from screen.pathway.tables.drugs import potency_id
from screen.pathway.tables.ensemble import Draw
from screen.pathway.tables.line_omics import UNMEASURED

LOGARITHM, FRACTION = "logarithm", "fraction"
EXPONENT, SHIFT, UNSPECIFIC = "exponent", "shift", "unspecific"
DEVIATION, DERIVATIVE = "deviation", "derivative"
KINDS = (LOGARITHM, FRACTION, EXPONENT, SHIFT, UNSPECIFIC, DEVIATION, DERIVATIVE)
SHARED = frozenset({LOGARITHM, FRACTION, EXPONENT})
"""Kinds that may move every row."""
BOUND = 2.0
"""Standard deviations from a shared parameter's median to its bounds."""
FRACTION_SD = 1.2
"""Of the logit."""
SHIFT_LN, SHIFT_SD = 0.5, 0.9
"""Small molecules: cells need more than enzymes do; antibodies are expected at their measured affinity."""
UNSPECIFIC_SD = 1.0
MOST_SHIFT = math.log(10) * (1 - 1e-4)
"""`drugs.tsv` holds potencies within 10-fold of measured ones."""
MOST_FACTOR = 4.0
"""The natural logarithm of a line's factor is kept within this."""


@dataclass(frozen=True)
class FreeValue:
    """One score: 0 is the prior's mean `mean`, 1 one standard deviation `sd` above, both on the scale of `kind`
    (logarithm, logit, or as it is). `name` is a parameter, group, drug or entity; `line` that of an entity.
    """

    kind: str
    name: str
    line: str
    mean: float
    sd: float
    lower: float = -math.inf
    upper: float = math.inf

    @property
    def label(self) -> str:
        """A shared parameter's own name, else `kind:name`; of a line's entity `line:kind:name`."""
        if self.kind in (LOGARITHM, FRACTION):
            return self.name
        return ":".join(filter(None, (self.line, self.kind, self.name)))


@dataclass(frozen=True)
class ModelQuantity:
    """A number that the model is given: a parameter, a potency, or (with a `line`) an entity's factor."""

    name: str
    line: str = ""


@dataclass(frozen=True, eq=False)
class FreeValues:
    """All free values, and the quantities that they make. Build it with `free_values`."""

    items: tuple[FreeValue, ...]
    quantities: tuple[ModelQuantity, ...]
    shared: Indices  # (S,) items of the first S quantities
    potency: Indices  # (P,) items of the next P
    measured_nM: Floats  # (P,)
    level: Floats  # (E,) of the last E quantities, lines' factors
    parts: Indices  # (E, 3) items of each factor: exponent, deviation, derivative; -1 for none

    def __len__(self) -> int:
        return len(self.items)

    def values(self, scores: Floats) -> Floats:
        """The quantities (K, Q) at scores (K, D)."""
        natural = self.natural(scores)
        potency = self.measured_nM * natural[:, self.potency]
        padded = np.concatenate([self._plain(scores), np.zeros((len(scores), 1))], axis=1)
        exponent, deviation, derivative = (padded[:, part] for part in self.parts.T)
        factor = np.clip(exponent * self.level + deviation + derivative, -MOST_FACTOR, MOST_FACTOR)
        return np.concatenate([natural[:, self.shared], potency, np.exp(factor)], axis=1)

    def natural(self, scores: Floats) -> Floats:
        """Each free value (K, D) as a person reads it: parameters in their unit, exponents, everything else as a
        factor.
        """
        plain = self._plain(scores)
        upper, lower = self._bounds
        share = upper / (1 + np.exp(-plain))
        power = np.exp(np.clip(plain, -50, 50))
        bounded = np.clip(power, lower, upper)
        found = np.where(self._is(FRACTION), share, np.where(self._is(EXPONENT), plain, bounded))
        return np.asarray(found)

    def pulled(self, scores: Floats, by_quantity: Floats) -> Floats:
        """Derivatives by quantities (K, Q) as derivatives by scores (K, D); 0 where a bound holds a value."""
        natural, plain = self.natural(scores), self._plain(scores)
        upper, lower = self._bounds
        inside = (natural > lower) & (natural < upper)
        turn = np.where(self._is(FRACTION), natural * (1 - natural / upper), np.where(inside, natural, 0.0))
        turn = np.where(self._is(EXPONENT), plain > 0, turn)
        by_plain = np.zeros_like(scores)
        first, second = len(self.shared), len(self.shared) + len(self.potency)
        _add(by_plain, self.shared, by_quantity[:, :first] * turn[:, self.shared])
        weight = by_quantity[:, first:second] * self.measured_nM
        _add(by_plain, self.potency, weight * turn[:, self.potency])
        factor = self.values(scores)[:, second:]
        free = np.abs(np.log(factor)) < MOST_FACTOR
        by_factor = np.where(free, by_quantity[:, second:] * factor, 0.0)
        exponent = np.where(plain > 0, 1.0, 0.0)
        for number, part in enumerate(self.parts.T):
            known = part >= 0
            share = self.level[known] * exponent[:, part[known]] if number == 0 else 1.0
            _add(by_plain, part[known], by_factor[:, known] * share)
        return np.asarray(by_plain * [item.sd for item in self.items])

    def draw(self, scores: Floats) -> Draw:
        """The parameter set at scores (D,): model values, each line's factors, the groups' exponents."""
        values: dict[str, float] = {}
        lines: dict[str, dict[str, float]] = {}
        for quantity, value in zip(self.quantities, self.values(scores[None])[0], strict=True):
            target = lines.setdefault(quantity.line, {}) if quantity.line else values
            target[quantity.name] = float(value)
        exponents = {
            item.name: float(value)
            for item, value in zip(self.items, self.natural(scores[None])[0], strict=True)
            if item.kind == EXPONENT
        }
        return Draw(values, lines, exponents)

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """Scores (count, D) of members of the prior."""
        return rng.standard_normal((count, len(self.items)))

    def effective(self, scores: Floats) -> dict[str, float]:
        """How many free values of each kind the members (K, D) no longer leave to the prior: the sum of
        1 - posterior variance / prior variance, in which the scatter of few members averages out (a little below 0 it
        may stay).
        """
        earned = 1 - scores.var(axis=0, ddof=1)
        return {kind: float(earned[self._is(kind)].sum()) for kind in KINDS if self._is(kind).any()}

    def counts(self) -> dict[str, int]:
        """How many free values there are of each kind."""
        return {kind: int(self._is(kind).sum()) for kind in KINDS if self._is(kind).any()}

    def _plain(self, scores: Floats) -> Floats:
        mean, sd = np.array([[item.mean, item.sd] for item in self.items]).T
        plain = mean + sd * scores
        return np.asarray(np.where(self._is(EXPONENT), np.maximum(plain, 0.0), plain))

    def _is(self, kind: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.array([item.kind == kind for item in self.items])

    @cached_property
    def _bounds(self) -> tuple[Floats, Floats]:
        """Upper and lower ends (D,) of values that are powers of e, or fractions."""
        upper, lower = np.array([[item.upper, item.lower] for item in self.items]).T
        return upper, lower


def _add(table: Floats, columns: Indices, values: Floats) -> None:
    """Adds values (K, n) to columns (n,) of a table, some of them several times."""
    for row, mine in zip(table, values, strict=True):
        row += np.bincount(columns, mine, minlength=len(row))


def free_values(pathway: Pathway, abundance: AbundancePrior, states: Iterable[str] = ()) -> FreeValues:
    """The free values of a pathway and its lines.

    `states` are the model's states, whose start values are computed and not free; so is every `k_birth`. Entities and
    lines of `abundance` that the pathway lacks are skipped, groups that are then empty too.
    """
    computed = {*states, "k_birth"}
    items: list[FreeValue] = []
    for parameter in pathway.parameters.values():
        if parameter.kind != "calibrated" or parameter.id in computed:
            continue
        items.append(_shared(parameter.id, parameter.lower, parameter.upper))
    shared = len(items)
    quantities = [ModelQuantity(item.name) for item in items]
    for drug in pathway.drugs.values():
        items += _shifts(drug.name, drug.antibody, drug.targets)
    place = {(item.kind, item.line, item.name): number for number, item in enumerate(items)}
    potencies = [(drug, target) for drug in pathway.drugs.values() for target in drug.targets]
    quantities += [ModelQuantity(potency_id(drug, target)) for drug, target in potencies]
    moves = [place[_kind_of(target), "", drug.name] for drug, target in potencies]
    lines = list(pathway.cell_lines.values())
    known = [entity for entity in abundance.entities if entity in pathway.entities]
    items += _abundances(pathway, abundance, lines, known)
    place = {(item.kind, item.line, item.name): number for number, item in enumerate(items)}
    level, parts = [], []
    for line in lines:
        origin = line.parent or line.name
        for entity in known:
            group, levels = abundance.entities[entity]
            quantities.append(ModelQuantity(entity, line.name))
            level.append(levels.get(origin, 0.0))
            own = place.get((DERIVATIVE, line.name, entity), -1)
            parts.append((place[EXPONENT, "", group], place[DEVIATION, origin, entity], own))
    return FreeValues(
        items=tuple(items),
        quantities=tuple(quantities),
        shared=np.arange(shared),
        potency=np.array(moves, dtype=np.intp),
        measured_nM=np.array([drug.measured_nM[target] for drug, target in potencies]),
        level=np.array(level, dtype=float),
        parts=np.array(parts, dtype=np.intp).reshape(-1, 3),
    )


def _shared(name: str, lower: float, upper: float) -> FreeValue:
    if lower == 0:
        return FreeValue(FRACTION, name, "", 0.0, FRACTION_SD, lower, upper)
    middle = 0.5 * math.log(lower * upper)
    return FreeValue(LOGARITHM, name, "", middle, math.log(upper / lower) / (2 * BOUND), lower, upper)


def _kind_of(target: str) -> str:
    return UNSPECIFIC if target == "unspecific" else SHIFT


def _shifts(drug: str, antibody: bool, targets: Sequence[str]) -> list[FreeValue]:
    most = math.exp(MOST_SHIFT)
    prior = {SHIFT: (0.0 if antibody else SHIFT_LN, SHIFT_SD), UNSPECIFIC: (0.0, UNSPECIFIC_SD)}
    kinds = dict.fromkeys(_kind_of(target) for target in targets)
    return [FreeValue(kind, drug, "", *prior[kind], 1 / most, most) for kind in kinds]


def _abundances(
    pathway: Pathway, abundance: AbundancePrior, lines: Sequence[CellLine], known: Sequence[str]
) -> list[FreeValue]:
    """Exponents of groups, deviations of lines that are no derivatives, and the derivatives' own factors."""
    used = dict.fromkeys(abundance.entities[entity][0] for entity in known)
    groups = {name: abundance.groups[name] for name in used}
    items = [FreeValue(EXPONENT, name, "", one.prior_median, one.prior_sd) for name, one in groups.items()]
    for line in lines:
        if line.parent:
            continue
        for entity in known:
            group, levels = abundance.entities[entity]
            sd = groups[group].deviation_sd * (1.0 if line.name in levels else UNMEASURED)
            items.append(FreeValue(DEVIATION, entity, line.name, 0.0, sd))
    for own in load_derivatives():
        if own.line in pathway.cell_lines and own.entity in known:
            items.append(FreeValue(DERIVATIVE, own.entity, own.line, math.log(own.median), own.sd_ln))
    return items
