"""Choose the next experiments: simulate what every member would show, ask which tells most, say what it should show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.readings.wells import LearnWell, Simulator
from screen.analysis.learn.verdicts import predictive
from screen.analysis.next_experiments.experiments import (
    Experiment,
    Shelf,
    experiments_of,
    matrix,
    shelf_of,
)
from screen.analysis.next_experiments.greedy_batch import Choice, ExperimentBatch, choose
from screen.analysis.next_experiments.information import Question, directions, left_over, right_in
from screen.analysis.next_experiments.questions import (
    Belief,
    beliefs,
    best_partner,
    hypothesis_question,
    hypothesis_wells,
    parameter_question,
)
from screen.arrays import Floats
from screen.config.experiments import Errors, Hypothesis, NextConfig
from screen.pathway import Assay

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Prediction:
    """What a well is expected to show: the members' mean, the ends of the 90 % interval of the replicates' mean."""

    well: LearnWell
    predicted: float
    low: float
    high: float


@dataclass(frozen=True)
class Decision:
    """What an experiment would decide: if its wells' mean is below `at`, the options' probabilities are `below`, else
    `above`; of the choice that it moves most.
    """

    experiment: str
    question: str
    at: float
    below: Mapping[str, float]
    above: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class NextPlan:
    """The question with what is believed, the batch, its predictions, and what each experiment would decide.

    With regressions judged on other members than they were made with: bits of the whole batch about named parameters
    (`checked`), and how often the answer named is `right`, now and after the batch; NaN where that is not asked.
    """

    question: Question
    beliefs: tuple[Belief, ...]
    shelf: Shelf
    batch: ExperimentBatch
    offered: int
    predictions: tuple[Prediction, ...]
    decisions: tuple[Decision, ...]
    checked: float
    right: tuple[float, float]


def plan_next(
    assay: Assay, prior: LearnPrior, config: NextConfig, jobs: int = 1, progress: Progress | None = None
) -> NextPlan:
    """Choose among all that is offered. `prior` has the configuration's lines, knocked down too."""
    pathway = assay.pathway
    shelf = shelf_of(config, pathway)
    experiments = experiments_of(config, pathway, shelf, config.lines)
    asked = [one for each in experiments for one in each.wells]
    if config.about == "best partner":
        asked += [
            one
            for line in config.lines
            for drug in shelf.partners
            for one in matrix(shelf, line, drug, config.time)
        ]
    tested = hypothesis_wells(config.about, config, pathway) if isinstance(config.about, Hypothesis) else None
    wells = list(dict.fromkeys([*asked, *(tested or ())]))

    def tell(done: int, total: int) -> None:
        if progress is not None:
            progress("simulate", done, total)

    simulated = Simulator(assay, prior, wells).predict(prior.scores, jobs, tell)
    whole = np.isfinite(simulated).all(axis=1)
    kept = simulated[whole]
    signals = {one: kept[:, k] for k, one in enumerate(wells)}
    options: tuple[str, ...] = ()
    if isinstance(config.about, Hypothesis):
        assert tested is not None
        question = hypothesis_question(config.about, tested, signals)
        options = ("true", "false")
    elif config.about == "parameters":
        question = parameter_question(config, prior)
        question = Question(question.name, question.answers[whole])
    else:
        question = best_partner(shelf, config.lines, config.time, signals, config.criterion)
        options = shelf.partners
    rng = np.random.default_rng([config.seed, 10])
    noisy = [noisy_signals(one, signals, config.errors, rng) for one in experiments]
    batch = choose(question, experiments, noisy, config.budget)
    told = [noisy[experiments.index(choice.experiment)] for choice in batch.choices]
    asked_for = bool(told) and not question.choices and question.answers.shape[1] > 0
    return NextPlan(
        question=question,
        beliefs=tuple(beliefs(question, options)),
        shelf=shelf,
        batch=batch,
        offered=len(experiments),
        predictions=predictions(batch.choices, signals, config.errors),
        decisions=tuple(_decision(question, options, choice.experiment, signals) for choice in batch.choices)
        if question.choices
        else (),
        checked=left_over(question, told) if asked_for else float("nan"),
        right=right_in(question, told) if told and question.choices else (float("nan"),) * 2,
    )


def noisy_signals(
    one: Experiment, signals: Mapping[LearnWell, Floats], errors: Errors, rng: np.random.Generator
) -> Floats:
    """What members would show in an experiment (K, b), in units of its noise, with noise."""
    rows = np.stack([signals[each] for each in one.wells], axis=1)
    return directions(rows, one.covariance(errors.well, errors.shared, errors.marker), rng)


def predictions(
    choices: Sequence[Choice], signals: Mapping[LearnWell, Floats], errors: Errors
) -> tuple[Prediction, ...]:
    """What each well of a batch is expected to show; wells that two experiments share stand once."""
    found: dict[LearnWell, Prediction] = {}
    for choice in choices:
        one = choice.experiment
        rows = np.stack([signals[each] for each in one.wells], axis=1)
        error = np.sqrt(np.diag(one.covariance(errors.well, errors.shared, errors.marker)))
        low, high = predictive(rows, error)
        for k, each in enumerate(one.wells):
            numbers = float(rows[:, k].mean()), float(low[k]), float(high[k])
            found.setdefault(each, Prediction(each, *numbers))
    return tuple(found.values())


def _decision(
    question: Question, options: Sequence[str], one: Experiment, signals: Mapping[LearnWell, Floats]
) -> Decision:
    """Members parted at the middle of what the experiment shows them, and what the two halves hold."""
    shown = np.mean([signals[each] for each in one.wells], axis=0)
    at = float(np.median(shown))
    low, best = shown < at, 0
    shares, widest = [], -1.0
    for number, choice in enumerate(question.choices):
        lowest = question.answers[:, choice].argmin(axis=1)
        parts = [
            [float((lowest[half] == k).mean()) for k in range(len(choice))]
            if half.any()
            else [0.0] * len(choice)
            for half in (low, ~low)
        ]
        shares.append(parts)
        apart = float(np.abs(np.subtract(parts[0], parts[1])).sum())
        if apart > widest:
            best, widest = number, apart
    below, above = (dict(zip(options, part, strict=True)) for part in shares[best])
    return Decision(one.name, question.words[best], at, below, above)
