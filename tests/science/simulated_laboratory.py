"""A laboratory that exists only here: parameters are drawn and hidden, plates are measured with noise, and five rounds
of `next` and `learn` look for the best partner of each line.

`python -m tests.science.simulated_laboratory [--bench open] [--truths 6] [-o FILE.json]` prints the tables of
docs/next.md: how often the partner named is right after each round, against random matrices, a Latin square and the
full grid read without a model; how many of the wells not measured are inside their intervals; and the same where the
truth lacks the feedback of S6K that the model has.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from screen.analysis.calibration.abundance_prior import built_in_abundance
from screen.analysis.learn.held_out import unread
from screen.analysis.learn.noise import PlateNoise, shared_gap
from screen.analysis.learn.prior import LearnPrior, learn_prior
from screen.analysis.learn.readings.plates import LearnPlate, learn_plate
from screen.analysis.learn.readings.wells import LearnWell, Simulator, well
from screen.analysis.learn.smoothing import PlatesLearnt, SmootherOptions, as_read, smoothed
from screen.analysis.learn.subjects import subjects_of
from screen.analysis.learn.verdicts import predictive
from screen.analysis.next_experiments.experiments import MATRIX, Experiment
from screen.analysis.next_experiments.greedy_batch import choose
from screen.analysis.next_experiments.information import Question, directions
from screen.arrays import Floats
from screen.config.experiments import Budget
from screen.pathway import Assay, load_draws, load_pathway

ANCHOR, ANCHOR_nM = "trastuzumab", (3.0, 100.0)
TIME, REPLICATES, NOISE, GAIN = 72.0, 2, 0.05, 0.03
ROUNDS, EACH = 5, 3
NEARLY = 0.01
"""A partner is right within one point of the best."""
MEMBERS, STEPS = 96, 3
Cell = tuple[str, str]


@dataclass(frozen=True)
class Bench:
    """What is in culture and on the shelf: lines, `around` those that nobody profiled (the line each is like, and how
    much wider than lines differ it is drawn), two doses in nM of each partner.
    """

    lines: tuple[str, ...]
    around: Mapping[str, tuple[str, float]]
    doses: Mapping[str, tuple[float, float]]

    @property
    def partners(self) -> tuple[str, ...]:
        return tuple(self.doses)

    @property
    def grid(self) -> tuple[Cell, ...]:
        return tuple((line, partner) for line in self.lines for partner in self.partners)

    def axes(self, partner: str) -> tuple[Floats, Floats]:
        return np.array([0.0, *ANCHOR_nM]), np.array([0.0, *self.doses[partner]])

    def wells(self, cells: Sequence[Cell]) -> list[LearnWell]:
        return [
            well(line, {ANCHOR: one, partner: two}, TIME)
            for line, partner in cells
            for one in self.axes(partner)[0]
            for two in self.axes(partner)[1]
        ]

    def pairs_mean(self, matrices: Sequence[Floats]) -> Floats:
        """Mean viability of the pairs (line, partner): the lowest of a line is its best partner."""
        found = [one[1:, 1:].mean() for one in matrices]
        return np.array(found).reshape(len(self.lines), len(self.partners))


NAMED = Bench(
    lines=("SKBR3", "BT474", "HCC1954", "HCC1419", "MINE"),
    around={"MINE": ("BT474", 1.0)},
    doses={
        "lapatinib": (30.0, 300.0), "everolimus": (1.0, 30.0), "linsitinib": (300.0, 3000.0),
        "MK-2206": (100.0, 1000.0),
    },
)  # fmt: skip
"""Known lines, and partners between which the present ensemble leaves nothing open."""
OPEN = Bench(
    lines=("A", "B", "C", "D", "E"),
    around=dict.fromkeys("ABCDE", ("SKBR3", 1.0)),
    doses={
        "alpelisib": (150.0, 900.0), "everolimus": (3.0, 30.0), "BMS-754807": (20.0, 300.0),
        "linsitinib": (500.0, 3000.0),
    },
)  # fmt: skip
"""Lines that nobody profiled, and partners at doses that leave the same share of the cells on average: before any plate
the best one is a guess.
"""
BENCHES = {"named": NAMED, "open": OPEN}


@dataclass(frozen=True)
class Laboratory:
    """The truth's viability of each matrix (3, 3), and a stream of noise."""

    bench: Bench
    truth: dict[Cell, Floats]
    seed: int

    def measure(self, cell: Cell) -> LearnPlate:
        """A matrix as it is read: the same whenever it is asked for."""
        rng = np.random.default_rng([self.seed, self.bench.grid.index(cell)])
        gain = np.exp(GAIN * rng.standard_normal())
        wells = self.truth[cell][..., None] * gain + NOISE * rng.standard_normal((3, 3, REPLICATES))
        return learn_plate(" ".join(cell), cell[0], (ANCHOR, cell[1]), self.bench.axes(cell[1]), wells, TIME)

    def left(self) -> Floats:
        """What is true of the pairs (line, partner)."""
        return self.bench.pairs_mean([self.truth[cell] for cell in self.bench.grid])


def priors(assay: Assay, members: int, seed: int, bench: Bench = NAMED) -> LearnPrior:
    subjects = subjects_of(assay.pathway, bench.lines, [], [], bench.around)
    return learn_prior(assay.pathway, built_in_abundance(), load_draws(), subjects, members, seed)


def laboratory(assay: Assay, number: int, bench: Bench = NAMED) -> Laboratory:
    """The laboratory of hidden truth `number`: a member of the prior that no policy has among its members."""
    prior = priors(assay, 45, 4242, bench)
    found = Simulator(assay, prior, bench.wells(bench.grid)).predict(prior.scores[[number]])[0]
    return Laboratory(bench, dict(zip(bench.grid, found.reshape(-1, 3, 3))), number)


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
    chosen = true[np.arange(len(true)), np.where(np.isnan(named), np.inf, named).argmin(axis=1)]
    return float(np.mean(chosen <= true.min(axis=1) + NEARLY))


def without_model(measured: Sequence[Cell], laboratory: Laboratory) -> Floats:
    """Means as measured; a line that was not measured takes the partners' means over lines."""
    read, bench = {cell: pairs_mean_of(laboratory.measure(cell)) for cell in measured}, laboratory.bench
    table = np.array([[read.get((line, drug), np.nan) for drug in bench.partners] for line in bench.lines])
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
    bench = laboratory.bench
    prior, grid = priors(assay, MEMBERS, 1000 + seed, bench), bench.grid
    simulator = Simulator(assay, prior, bench.wells(grid))
    order = _order(bench, policy, seed)
    measured: list[Cell] = []
    scores, noise, missed = prior.scores, PlateNoise(NOISE, 0.03, ()), np.zeros(len(grid))
    learnt: PlatesLearnt | None = None
    found = []
    for number in range(ROUNDS + 1):
        shown = simulator.predict(scores, jobs).reshape(len(scores), len(grid), 3, 3)
        left = shown[:, :, 1:, 1:].mean(axis=(2, 3)) + missed
        found.append(_judged(measured, shown, left, laboratory, (noise, learnt)))
        if number == ROUNDS:
            break
        if policy == "next":
            measured += _chosen(bench, shown, left, measured, noise, seed + 31 * number)
        else:
            measured += order[EACH * number : EACH * (number + 1)]
        plates = [laboratory.measure(cell) for cell in measured]
        learnt = smoothed(assay, prior, plates, SmootherOptions(STEPS, seed, jobs))
        scores, noise, missed = learnt.scores[learnt.whole], learnt.noise, _missed(bench, learnt, measured)
    return found


def _missed(bench: Bench, learnt: PlatesLearnt, measured: Sequence[Cell]) -> Floats:
    """What the model misses of the pairs' mean in each matrix (G,) that was measured."""
    found = np.zeros(len(bench.grid))
    parts = zip(measured, learnt.plates, learnt.of_plates(), learnt.noise.weights, strict=True)
    for cell, plate, rows, weight in parts:
        gap = shared_gap(plate, weight, learnt.noise, rows[learnt.whole].mean(axis=0))
        found[bench.grid.index(cell)] = gap[[len(row.doses) == 2 for row in plate.rows]].mean()
    return found


def _order(bench: Bench, policy: str, seed: int) -> list[Cell]:
    rng = np.random.default_rng([seed, 5])
    if policy == "random":
        return [bench.grid[k] for k in rng.permutation(len(bench.grid))]
    lines, partners = rng.permutation(len(bench.lines)), rng.permutation(len(bench.partners))
    return [
        (bench.lines[line], bench.partners[partners[(at + turn) % len(partners)]])
        for turn in range(len(partners))
        for at, line in enumerate(lines)
    ]


def _judged(
    measured: Sequence[Cell],
    shown: Floats,
    left: Floats,
    laboratory: Laboratory,
    known: tuple[PlateNoise, PlatesLearnt | None],
) -> Round:
    """`known` are the noise, and what was learnt, which says how this laboratory reads."""
    (noise, learnt), bench = known, laboratory.bench
    named = left.mean(axis=0).reshape(len(bench.lines), len(bench.partners))
    rest = [k for k, cell in enumerate(bench.grid) if cell not in measured]
    plates = [laboratory.measure(bench.grid[k]) for k in rest]
    rows = shown[:, rest].reshape(len(shown), -1)
    if learnt is not None and rest:  # before any plate the discrepancy stands for how plates are read
        rows = as_read(plates, rows, unread(learnt, len(rest), laboratory.seed)[learnt.whole])
    error = np.full(rows.shape[1], np.sqrt(noise.sigma**2 / REPLICATES + noise.delta**2))
    dosed = np.array([bool(row.doses) for plate in plates for row in plate.rows], bool)
    inside, misses = np.zeros(0), np.zeros(0)
    if rest:
        truth = np.concatenate([plate.measured for plate in plates])
        low, high = predictive(rows, error)
        inside = ((low <= truth) & (truth <= high))[dosed]
        misses = ((shown[:, rest].reshape(len(shown), -1).mean(axis=0) - truth)[dosed]) ** 2
    plain = right(without_model(measured, laboratory), laboratory) if measured else float("nan")
    coverage, miss = (float(np.mean(v)) if len(v) else float("nan") for v in (inside, misses))
    return Round(len(measured), right(named, laboratory), plain, coverage, miss)


def _chosen(
    bench: Bench,
    shown: Floats,
    left: Floats,
    measured: Sequence[Cell],
    noise: PlateNoise,
    seed: int,
) -> list[Cell]:
    """The matrices that `next` takes: about the best partner in each line."""
    count = len(bench.partners)
    choices = tuple(np.arange(count * k, count * (k + 1)) for k in range(len(bench.lines)))
    question = Question("best partner", left, choices)
    offered = [k for k, cell in enumerate(bench.grid) if cell not in measured]
    experiments, signals = [], []
    rng = np.random.default_rng([seed, 6])
    for k in offered:
        line, partner = bench.grid[k]
        wells = tuple(one for one in bench.wells([bench.grid[k]]) if one.doses)
        one = Experiment(MATRIX, f"{line} {partner}", line, partner, wells, REPLICATES)
        experiments.append(one)
        rows = shown[:, k].reshape(len(shown), 9)[:, 1:]
        signals.append(directions(rows, one.covariance(noise.sigma, max(noise.delta, 0.01), 0.25), rng))
    batch = choose(question, experiments, signals, Budget(plates=EACH, vehicle_wells=44, lines=EACH))
    names = [bench.grid[offered[experiments.index(one.experiment)]] for one in batch.choices][:EACH]
    spare = [bench.grid[k] for k in np.random.default_rng([seed, 7]).permutation(offered)]
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
    parser.add_argument("--bench", choices=list(BENCHES), default="named")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    bench = BENCHES[options.bench]
    assay = Assay.compile(load_pathway(), [])
    other = feedback_removed(assay)
    plays: dict[str, list[list[Round]]] = {}
    full = []
    for number in range(options.first, options.first + options.truths):
        truth = laboratory(assay, number, bench)
        full.append(right(without_model(bench.grid, truth), truth))
        for policy in ("next", "random", "latin"):
            plays.setdefault(policy, []).append(play(assay, truth, policy, number, options.jobs))
        print(f"truth {number}: {[round(one.right, 2) for one in plays['next'][-1]]}", flush=True)
    for number in range(options.first, options.first + options.wrong):
        truth = laboratory(other, number, bench)
        for policy in ("next", "random"):
            played = play(assay, truth, policy, number, options.jobs)
            plays.setdefault(f"{policy}, truth without S6K feedback", []).append(played)
    print("\n".join(table(plays)))
    print(f"full grid, without the model: {_interval(np.array(full))} of lines ({len(bench.grid)} matrices)")
    if options.output:
        found = {name: [[vars(one) for one in rounds] for rounds in played] for name, played in plays.items()}
        options.output.write_text(json.dumps({"plays": found, "full_grid": full}, indent=1) + "\n")


if __name__ == "__main__":
    main()
