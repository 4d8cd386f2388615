"""What calibration may move, and how far: priors read off the pathway's own tables.

A parameter of kind `calibrated` is log-normal (a fraction: logit-normal) with its bounds two standard
deviations away; a potency likewise around its measured value, a factor 10 each way; a line's abundance around
its value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.pathway import CellLine, Pathway
from screen.pathway.draws import Draw
from screen.pathway.drugs import potency_id

Floats = NDArray[np.float64]
LINE_SD = 0.35
TINY = 1e-3


@dataclass(frozen=True)
class Free:
    """One free value. `line` is empty for a value of the model; a `fraction` lives between its bounds."""

    name: str
    line: str
    value: float
    median: float
    sd: float
    lower: float
    upper: float
    fraction: bool


@dataclass(frozen=True)
class Priors:
    """The free values as arrays: a score of 0 is the prior's median, 1 one standard deviation above."""

    free: tuple[Free, ...]

    def scores(self) -> Floats:
        """Scores (D,) of the values that the tables hold."""
        return np.array([_forward(item, item.value) for item in self.free])

    def draw(self, scores: Floats) -> Draw:
        """The parameter set at these scores (D,)."""
        values: dict[str, float] = {}
        lines: dict[str, dict[str, float]] = {}
        for item, score in zip(self.free, scores):
            target = lines.setdefault(item.line, {}) if item.line else values
            target[item.name] = _back(item, float(score))
        return Draw(values, lines)


def _squash(item: Free, value: float) -> float:
    share = (value - item.lower) / (item.upper - item.lower)
    share = min(max(share, TINY), 1 - TINY)
    return float(np.log(share / (1 - share)))


def _forward(item: Free, value: float) -> float:
    if item.fraction:
        return (_squash(item, value) - _squash(item, item.median)) / item.sd
    return float(np.log(value / item.median)) / item.sd


def _back(item: Free, score: float) -> float:
    if item.fraction:
        share = 1 / (1 + np.exp(-(_squash(item, item.median) + item.sd * score)))
        return float(item.lower + (item.upper - item.lower) * share)
    return float(np.clip(item.median * np.exp(item.sd * score), item.lower, item.upper))


def read_priors(pathway: Pathway, lines: Iterable[CellLine], states: Sequence[str] = ()) -> Priors:
    """Free values: calibrated parameters, potencies, and the abundances of the lines given.

    `states` are the model's states, whose start values are computed and not free; so is every `k_birth`.
    """
    free: list[Free] = []
    for parameter in pathway.parameters.values():
        if parameter.kind != "calibrated" or parameter.id in states or parameter.id == "k_birth":
            continue
        fraction = parameter.lower == 0
        low, high = parameter.lower, parameter.upper
        median = (low + high) / 2 if fraction else float(np.sqrt(low * high))
        sd = 1.5 if fraction else float(np.log(high / low)) / 4
        free.append(Free(parameter.id, "", parameter.value, median, sd, low, high, fraction))
    for drug in pathway.drugs.values():
        for target, value in drug.potency_nM.items():
            middle = drug.measured_nM[target]
            free.append(
                Free(
                    potency_id(drug, target),
                    "",
                    value,
                    middle,
                    float(np.log(10)) / 2,
                    middle / 10,
                    middle * 10,
                    False,
                )
            )
    for line in lines:
        inherited = pathway.cell_lines[line.parent].values if line.parent else {}
        for name, value in line.values.items():
            if name in pathway.entities and value > 0 and inherited.get(name) != value:
                free.append(Free(name, line.name, value, value, LINE_SD, value / 5, value * 5, False))
    return Priors(tuple(free))
