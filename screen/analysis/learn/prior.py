"""The calibrated ensemble as the prior of learning: members of shared parameters, potencies and lines' abundances.

An ensemble of N draws becomes any number of members of a normal distribution with the draws' mean and covariance, on
the scales on which values are free (logarithms; logits of fractions): each is the mean and a random combination of the
draws' distances from it, so what always goes together in the draws does so in every member. What single lines may
deviate is added independently.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.free_values import SHIFT_SD
from screen.analysis.learn.subjects import SubjectLine, ensemble_values, own_deviation
from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError
from screen.pathway import Pathway
from screen.pathway.tables.drugs import potency_id
from screen.pathway.tables.ensemble import EXPONENT, Draw, draw_of

LOGARITHM, FRACTION, PLAIN = "logarithm", "fraction", "plain"
TINY = 1e-12
FEWEST = 8
"""Draws of an ensemble that a covariance is worth taking from."""


@dataclass(frozen=True)
class Item:
    """A free value: a parameter of the model, or an entity of a `line`; its `scale` and bounds, and the drug whose
    potency it is. On its scale it is `mean` + `sd` times a score.
    """

    name: str
    line: str
    scale: str
    mean: float
    sd: float
    lower: float = -math.inf
    upper: float = math.inf
    drug: str = ""

    @property
    def label(self) -> str:
        """The name as a column of a table of draws has it."""
        return f"{self.line}:{self.name}" if self.line else self.name


@dataclass(frozen=True, eq=False)
class LearnPrior:
    """Free values (D,), members of the prior as scores (K, D), the lines of the plates by name, and what the ensemble
    holds that does not vary (by column).
    """

    items: tuple[Item, ...]
    scores: Floats
    subjects: Mapping[str, SubjectLine]
    constant: Mapping[str, float]

    def natural(self, scores: Floats) -> Floats:
        """Each free value (K, D) in its own unit."""
        mean, sd, lower, upper = self._numbers
        plain = mean + sd * scores
        power = np.exp(np.clip(plain, -60, 60))
        with np.errstate(invalid="ignore"):
            share = np.where(self.are(FRACTION), upper, 1.0) / (1 + np.exp(-np.clip(plain, -60, 60)))
        found = np.where(self.are(LOGARITHM), np.clip(power, lower, upper), np.maximum(plain, 0.0))
        return np.asarray(np.where(self.are(FRACTION), share, found))

    def are(self, scale: str) -> Bools:
        """Which free values (D,) are on a scale."""
        return np.array([item.scale == scale for item in self.items])

    @property
    def _numbers(self) -> tuple[Floats, Floats, Floats, Floats]:
        table = np.array([[one.mean, one.sd, one.lower, one.upper] for one in self.items])
        mean, sd, lower, upper = table.T
        return mean, sd, lower, upper

    def places(
        self, subjects: Sequence[SubjectLine], pathway: Pathway, column: Mapping[str, int]
    ) -> tuple[Indices, Indices, Indices, Floats]:
        """Which item goes to which line's row and which parameter's column, times which factor of a perturbation."""
        found: list[tuple[int, int, int, float]] = []
        for number, item in enumerate(self.items):
            where = column.get(pathway.column(item.name))
            if where is None:  # an exponent of the omics map, which acts through the lines' factors
                continue
            for row, subject in enumerate(subjects):
                if item.line and item.line != subject.origin:
                    continue
                factor = subject.perturbation.get(item.name)
                if factor is None or item.name not in pathway.amounts:
                    found.append((number, row, where, 1.0 if factor is None else factor))
        table = np.array(found, dtype=float).reshape(-1, 4).T
        return table[0].astype(np.intp), table[1].astype(np.intp), table[2].astype(np.intp), table[3]

    def draw(self, scores: Floats, number: int) -> Draw:
        """The parameter set at scores (D,)."""
        numbers = zip((item.label for item in self.items), self.natural(scores[None])[0].tolist())
        return draw_of({**self.constant, **dict(numbers)}, number)


def learn_prior(
    pathway: Pathway,
    abundance: AbundancePrior,
    draws: Sequence[Draw],
    subjects: Mapping[str, SubjectLine],
    members: int,
    seed: int,
    learnt: Collection[str] = (),
) -> LearnPrior:
    """Members of the prior of `draws` for the lines of plates. What a line of `learnt` may deviate is in the draws.

    Raises `InputError` for too few draws, or draws that do not hold the same values.
    """
    if len(draws) < FEWEST:
        raise InputError(f"found {len(draws)} draws, expected at least {FEWEST} to learn from")
    origins = {one.origin: one for one in subjects.values()}
    columns = _columns(pathway, draws, origins)
    scales = {name: _scale(pathway, name) for name in columns}
    table = np.array([_onto(scales[name], values) for name, values in columns.items()]).T
    names = list(columns)
    rng = np.random.default_rng([seed, 0])
    middle, away = table.mean(axis=0), table - table.mean(axis=0)
    variance = (away**2).sum(axis=0) / (len(draws) - 1)
    varies = variance > TINY * np.maximum(1.0, middle**2)
    if members == len(draws):
        drawn = table.copy()
    else:
        mix = rng.standard_normal((members, len(draws))) / math.sqrt(len(draws) - 1)
        drawn = middle + mix @ away
    drawn = np.where(varies, drawn, middle)
    variance = np.where(varies, variance, 0.0)
    place = {name: number for number, name in enumerate(names)}
    for origin, subject in origins.items():
        own = {name.rpartition(":")[2]: math.sqrt(variance[place[name]])
               for name in names if name.rpartition(":")[0] == origin}  # fmt: skip
        if origin in learnt:
            continue
        deviation = own_deviation(subject, pathway, abundance, own)
        extra = rng.standard_normal((members, len(deviation.entities))) @ deviation.root.T
        for k, entity in enumerate(deviation.entities):
            at = place[f"{origin}:{entity}"]
            drawn[:, at] += extra[:, k]
            variance[at] += float((deviation.root[k] ** 2).sum())
    _undrawn_potencies(pathway, place, drawn, variance, rng)
    free = np.flatnonzero(variance > 0)
    drugs = {
        potency_id(drug, target): drug.name for drug in pathway.drugs.values() for target in drug.targets
    }
    items = tuple(
        Item(names[k].rpartition(":")[2] if scales[names[k]][0] != PLAIN else names[k],
             names[k].rpartition(":")[0] if scales[names[k]][0] != PLAIN else "",
             scales[names[k]][0], float(middle[k]), math.sqrt(variance[k]), *scales[names[k]][1:],
             drug=drugs.get(names[k], ""))
        for k in free
    )  # fmt: skip
    scores = (drawn[:, free] - middle[free]) / np.sqrt(variance[free])
    constant = {
        name: float(_back(scales[name], middle[k])) for k, name in enumerate(names) if variance[k] == 0
    }
    return LearnPrior(items, scores, subjects, constant)


def _columns(
    pathway: Pathway, draws: Sequence[Draw], origins: Mapping[str, SubjectLine]
) -> dict[str, list[float]]:
    """Every value of the draws by column: shared ones, exponents, potencies of drugs that no draw varies, lines."""
    found: dict[str, list[float]] = {}
    first = draws[0]
    potencies = {
        potency_id(drug, target): value
        for drug in pathway.drugs.values()
        for target, value in drug.potency_nM.items()
    }
    for name in (*first.values, *(one for one in potencies if one not in first.values)):
        found[name] = [draw.values.get(name, potencies.get(name, math.nan)) for draw in draws]
    for group in first.exponents:
        found[f"{EXPONENT}:{group}"] = [draw.exponents.get(group, math.nan) for draw in draws]
    for line, own in first.lines.items():
        if line not in origins:
            for entity in own:
                found[f"{line}:{entity}"] = [draw.lines.get(line, {}).get(entity, math.nan) for draw in draws]
    usual = pathway.unstated | {"k_birth": pathway.parameters["k_birth"].value}
    for origin, subject in origins.items():
        rows = [usual | ensemble_values(subject, pathway, draw) for draw in draws]
        for entity in rows[0]:
            found[f"{origin}:{entity}"] = [row[entity] for row in rows]
    for name, values in found.items():
        if not np.isfinite(values).all():
            raise InputError(f"draws: {name} is not in every draw, expected the same columns in all")
    return found


def _scale(pathway: Pathway, label: str) -> tuple[str, float, float]:
    """The scale of a column and its bounds."""
    line, _, name = label.rpartition(":")
    if line == EXPONENT:
        return PLAIN, 0.0, math.inf
    if line or name not in pathway.parameters:
        return LOGARITHM, 0.0, math.inf
    parameter = pathway.parameters[name]
    if parameter.lower == 0 and math.isfinite(parameter.upper):
        return FRACTION, 0.0, parameter.upper
    return LOGARITHM, parameter.lower, parameter.upper


def _onto(scale: tuple[str, float, float], values: Sequence[float]) -> Floats:
    """Values on their scale; what a line does not have (0) stays apart from all else, at minus infinity's stand-in."""
    kind, lower, upper = scale
    there = np.asarray(values, float)
    if kind == PLAIN:
        return there
    if kind == FRACTION:
        share = np.clip(there / upper, 1e-9, 1 - 1e-9)
        return np.asarray(np.log(share / (1 - share)))
    low = max(lower, 1e-300)
    return np.asarray(np.log(np.maximum(there, low))) if (there > 0).any() else np.full(len(there), -690.0)


def _back(scale: tuple[str, float, float], value: float) -> float:
    kind, _, upper = scale
    if kind == PLAIN:
        return value
    if kind == FRACTION:
        return upper / (1 + math.exp(-value))
    return 0.0 if value <= -690.0 else math.exp(value)


def _undrawn_potencies(
    pathway: Pathway, place: Mapping[str, int], drawn: Floats, variance: Floats, rng: np.random.Generator
) -> None:
    """A drug whose potencies no draw varies gets one shift for all of its targets, as wide as calibration's prior."""
    for drug in pathway.drugs.values():
        at = [place[potency_id(drug, target)] for target in drug.targets if potency_id(drug, target) in place]
        if at and not variance[at].any():
            drawn[:, at] += SHIFT_SD * rng.standard_normal((len(drawn), 1))
            variance[at] = SHIFT_SD**2
