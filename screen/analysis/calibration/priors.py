"""What calibration may move, and how far: priors read off the pathway's own tables.

A parameter of kind `calibrated` is log-normal (a fraction: logit-normal) with its bounds two standard
deviations away; a potency likewise around its measured value, a factor 10 each way; a line's abundance is
log-normal around what was known before any fit (`abundances.tsv`). None of them reads a calibrated value.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.pathway import Pathway
from screen.pathway.panels.abundances import load_abundances
from screen.pathway.tables.drugs import potency_id
from screen.pathway.tables.ensemble import Draw

TINY = 1e-3
REACH = 2.0
"""Bounds of scores, in standard deviations; an abundance's and a fraction's reach further."""
FAR = 3.5


@dataclass(frozen=True)
class Free:
    """One free value. `line` is empty for a value of the model; a `fraction` lives between its bounds.

    `kind` is calibrated, potency or abundance; `reach` the largest score that is tried.
    """

    name: str
    line: str
    kind: str
    median: float
    sd: float
    lower: float
    upper: float
    fraction: bool
    reach: float

    @property
    def label(self) -> str:
        """`line:name`, or the name of a value of the model."""
        return f"{self.line}:{self.name}" if self.line else self.name


@dataclass(frozen=True)
class Priors:
    """The free values as arrays: a score of 0 is the prior's median, 1 one standard deviation above."""

    free: tuple[Free, ...]

    @cached_property
    def reach(self) -> Floats:
        """The largest score (D,) that is tried, up and down."""
        return np.array([item.reach for item in self.free])

    def values(self, scores: Floats) -> Floats:
        """The values (..., D) at scores (..., D)."""
        plain = self._median * np.exp(self._sd * scores)
        share = 1 / (1 + np.exp(-(self._middle + self._sd * scores)))
        return np.where(self._fraction, self._lower + (self._upper - self._lower) * share, plain)

    def scores(self, draw: Draw) -> Floats:
        """The scores (D,) of a draw's values, within reach; 0 for what it does not hold."""
        values = np.array(
            [(draw.lines.get(i.line, {}) if i.line else draw.values).get(i.name, np.nan) for i in self.free]
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.clip((values - self._lower) / (self._upper - self._lower), TINY, 1 - TINY)
            logit = (np.log(share / (1 - share)) - self._middle) / self._sd
            plain = np.log(values / self._median) / self._sd
        found = np.where(self._fraction, logit, plain)
        return np.clip(np.where(np.isnan(values), 0.0, found), -self.reach, self.reach)

    def draw(self, scores: Floats) -> Draw:
        """The parameter set at these scores (D,)."""
        values: dict[str, float] = {}
        lines: dict[str, dict[str, float]] = {}
        for item, value in zip(self.free, self.values(scores)):
            target = lines.setdefault(item.line, {}) if item.line else values
            target[item.name] = float(value)
        return Draw(values, lines)

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """Scores (count, D) of draws from the prior, within reach."""
        shape = (count, len(self.free))
        return np.asarray(scipy.stats.truncnorm.rvs(-self.reach, self.reach, size=shape, random_state=rng))

    @cached_property
    def _median(self) -> Floats:
        return np.array([item.median for item in self.free])

    @cached_property
    def _sd(self) -> Floats:
        return np.array([item.sd for item in self.free])

    @cached_property
    def _lower(self) -> Floats:
        return np.array([item.lower for item in self.free])

    @cached_property
    def _upper(self) -> Floats:
        return np.array([item.upper for item in self.free])

    @cached_property
    def _fraction(self) -> NDArray[np.bool_]:
        return np.array([item.fraction for item in self.free])

    @cached_property
    def _middle(self) -> Floats:
        share = np.clip((self._median - self._lower) / (self._upper - self._lower), TINY, 1 - TINY)
        return np.asarray(np.log(share / (1 - share)))


def read_priors(pathway: Pathway, lines: Collection[str], states: Sequence[str] = ()) -> Priors:
    """Free values: calibrated parameters, potencies, and the abundances of the lines named.

    `states` are the model's states, whose start values are computed and not free; so is every `k_birth`.
    """
    free: list[Free] = []
    for parameter in pathway.parameters.values():
        if parameter.kind != "calibrated" or parameter.id in states or parameter.id == "k_birth":
            continue
        fraction = parameter.lower == 0
        low, high = parameter.lower, parameter.upper
        median = (low + high) / 2 if fraction else float(np.sqrt(low * high))
        sd = 1.5 if fraction else float(np.log(high / low)) / (2 * REACH)
        reach = FAR if fraction else REACH
        free.append(Free(parameter.id, "", "calibrated", median, sd, low, high, fraction, reach))
    for drug in pathway.drugs.values():
        for target, middle in drug.measured_nM.items():
            name, sd = potency_id(drug, target), float(np.log(10)) / REACH
            free.append(Free(name, "", "potency", middle, sd, middle / 10, middle * 10, False, REACH))
    for prior in load_abundances():
        if prior.line in lines:
            width = float(np.exp(FAR * prior.sd_ln))
            bounds = (prior.median / width, prior.median * width)
            free.append(
                Free(prior.entity, prior.line, "abundance", prior.median, prior.sd_ln, *bounds, False, FAR)
            )
    return Priors(tuple(free))


def nominal_draw(pathway: Pathway) -> Draw:
    """The values that the pathway's tables hold, as a draw."""
    values = {name: parameter.value for name, parameter in pathway.parameters.items()}
    for drug in pathway.drugs.values():
        values |= {potency_id(drug, target): value for target, value in drug.potency_nM.items()}
    return Draw(values, {line.name: dict(line.values) for line in pathway.cell_lines.values()})
