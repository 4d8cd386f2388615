"""A laboratory that exists only here: parameters are drawn and hidden, plates are measured with noise, and five rounds
of `next` and `learn` look for the best partner of each line.

`python -m tests.science.simulated_laboratory [--truths 6] [-o FILE.json]` prints the tables of docs/next.md: how often
the partner named is right after each round, against random matrices, a Latin square and the full grid read without a
model; how many of the wells not measured are inside their intervals; and the same where the truth lacks the feedback
of S6K that the model has.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from screen.analysis.calibration.abundance_prior import built_in_abundance
from screen.analysis.learn.noise import PlateNoise, shared_gap
from screen.analysis.learn.prior import LearnPrior, learn_prior
from screen.analysis.learn.readings.plates import LearnPlate, learn_plate
from screen.analysis.learn.readings.wells import Simulator, well
from screen.analysis.learn.smoothing import PlatesLearnt, SmootherOptions, smoothed
from screen.analysis.learn.subjects import subjects_of
from screen.analysis.learn.verdicts import predictive
from screen.analysis.next_experiments.experiments import MATRIX, Experiment
from screen.analysis.next_experiments.greedy_batch import choose
from screen.analysis.next_experiments.information import Question, directions
from screen.arrays import Floats
from screen.config.experiments import Budget
from screen.pathway import Assay, load_draws, load_pathway

ANCHOR = "trastuzumab"
LINES = ("SKBR3", "BT474", "HCC1954", "HCC1419", "MINE")
PARTNERS = ("lapatinib", "everolimus", "linsitinib", "MK-2206")
DOSES = {
    "trastuzumab": (3.0, 100.0), "lapatinib": (30.0, 300.0), "everolimus": (1.0, 30.0), "linsitinib": (300.0, 3000.0),
    "MK-2206": (100.0, 1000.0),
}  # fmt: skip
TIME, REPLICATES, NOISE, GAIN = 72.0, 2, 0.05, 0.03
ROUNDS, EACH = 5, 3
NEARLY = 0.01
"""A partner is right within one point of the best."""
MEMBERS, STEPS = 96, 3
Cell = tuple[str, str]
GRID: tuple[Cell, ...] = tuple((line, partner) for line in LINES for partner in PARTNERS)


@dataclass(frozen=True)
class Laboratory:
    """The truth's viability of each matrix (3, 3), and a stream of noise."""

    truth: dict[Cell, Floats]
    seed: int

    def measure(self, cell: Cell) -> LearnPlate:
        """A matrix as it is read: the same whenever it is asked for."""
        rng = np.random.default_rng([self.seed, GRID.index(cell)])
        gain = np.exp(GAIN * rng.standard_normal())
        wells = self.truth[cell][..., None] * gain + NOISE * rng.standard_normal((3, 3, REPLICATES))
        return learn_plate(" ".join(cell), cell[0], (ANCHOR, cell[1]), axes(cell[1]), wells, TIME)

    def left(self) -> Floats:
        """Mean viability of the pairs (line, partner): the lowest of a line is its best partner."""
        return pairs_mean([self.truth[cell] for cell in GRID])


def axes(partner: str) -> tuple[Floats, Floats]:
    return np.array([0.0, *DOSES[ANCHOR]]), np.array([0.0, *DOSES[partner]])


def pairs_mean(matrices: Sequence[Floats]) -> Floats:
    return np.array([one[1:, 1:].mean() for one in matrices]).reshape(len(LINES), len(PARTNERS))


def priors(assay: Assay, members: int, seed: int) -> LearnPrior:
    subjects = subjects_of(assay.pathway, LINES, [], [], {"MINE": ("BT474", 1.0)})
    return learn_prior(assay.pathway, built_in_abundance(), load_draws(), subjects, members, seed)


def grid_wells(cells: Sequence[Cell]) -> list:
    return [
        well(line, {ANCHOR: one, partner: two}, TIME)
        for line, partner in cells for one in axes(partner)[0] for two in axes(partner)[1]
    ]  # fmt: skip


def laboratory(assay: Assay, number: int) -> Laboratory:
    """The laboratory of hidden truth `number`: a member of the prior that no policy has among its members."""
    prior = priors(assay, 45, 4242)
    found = Simulator(assay, prior, grid_wells(GRID)).predict(prior.scores[[number]])[0]
    return Laboratory(dict(zip(GRID, found.reshape(-1, 3, 3))), number)


def feedback_removed(assay: Assay) -> Assay:
    """The model without S6K's hold on IRS1, IRS2 and PI3K: a structural edge that the learner believes in."""
    text = assay.pathway.network
    for edge in ("pS6K/K_S6K_IRS1", "pS6K/K_S6K_IRS", "pS6K/K_S6K_PI3K"):
        assert edge in text
        text = text.replace(edge + ")", "0*" + edge + ")")
    return Assay.compile(replace(assay.pathway, network=text), [])


def right(named: Floats, laboratory: Laboratory) -> float:
    """The share of lines whose partner named is right; `named` (line, partner), the lowest of a line is named."""
    true = laboratory.left()
    chosen = true[np.arange(len(LINES)), np.where(np.isnan(named), np.inf, named).argmin(axis=1)]
    return float(np.mean(chosen <= true.min(axis=1) + NEARLY))


def without_model(measured: Sequence[Cell], laboratory: Laboratory) -> Floats:
    """Means as measured; a line that was not measured takes the partners' means over lines."""
    read = {cell: pairs_mean_of(laboratory.measure(cell)) for cell in measured}
    table = np.array([[read.get((line, drug), np.nan) for drug in PARTNERS] for line in LINES])
    with np.errstate(all="ignore"):
        usual = np.array([np.nanmean(column) if np.isfinite(column).any() else np.nan for column in table.T])
    empty = np.isnan(table).all(axis=1)
    return np.where(empty[:, None], usual, table)


def pairs_mean_of(plate: LearnPlate) -> float:
    return float(np.mean([value for row, value in zip(plate.rows, plate.measured) if len(row.doses) == 2]))


@dataclass(frozen=True)
class Round:
    """After a round: matrices measured, the share of lines named right with and without the model, and the share of
    readings of matrices not measured inside their 90 % intervals (NaN where all were).
    """

    matrices: int
    right: float
    plain: float
    coverage: float
    error: float


def play(assay: Assay, laboratory: Laboratory, policy: str, seed: int, jobs: int = 2) -> list[Round]:
    """Five rounds of one policy: `next`, `random` or `latin`; round 0 is before any plate."""
    prior = priors(assay, MEMBERS, 1000 + seed)
    simulator = Simulator(assay, prior, grid_wells(GRID))
    order = _order(policy, seed)
    measured: list[Cell] = []
    scores, noise, missed = prior.scores, PlateNoise(NOISE, 0.03, ()), np.zeros(len(GRID))
    found = []
    for number in range(ROUNDS + 1):
        shown = simulator.predict(scores, jobs).reshape(len(scores), len(GRID), 3, 3)
        left = shown[:, :, 1:, 1:].mean(axis=(2, 3)) + missed
        found.append(_judged(measured, shown, left, laboratory, noise))
        if number == ROUNDS:
            break
        if policy == "next":
            measured += _chosen(shown, left, measured, noise, seed + 31 * number)
        else:
            measured += order[EACH * number : EACH * (number + 1)]
        plates = [laboratory.measure(cell) for cell in measured]
        learnt = smoothed(assay, prior, plates, SmootherOptions(STEPS, seed, jobs))
        scores, noise, missed = learnt.scores[learnt.whole], learnt.noise, _missed(learnt, measured)
    return found


def _missed(learnt: PlatesLearnt, measured: Sequence[Cell]) -> Floats:
    """What the model misses of the pairs' mean in each matrix (G,) that was measured."""
    found = np.zeros(len(GRID))
    parts = zip(measured, learnt.plates, learnt.of_plates(), learnt.noise.weights, strict=True)
    for cell, plate, rows, weight in parts:
        gap = shared_gap(plate, weight, learnt.noise, rows[learnt.whole].mean(axis=0))
        found[GRID.index(cell)] = gap[[len(row.doses) == 2 for row in plate.rows]].mean()
    return found


def _order(policy: str, seed: int) -> list[Cell]:
    rng = np.random.default_rng([seed, 5])
    if policy == "random":
        return [GRID[k] for k in rng.permutation(len(GRID))]
    lines, partners = rng.permutation(len(LINES)), rng.permutation(len(PARTNERS))
    return [
        (LINES[line], PARTNERS[partners[(at + turn) % len(PARTNERS)]])
        for turn in range(len(PARTNERS)) for at, line in enumerate(lines)
    ]  # fmt: skip


def _judged(
    measured: Sequence[Cell], shown: Floats, left: Floats, laboratory: Laboratory, noise: PlateNoise
) -> Round:
    named = left.mean(axis=0).reshape(len(LINES), len(PARTNERS))
    rest = [k for k, cell in enumerate(GRID) if cell not in measured]
    inside, misses = [], []
    for k in rest:
        plate = laboratory.measure(GRID[k])
        rows = shown[:, k].reshape(len(shown), 9)
        low, high = predictive(rows, np.full(9, np.sqrt(noise.sigma**2 / REPLICATES + noise.delta**2)))
        truth, dosed = plate.measured, np.array([bool(row.doses) for row in plate.rows])
        inside += ((low <= truth) & (truth <= high))[dosed].tolist()
        misses += ((rows.mean(axis=0) - truth)[dosed] ** 2).tolist()
    plain = right(without_model(measured, laboratory), laboratory) if measured else float("nan")
    coverage, error = (float(np.mean(v)) if v else float("nan") for v in (inside, misses))
    return Round(len(measured), right(named, laboratory), plain, coverage, error)


def _chosen(
    shown: Floats, left: Floats, measured: Sequence[Cell], noise: PlateNoise, seed: int
) -> list[Cell]:
    """The matrices that `next` takes: about the best partner in each line."""
    count = len(PARTNERS)
    choices = tuple(np.arange(count * k, count * (k + 1)) for k in range(len(LINES)))
    question = Question("best partner", left, choices)
    offered = [k for k, cell in enumerate(GRID) if cell not in measured]
    experiments, signals = [], []
    rng = np.random.default_rng([seed, 6])
    for k in offered:
        line, partner = GRID[k]
        wells = tuple(one for one in grid_wells([GRID[k]]) if one.doses)
        one = Experiment(MATRIX, f"{line} {partner}", line, partner, wells, REPLICATES)
        experiments.append(one)
        rows = shown[:, k].reshape(len(shown), 9)[:, 1:]
        signals.append(directions(rows, one.covariance(noise.sigma, max(noise.delta, 0.01), 0.25), rng))
    batch = choose(question, experiments, signals, Budget(plates=EACH, vehicle_wells=44, lines=EACH))
    names = [GRID[offered[experiments.index(one.experiment)]] for one in batch.choices][:EACH]
    spare = [GRID[k] for k in np.random.default_rng([seed, 7]).permutation(offered)]
    return list(dict.fromkeys([*names, *spare]))[:EACH]


def table(plays: dict[str, list[list[Round]]]) -> list[str]:
    """The figures as a table in Markdown: means over truths with 90 % intervals from resampled truths."""
    lines = ["| policy | figure | " + " | ".join(f"round {k}" for k in range(ROUNDS + 1)) + " |"]
    lines.append("| --- | --- |" + " --- |" * (ROUNDS + 1))
    figures = (("right", "right, with the model"), ("plain", "right, without"), ("coverage", "inside 90 %"))
    for policy, played in plays.items():
        for name, words in figures:
            values = np.array([[getattr(one, name) for one in rounds] for rounds in played])
            lines.append(
                f"| {policy} | {words} | " + " | ".join(_interval(column) for column in values.T) + " |"
            )
        errors = np.sqrt(np.nanmean([[one.error for one in rounds] for rounds in played], axis=0))
        lines.append(
            f"| {policy} | error of readings not measured | " + " | ".join(f"{v:.3f}" for v in errors) + " |"
        )
    return lines


def _interval(values: Floats) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return ""
    drawn = known[np.random.default_rng(0).integers(0, len(known), (2000, len(known)))].mean(axis=1)
    low, high = np.quantile(drawn, [0.05, 0.95])
    return f"{known.mean():.2f} ({low:.2f} to {high:.2f})"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truths", type=int, default=6)
    parser.add_argument("--wrong", type=int, default=3, help="truths without S6K's feedback")
    parser.add_argument("--first", type=int, default=0, help="number of the first truth")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args(arguments)
    assay = Assay.compile(load_pathway(), [])
    other = feedback_removed(assay)
    plays: dict[str, list[list[Round]]] = {}
    full = []
    for number in range(options.first, options.first + options.truths):
        truth = laboratory(assay, number)
        full.append(right(without_model(GRID, truth), truth))
        for policy in ("next", "random", "latin"):
            plays.setdefault(policy, []).append(play(assay, truth, policy, number))
        print(f"truth {number}: {[round(one.right, 2) for one in plays['next'][-1]]}", flush=True)
    for number in range(options.first, options.first + options.wrong):
        truth = laboratory(other, number)
        plays.setdefault("next, truth without S6K feedback", []).append(play(assay, truth, "next", number))
    print("\n".join(table(plays)))
    print(f"full grid, without the model: {_interval(np.array(full))} of lines ({len(GRID)} matrices)")
    if options.output:
        found = {name: [[vars(one) for one in rounds] for rounds in played] for name, played in plays.items()}
        options.output.write_text(json.dumps({"plays": found, "full_grid": full}, indent=1) + "\n")


if __name__ == "__main__":
    main()
