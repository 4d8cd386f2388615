"""Why do 90 % intervals of `learn` hold more or fewer readings than that, in a simulated laboratory?

`python -m tests.science.interval_coverage [--members 96] [--steps 3] [--truths 6]` measures random matrices of hidden
truths (`simulated_laboratory`, the named lines) and prints, by how many were learnt, of matrices that were not read:
the share of readings inside intervals without and with how plates are read (gain and offset), the share of true
viability between the members' 5 and 95 % quantiles, and the squared miss of their mean in units of their variance (1
where they spread as they miss).
"""

import argparse
from collections.abc import Sequence

import numpy as np

from screen.analysis.learn.held_out import unread
from screen.analysis.learn.noise import PlateNoise
from screen.analysis.learn.readings.wells import Simulator
from screen.analysis.learn.smoothing import SmootherOptions, as_read, smoothed
from screen.analysis.learn.verdicts import predictive
from screen.arrays import Floats
from screen.pathway import Assay, load_pathway
from tests.science.simulated_laboratory import NAMED, NOISE, REPLICATES, laboratory, priors

LEARNT = (0, 3, 9, 15)
HEAD = ("matrices", "inside, no gain", "inside", "true in members", "miss^2 / variance")


def within(low: Floats, high: Floats, values: Floats) -> float:
    return float(np.mean((low <= values) & (values <= high)))


def coverages(assay: Assay, number: int, members: int, steps: int) -> Floats:
    """The four figures after each of `LEARNT` (step, figure); NaN for the second before any plate."""
    truth, prior = laboratory(assay, number), priors(assay, members, 1000 + number)
    simulator = Simulator(assay, prior, NAMED.wells(NAMED.grid))
    order = np.random.default_rng([number, 5]).permutation(len(NAMED.grid))
    dosed = np.tile(np.arange(9) > 0, len(NAMED.grid))
    found = []
    for count in LEARNT:
        rest = np.sort(order[count:])
        plates = [truth.measure(NAMED.grid[k]) for k in rest]
        scores, noise, reading = prior.scores, PlateNoise(NOISE, 0.03, ()), None
        if count:
            seen = [truth.measure(NAMED.grid[k]) for k in order[:count]]
            learnt = smoothed(assay, prior, seen, SmootherOptions(steps, number, 1))
            scores, noise = learnt.scores[learnt.whole], learnt.noise
            reading = unread(learnt, len(rest), number)[learnt.whole]
        shown = simulator.predict(scores, 1).reshape(len(scores), len(NAMED.grid), 9)[:, rest]
        rows, here = shown.reshape(len(scores), -1), dosed[: 9 * len(rest)]
        error = np.full(rows.shape[1], np.sqrt(noise.sigma**2 / REPLICATES + noise.delta**2))
        read = np.concatenate([plate.measured for plate in plates])
        true = np.concatenate([truth.truth[NAMED.grid[k]].reshape(9) for k in rest])
        ends = [predictive(rows, error), np.quantile(rows, [0.05, 0.95], axis=0)]
        with_gain = np.nan
        if reading is not None:
            low, high = predictive(as_read(plates, rows, reading), error)
            with_gain = within(low[here], high[here], read[here])
        miss = (rows.mean(axis=0) - true)[here] ** 2 / rows.var(axis=0)[here]
        found.append(
            [
                within(ends[0][0][here], ends[0][1][here], read[here]),
                with_gain,
                within(ends[1][0][here], ends[1][1][here], true[here]),
                float(miss.mean()),
            ]
        )
    return np.array(found)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=96)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--truths", type=int, default=6)
    options = parser.parse_args(arguments)
    assay = Assay.compile(load_pathway(), [])
    table = np.mean(
        [coverages(assay, k, options.members, options.steps) for k in range(options.truths)], axis=0
    )
    print(" | ".join(HEAD))
    for count, row in zip(LEARNT, table, strict=True):
        print(" | ".join([str(count), *(f"{value:.2f}" for value in row)]))


if __name__ == "__main__":
    main()
