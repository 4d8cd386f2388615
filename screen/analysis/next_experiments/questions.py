"""Questions as answers of members: which partner is best in each line, a named hypothesis, parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.readings.wells import LearnWell, well
from screen.analysis.learn.subjects import SubjectLine
from screen.analysis.next_experiments.experiments import Shelf, matrix
from screen.analysis.next_experiments.information import Question
from screen.arrays import Floats, Indices
from screen.config.experiments import Hypothesis, NextConfig
from screen.errors import InputError
from screen.pathway import Pathway
from screen.units import molar_mass

PERTURBED = " (hypothesis)"
Signals = Mapping[LearnWell, Floats]
"""Members' signals (K,) by well."""


@dataclass(frozen=True)
class Belief:
    """One choice as it stands: what is chosen in which line, and each option's probability over the members."""

    question: str
    options: tuple[str, ...]
    probability: tuple[float, ...]


def best_partner(
    shelf: Shelf, lines: Sequence[str], time_h: float, signals: Signals, criterion: str
) -> Question:
    """A choice a line: the partner that leaves the least of the cells over the grid of doses, or that has the highest
    mean Bliss excess on it.
    """
    columns: list[Floats] = []
    choices: list[Indices] = []
    for line in lines:
        first = len(columns)
        for partner in shelf.partners:
            wells = matrix(shelf, line, partner, time_h)
            pairs = [one for one in wells if len(one.doses) == 2]
            values = np.stack([signals[one] for one in pairs], axis=1)
            if criterion == "bliss":
                alone = [
                    np.stack([signals[_alone(one, drug)] for one in pairs], axis=1)
                    for drug in (shelf.anchor, partner)
                ]
                values = values - alone[0] * alone[1]
            columns.append(values.mean(axis=1))
        choices.append(np.arange(first, len(columns)))
    words = tuple(f"best partner in {line}" for line in lines)
    return Question("best partner", np.stack(columns, axis=1), tuple(choices), words)


def _alone(one: LearnWell, drug: str) -> LearnWell:
    return well(one.line, {name: dose for name, dose in one.doses if name == drug}, one.time_h, one.readout)


def hypothesis_wells(
    hypothesis: Hypothesis, config: NextConfig, pathway: Pathway
) -> tuple[LearnWell, LearnWell]:
    """The well with the perturbation and the one without."""
    try:
        doses = {}
        for name, dose in hypothesis.treatment.items():
            drug = pathway.drug(name)
            doses[drug.name] = dose.to_nM(molar_mass(drug))
    except InputError as error:
        raise config.error("about.treatment", error) from None
    line = next((one for one in config.lines if one.casefold() == hypothesis.line.casefold()), None)
    if line is None:
        raise config.error(
            "about.line", f"found '{hypothesis.line}', expected one of `lines`: {', '.join(config.lines)}"
        )
    return well(line + PERTURBED, doses, config.time), well(line, doses, config.time)


def with_hypothesis(
    config: NextConfig, pathway: Pathway, subjects: Mapping[str, SubjectLine]
) -> dict[str, SubjectLine]:
    """The lines, and the hypothesis' line under its perturbation."""
    if not isinstance(config.about, Hypothesis):
        return dict(subjects)
    plain, _ = hypothesis_wells(config.about, config, pathway)
    subject = subjects[plain.line.removesuffix(PERTURBED)]
    try:
        factors = {pathway.entity(name): factor for name, factor in config.about.perturbation.items()}
    except InputError as error:
        raise config.error("about.perturbation", error) from None
    under = {**subject.perturbation, **factors}
    one = SubjectLine(plain.line, subject.line, subject.origin, under, subject.like, subject.spread)
    return {**subjects, plain.line: one}


def hypothesis_question(
    hypothesis: Hypothesis, wells: tuple[LearnWell, LearnWell], signals: Signals
) -> Question:
    """A choice of two: the hypothesis is true where its column is the lower one."""
    change = signals[wells[0]] - signals[wells[1]]
    beyond = change - hypothesis.changes if hypothesis.changes <= 0 else hypothesis.changes - change
    return Question(
        hypothesis.name,
        np.stack([beyond, np.zeros_like(beyond)], axis=1),
        (np.array([0, 1]),),
        (hypothesis.name,),
    )


def parameter_question(config: NextConfig, prior: LearnPrior) -> Question:
    """Named parameters or abundances (`LINE:ENTITY`), or everything that differs between members."""
    labels = {one.label.casefold(): k for k, one in enumerate(prior.items)}
    chosen = []
    for name in config.parameters:
        if name.casefold() not in labels:
            raise config.error("parameters", f"found '{name}', which is no parameter that members differ in")
        chosen.append(labels[name.casefold()])
    most = len(prior.scores) // 8
    if len(chosen) > most:
        raise config.error(
            "parameters", f"found {len(chosen)}, expected at most {most}, an eighth of the members"
        )
    return Question("parameters", prior.scores[:, chosen])


def beliefs(question: Question, options: Sequence[str]) -> list[Belief]:
    """What members hold: how often each option is the lowest."""
    found = []
    for words, choice in zip(question.words, question.choices, strict=True):
        lowest = question.answers[:, choice].argmin(axis=1)
        share = tuple(float((lowest == k).mean()) for k in range(len(choice)))
        found.append(Belief(words, tuple(options), share))
    return found
