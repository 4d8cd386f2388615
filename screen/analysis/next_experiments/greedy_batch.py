"""A batch of experiments within a budget: the one that tells most for its wells, then the one that tells most beside
it, and so on. What is told is joint, so near copies are left for last; greedy choice is within 1 - 1/e of the best
batch where information is submodular (Krause 2008).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from screen.analysis.next_experiments.experiments import KNOCK_DOWN, MARKER, Experiment
from screen.analysis.next_experiments.information import (
    Known,
    Question,
    certainty,
    expected_bits,
    learnt_from,
)
from screen.arrays import Floats
from screen.config.experiments import Budget

SHAPES = {96: (8, 12), 384: (16, 24)}
LEAST = 1e-3
"""Bits below which an experiment tells nothing."""


@dataclass(frozen=True)
class Choice:
    """A chosen experiment: `bits` it tells beside those before it, and how often the likeliest option is then expected
    to be right (NaN for parameters).
    """

    experiment: Experiment
    bits: float
    certainty: float


@dataclass(frozen=True)
class Spent:
    """What a batch takes: wells used on each plate of each line, partners, marker measurements."""

    plates: tuple[tuple[str, int], ...] = ()
    partners: frozenset[str] = frozenset()
    markers: int = 0
    places: tuple[int, ...] = field(default=(), compare=False)
    """The plate of each experiment chosen; -1 for markers."""

    def adding(self, one: Experiment, budget: Budget) -> "Spent | None":
        """What it takes with another experiment; None where the budget does not allow it."""
        partners = self.partners | ({one.partner} if one.partner else set())
        if budget.partners is not None and len(partners) > budget.partners:
            return None
        lines = {line for line, _ in self.plates} | {one.line}
        if budget.lines is not None and len(lines) > budget.lines:
            return None
        if one.kind == MARKER:
            if self.markers + one.cost > budget.markers:
                return None
            return replace(
                self, partners=partners, markers=self.markers + one.cost, places=(*self.places, -1)
            )
        wells = one.cost + (budget.vehicle_wells if one.kind == KNOCK_DOWN else 0)
        for number, (line, used) in enumerate(self.plates):
            if line == one.line and used + wells <= room(budget):
                plates = (*self.plates[:number], (line, used + wells), *self.plates[number + 1 :])
                return replace(self, plates=plates, partners=partners, places=(*self.places, number))
        if len(self.plates) >= budget.plates or wells + budget.vehicle_wells > room(budget):
            return None
        plates = (*self.plates, (one.line, wells + budget.vehicle_wells))
        return replace(self, plates=plates, partners=partners, places=(*self.places, len(plates) - 1))


def room(budget: Budget) -> int:
    """Wells of a plate that are used."""
    rows, columns = SHAPES[budget.size]
    return rows * columns if budget.rim else (rows - 2) * (columns - 2)


@dataclass(frozen=True)
class ExperimentBatch:
    """Chosen experiments in order, what they take, and how certain the question was before."""

    choices: tuple[Choice, ...]
    spent: Spent
    certainty: float

    @property
    def bits(self) -> float:
        """What all tell together."""
        return sum(one.bits for one in self.choices)


def choose(
    question: Question, experiments: Sequence[Experiment], signals: Sequence[Floats], budget: Budget
) -> ExperimentBatch:
    """Choose greedily by bits a well until nothing more fits or tells anything. `signals` (K, b) of each experiment are
    noisy, in units of their noise.
    """
    known, spent, chosen = Known.nothing(question), Spent(), list[Choice]()
    left, rest = list(range(len(experiments))), list(signals)
    before = certainty(known)
    while left:
        allowed = [(k, more) for k in left if (more := spent.adding(experiments[k], budget)) is not None]
        told = [expected_bits(known, rest[k]) for k, _ in allowed]
        if not told or max(told) <= LEAST:
            break
        worth = [bits / experiments[k].cost for bits, (k, _) in zip(told, allowed)]
        best = int(np.argmax(worth))
        number, spent = allowed[best]
        known, others = learnt_from(known, rest[number], [rest[k] for k in left])
        for k, other in zip(left, others):
            rest[k] = other
        left.remove(number)
        chosen.append(Choice(experiments[number], told[best], certainty(known)))
    return ExperimentBatch(tuple(chosen), spent, before)
