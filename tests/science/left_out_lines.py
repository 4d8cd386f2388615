"""Does what is learnt from some lines carry over to a line that nobody measured?

`python -m tests.science.left_out_lines` draws truths from the prior and hides them (`simulated_laboratory`). Two
matrices a line are measured in three lines; each line is left out in turn and predicted from the other two, with the
shared parameters as the prior has them, half-way, and as learnt.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from screen.analysis.learn.readings.wells import Simulator
from screen.analysis.learn.smoothing import SmootherOptions, smoothed
from screen.arrays import Floats
from screen.pathway import Assay, load_pathway
from tests.science.simulated_laboratory import MEMBERS, STEPS, laboratory, priors

LEFT_OUT, PARTNERS = ("SKBR3", "BT474", "HCC1954"), ("lapatinib", "linsitinib")
SHARES = (0.0, 0.5, 1.0)
"""Of what was learnt of shared parameters."""


def errors(assay: Assay, number: int) -> Floats:
    """Mean squared errors in viability (line, share) of dosed wells of each line left out, in truth `number`."""
    truth, prior = laboratory(assay, number), priors(assay, MEMBERS, 1000 + number)
    plates = {(line, drug): truth.measure((line, drug)) for line in LEFT_OUT for drug in PARTNERS}
    shared = np.array([not item.line for item in prior.items])
    found = []
    for out in LEFT_OUT:
        seen = [plate for (line, _), plate in plates.items() if line != out]
        left = [plate for (line, _), plate in plates.items() if line == out]
        simulator = Simulator(assay, prior, [row for plate in left for row in plate.rows])
        learnt = smoothed(assay, prior, seen, SmootherOptions(STEPS, number, 1))
        measured = np.concatenate([plate.measured for plate in left])
        dosed = np.array([bool(row.doses) for plate in left for row in plate.rows])
        row = []
        for share in SHARES:
            scores = prior.scores.copy()
            scores[:, shared] = (1 - share) * scores[:, shared] + share * learnt.scores[:, shared]
            miss = np.nanmean(simulator.predict(scores), axis=0) - measured
            row.append(float((miss[dosed] ** 2).mean()))
        found.append(row)
    return np.array(found)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truths", type=int, default=8)
    options = parser.parse_args(arguments)
    assay = Assay.compile(load_pathway(), [])
    table = np.concatenate([errors(assay, number) for number in range(options.truths)])
    pooled = " ".join(f"{value:.4f}" for value in np.sqrt(table.mean(axis=0)))
    worse = float((table[:, -1] > table[:, 0]).mean())
    print(
        f"error of lines left out, shares {SHARES} of what was learnt: {pooled}; worse in {worse:.0%} of lines"
    )


if __name__ == "__main__":
    main()
