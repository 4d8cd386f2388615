"""How much an experiment is expected to tell of a question, over the members of an ensemble.

Members k have answers T (K, G) and would show signals Y (K, b) in an experiment, whose noise is added to each once. If
member m were the truth, the others' answers given its outcome are T_k + U (Y_m - Y_k), with U the regression of answers
on noisy signals: the update of an ensemble Kalman filter with perturbed observations (Evensen 2003,
10.1007/s10236-003-0036-9), exact for normal answers and signals that depend on them linearly. What was chosen before is
regressed out of answers and of all other signals (Gram and Schmidt), so the information of a batch is joint: two wells
that tell the same are not counted twice. Of parameters the information is that of normal numbers: half the logarithm
of the ratio of signals' determinants, answers unknown and known (Lindley 1956, 10.1214/aoms/1177728069).

*Bias.* K members make chance correlations of 1 / sqrt(K): regressions on b signals overstate information by about
b / (2 K) nats an answer, and the best of many experiments is chosen for its luck too. Correlations below `CHANCE` times
that count as none, and signals are first brought to the few directions that stand out of the noise. `left_over` and
`right_in` take regressions from one half of the members and test them on the other: in expectation they say too
little, never too much.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from screen.arrays import Bools, Floats, Indices

CHANCE = 2.0
MOST_DIRECTIONS = 3
STANDS_OUT = 0.02
"""Variance of a direction, in units of its noise, from which on it is kept."""
TRUTHS = 48
"""Members whose outcomes are averaged over."""
LN2 = float(np.log(2))


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked: `answers` (K, G); each of `choices` are columns of which the lowest is right (one choice a line);
    without choices the answers themselves are asked for (parameters), without answers everything that differs between
    members.
    """

    name: str
    answers: Floats
    choices: tuple[Indices, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Known:
    """Answers (K, G) with what was chosen so far regressed out."""

    question: Question
    rest: Floats

    @classmethod
    def nothing(cls, question: Question) -> "Known":
        """Before any experiment."""
        return cls(question, question.answers - question.answers.mean(axis=0))


def directions(signals: Floats, covariance: Floats, rng: np.random.Generator) -> Floats:
    """Noisy signals (K, b) of unit noise variance, b at most `MOST_DIRECTIONS`: the principal directions of what
    members show (K, n) in units of the errors with covariance (n, n).
    """
    factor = np.linalg.cholesky(covariance)
    white = np.linalg.solve(factor, (signals - signals.mean(axis=0)).T).T
    _, spread, axes = np.linalg.svd(white, full_matrices=False)
    variance = spread**2 / (len(signals) - 1)
    kept = max(1, int((variance[:MOST_DIRECTIONS] > STANDS_OUT).sum()))
    found = white @ axes[:kept].T + rng.standard_normal((len(signals), kept))
    return np.asarray(found - found.mean(axis=0))


def regression(onto: Floats, of: Floats, chance: float = CHANCE) -> Floats:
    """Coefficients (b, G) that predict centered `of` (K, G) from centered `onto` (K, b); those whose correlation with
    every signal is below chance are 0.
    """
    count = len(onto)
    inner = onto.T @ onto + 1e-9 * count * np.eye(onto.shape[1])
    found = np.linalg.solve(inner, onto.T @ of)
    scale = np.sqrt(np.outer((onto**2).sum(axis=0), np.maximum((of**2).sum(axis=0), 1e-300)))
    strong = np.asarray(np.abs(onto.T @ of) > chance / np.sqrt(count) * scale).any(axis=0)
    return np.asarray(found * strong)


def expected_bits(known: Known, signals: Floats, chance: float = CHANCE) -> float:
    """Bits that noisy signals (K, b) are expected to tell, beyond what was chosen before."""
    if not known.question.choices:
        return _normal_bits(known.rest, signals, chance)
    coefficients = regression(signals, known.rest, chance)
    if not coefficients.any():
        return 0.0
    after = known.rest - signals @ coefficients
    moved: Bools = np.any(coefficients != 0, axis=0)
    told = 0.0
    for choice in known.question.choices:
        if moved[choice].any():
            before, left = (_entropy(known.question.answers, rest, choice) for rest in (known.rest, after))
            told += before - left
    return told


def learnt_from(known: Known, signals: Floats, others: Sequence[Floats]) -> tuple[Known, list[Floats]]:
    """What is known after an experiment was chosen, and the signals of others without what they share with it."""
    rest = known.rest - signals @ regression(signals, known.rest)
    left = [one - signals @ regression(signals, one) for one in others]
    return replace(known, rest=rest), left


def _normal_bits(answers: Floats, signals: Floats, chance: float) -> float:
    """Half of log2 of how much wider signals (K, b) of unit noise are than they would be if the answers were known."""
    wide = np.linalg.slogdet(np.atleast_2d(np.cov(signals.T)))[1]
    if not answers.shape[1]:
        return float(max(0.5 * wide / LN2, 0.0))
    rest = signals - answers @ regression(answers, signals, chance)
    narrow = np.linalg.slogdet(np.atleast_2d(np.cov(rest.T)))[1]
    return float(max(0.5 * (wide - narrow) / LN2, 0.0))


def shares(answers: Floats, rest: Floats, choice: Indices) -> Floats:
    """Probability (truth, option) that each of a choice's columns is the lowest, after the outcomes of `TRUTHS` members
    taken for the truth: what members still disagree about (`rest`) around what the truth's outcome says.
    """
    truths = np.linspace(0, len(rest) - 1, min(TRUTHS, len(rest))).astype(int)
    said = (answers - rest)[truths][:, choice]
    lowest = (rest[:, choice][None] + said[:, None]).argmin(axis=2)
    return np.stack([(lowest == k).mean(axis=1) for k in range(len(choice))], axis=1)


def _entropy(answers: Floats, rest: Floats, choice: Indices) -> float:
    """Bits still missing about a choice, averaged over truths."""
    share = shares(answers, rest, choice)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, share * np.log(share), 0.0)
    return float(-terms.sum(axis=1).mean() / LN2)


def certainty(known: Known) -> float:
    """How often the likeliest option is expected to be right, averaged over choices; NaN without choices."""
    choices = known.question.choices
    if not choices:
        return float("nan")
    answers = known.question.answers
    return float(np.mean([shares(answers, known.rest, one).max(axis=1).mean() for one in choices]))


def left_over(question: Question, experiments: Sequence[Floats]) -> float:
    """Bits of experiments (K, b) together about a question with answers, with every regression taken from one half of
    the members and judged on the other, both ways; the answers of choices count as normal numbers. What is said of one
    answer after the other is added up.
    """
    halves, signals = np.arange(len(question.answers)) % 2, np.concatenate(list(experiments), axis=1)
    found = []
    for half in (0, 1):
        fit, test = halves == half, halves != half
        rest = question.answers - question.answers[fit].mean(axis=0)
        centered = signals - signals[fit].mean(axis=0)
        after = rest[test] - centered[test] @ regression(centered[fit], rest[fit])
        ratio = (rest[test] ** 2).mean(axis=0) / np.maximum((after**2).mean(axis=0), 1e-300)
        found.append(float(0.5 * np.log(ratio).sum() / LN2))
    return float(np.mean(found))


def right_in(question: Question, experiments: Sequence[Floats]) -> tuple[float, float]:
    """How often the option that is named is right, averaged over choices: the one that is lowest in most members, and
    the one that experiments (K, b) name, by regressions from one half of the members in the other, both ways.
    """
    halves, signals = np.arange(len(question.answers)) % 2, np.concatenate(list(experiments), axis=1)
    now, then = [], []
    for half in (0, 1):
        fit, test = halves == half, halves != half
        middle = question.answers[fit].mean(axis=0)
        centered = signals - signals[fit].mean(axis=0)
        said = middle + centered[test] @ regression(centered[fit], question.answers[fit] - middle)
        for choice in question.choices:
            true = question.answers[test][:, choice].argmin(axis=1)
            likeliest = np.bincount(question.answers[fit][:, choice].argmin(axis=1)).argmax()
            now.append(np.mean(true == likeliest))
            then.append(np.mean(true == said[:, choice].argmin(axis=1)))
    return float(np.mean(now)), float(np.mean(then))
