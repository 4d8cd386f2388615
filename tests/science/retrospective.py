"""On measured numbers: how much better do k chosen drugs predict the rest of a line than k random ones?

`python -m tests.science.retrospective TABLE` reads GDSC2's areas (metric AUC) from a table as `herscreen evidence
score` reads it. Each line is left out in turn: of the others only the drugs' means are used. Members of the ensemble
say how drugs go together in the line; k of its drugs are read, chosen (greedily, for the variance left in all others)
or at random, and the others predicted by the members' regression on them. Beside it stand the drug's mean over other
lines, for the same drugs (those that are chosen vary most, so what is left is easier), and that mean shifted by what
the k drugs lie off theirs.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.calibration.abundance_prior import built_in_abundance
from screen.analysis.learn.prior import learn_prior
from screen.analysis.learn.readings.wells import Simulator, well
from screen.analysis.learn.subjects import subjects_of
from screen.analysis.skill.measured_table import read_measured
from screen.arrays import Floats
from screen.pathway import Assay, load_draws, load_pathway

MEMBERS, DOSES = 128, np.geomspace(1, 1e4, 7)
ERROR = 0.08
"""AUC: noise and what the model misses (the spread between laboratories is 0.07, the model's own error 0.1)."""
COUNTS = (1, 2, 3, 5)
RANDOM = 40


@dataclass(frozen=True)
class Areas:
    """Measured areas (line, drug), NaN where there is none, and the members' (K, line, drug)."""

    lines: tuple[str, ...]
    drugs: tuple[str, ...]
    measured: Floats
    simulated: Floats


def areas(path: Path, source: str = "GDSC2", known: bool = True, jobs: int = 2) -> Areas:
    """Read and simulate. `known` lines are the ensemble's, others are only known to be like SKBR3."""
    pathway = load_pathway()
    cells = [
        one for one in read_measured(path, pathway).cells if one.source == source and one.metric == "AUC"
    ]
    lines = tuple(dict.fromkeys(one.line for one in cells))
    drugs = tuple(dict.fromkeys(one.drugs[0] for one in cells))
    measured = np.full((len(lines), len(drugs)), np.nan)
    for one in cells:
        measured[lines.index(one.line), drugs.index(one.drugs[0])] = one.value
    around = {} if known else dict.fromkeys(lines, ("SKBR3", 1.0))
    subjects = subjects_of(pathway, lines, [], [], around)
    prior = learn_prior(pathway, built_in_abundance(), load_draws(), subjects, MEMBERS, 3)
    wells = [well(line, {drug: dose}, 72.0) for line in lines for drug in drugs for dose in DOSES]
    found = Simulator(Assay.compile(pathway, []), prior, wells).predict(prior.scores, jobs)
    curves = found.reshape(len(found), len(lines), len(drugs), len(DOSES))
    place = np.log10(DOSES)
    area = np.trapezoid(curves, place, axis=-1) / (place[-1] - place[0])
    return Areas(lines, drugs, measured, area[np.isfinite(area).all(axis=(1, 2))])


def errors(found: Areas, seed: int = 0) -> dict[str, dict[int, Floats]]:
    """Root mean square errors (line,) of drugs not read, by method and by how many were read."""
    result: dict[str, dict[int, list[float]]] = {}
    rng = np.random.default_rng(seed)
    for at in range(len(found.lines)):
        others = [k for k in range(len(found.lines)) if k != at]
        with np.errstate(all="ignore"):
            usual = np.array(
                [np.nanmean(c) if np.isfinite(c).any() else np.nan for c in found.measured[others].T]
            )
        there = np.flatnonzero(np.isfinite(found.measured[at]) & np.isfinite(usual))
        if len(there) < 2 * max(COUNTS):
            continue
        off = (found.measured[at] - usual)[there]
        shown = found.simulated[:, at] - found.simulated[:, others].mean(axis=1)
        members = shown[:, there] - shown[:, there].mean(axis=0)
        middle = shown[:, there].mean(axis=0)
        covariance = members.T @ members / (len(members) - 1)
        for count in COUNTS:
            chosen = greedy(covariance, count)
            rows = {"chosen": _missed(covariance, middle, off, chosen)}
            drawn = [rng.permutation(len(there))[:count] for _ in range(RANDOM)]
            rows["random"] = float(np.mean([_missed(covariance, middle, off, one) for one in drawn]))
            rows["drug mean, of what was not chosen"] = _rms(np.delete(off, chosen))
            rows["drug mean, of what was not drawn"] = float(
                np.mean([_rms(np.delete(off, one)) for one in drawn])
            )
            shifted = [_rms(np.delete(off - off[one].mean() * count / (count + 1), one)) for one in drawn]
            rows["drug mean, shifted"] = float(np.mean(shifted))
            for name, value in rows.items():
                result.setdefault(name, {}).setdefault(count, []).append(value)
    return {name: {count: np.array(v) for count, v in by.items()} for name, by in result.items()}


def greedy(covariance: Floats, count: int) -> list[int]:
    """The drugs whose readings leave the least variance in all drugs."""
    left, chosen = covariance.copy(), list[int]()
    for _ in range(count):
        gained = (left**2).sum(axis=0) / (np.diag(left) + ERROR**2)
        gained[chosen] = -1
        best = int(gained.argmax())
        left = left - np.outer(left[:, best], left[best]) / (left[best, best] + ERROR**2)
        chosen.append(best)
    return chosen


def _missed(covariance: Floats, middle: Floats, off: Floats, read: Sequence[int]) -> float:
    """Root mean square error of the drugs not read."""
    read = np.array(read)
    inner = covariance[np.ix_(read, read)] + ERROR**2 * np.eye(len(read))
    said = middle + covariance[:, read] @ np.linalg.solve(inner, (off - middle)[read])
    return _rms(np.delete(off - said, read))


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


def table(found: dict[str, dict[int, Floats]]) -> list[str]:
    """A table in Markdown: means over lines, with 90 % intervals from resampled lines."""
    lines = [
        "| prediction | " + " | ".join(f"{count} read" for count in COUNTS) + " |",
        "| --- |" + " --- |" * len(COUNTS),
    ]
    for name, by in found.items():
        cells = []
        for count in COUNTS:
            values = by[count]
            drawn = values[np.random.default_rng(0).integers(0, len(values), (2000, len(values)))].mean(
                axis=1
            )
            low, high = np.quantile(drawn, [0.05, 0.95])
            cells.append(f"{values.mean():.3f} ({low:.3f} to {high:.3f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    for known in (True, False):
        print(f"\n{'lines as the ensemble has them' if known else 'lines only known to be like SKBR3'}\n")
        print("\n".join(table(errors(areas(Path(sys.argv[1]), known=known)))))
