"""A measured plate read backwards: which abundances of a cell line make the model respond as the wells did.

The wells of one drug pair or several are the data, normal around the model's viability with a noise that is
fitted too; the posterior is sampled with all proposals of a step in one batch, and says whether the model can
make such a plate at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from screen.analysis.fit_line.prior import LinePrior
from screen.analysis.methods.cma_es import Evolution
from screen.analysis.methods.smc import temper
from screen.arrays import Floats
from screen.kinetics import Status
from screen.pathway import Assay, CellLine
from screen.pathway.growth import viability

Progress = Callable[[str, int, int], None]
ASSUMED_NOISE = 0.05  # viability: a usual plate, without enough replicates
NOISE_WIDTH = 0.4  # of its natural logarithm
FEWEST_REPLICATES = 8  # degrees of freedom that estimate the noise
WORST_RATIO, WORST_LEAST, WORST_MOST = 2.0, 0.03, 0.10
RTOL, ATOL = 1e-4, 1e-7
TOGETHER = 16_384  # wells simulated at a time
POLISH, POLISH_STEP = 30, 0.1


@dataclass(frozen=True)
class MeasuredPlate:
    """PlateWells of one drug pair: doses in nM, ascending; `wells` (dose_1, dose_2, replicate) viability as a
    fraction, NaN where missing.
    """

    drugs: tuple[str, str]
    doses: tuple[Floats, Floats]
    wells: Floats


@dataclass(frozen=True)
class Sampling:
    """Of `particles`, moved `moves` times a stage, `draws` are kept; all by chance keyed by `seed`."""

    seed: int = 0
    draws: int = 32
    particles: int = 256
    moves: int = 8


@dataclass(frozen=True)
class Verdict:
    """Whether the model explains the wells: the root mean square `residual` of the wells' means (viability)
    against the posterior's mean prediction, and the most that is `allowed`: `WORST_RATIO` times what the
    `noise` of the means would make, at least `WORST_LEAST` and never more than `WORST_MOST`, however little the
    replicates agree. `of_means` is what noise alone would leave. `covered` is the share of means within the 95 %
    predictive interval.
    """

    residual: float
    allowed: float
    noise: float
    from_replicates: bool
    covered: float
    of_means: float
    stated: bool = False

    @property
    def noisy(self) -> bool:
        """Whether noise alone would leave more than any verdict allows, so that the plate decides nothing."""
        return self.of_means > WORST_MOST

    @property
    def explained(self) -> bool:
        return self.residual <= self.allowed and not self.noisy


@dataclass(frozen=True)
class LineFit:
    """`values` (draw, D) of the posterior and `best` (D,), in the order of `prior.names`; `noise` (draw,) of
    single wells; `predicted` (draw, mean well) viability of the measured means, in their order.
    """

    prior: LinePrior
    values: Floats
    best: Floats
    noise: Floats
    predicted: Floats
    verdict: Verdict
    log_evidence: float
    stages: int


class PlateWells:
    """The measured wells laid out once, and what the model makes of them for any lines."""

    def __init__(self, assay: Assay, measured: Sequence[MeasuredPlate], time_h: float) -> None:
        self._assay = replace(assay, rtol=RTOL, atol=ATOL)
        self._time = np.array([time_h])
        drugs = list(dict.fromkeys(drug for one in measured for drug in one.drugs))
        rows, means, counts, within = [], [], [], 0.0
        for one in measured:
            for (i, j), _ in np.ndenumerate(one.wells[:, :, 0]):
                seen = one.wells[i, j][np.isfinite(one.wells[i, j])]
                if not len(seen):
                    continue
                row = np.zeros(len(drugs))
                row[drugs.index(one.drugs[0])] = one.doses[0][i]
                row[drugs.index(one.drugs[1])] = one.doses[1][j]
                rows.append(row)
                means.append(seen.mean())
                counts.append(len(seen))
                within += float(((seen - seen.mean()) ** 2).sum())
        table = np.vstack([np.zeros(len(drugs)), *rows])
        self._doses, place = np.unique(table, axis=0, return_inverse=True)
        self._drugs, self._vehicle, self._place = drugs, int(place.ravel()[0]), place.ravel()[1:]
        self.means, self.counts, self.within = np.array(means), np.array(counts), within

    @property
    def replicate_noise(self) -> float | None:
        """The standard deviation of a well among its replicates, if they are enough."""
        freedom = int(self.counts.sum() - len(self.counts))
        return float(np.sqrt(self.within / freedom)) if freedom >= FEWEST_REPLICATES else None

    def predict(self, lines: Sequence[CellLine]) -> Floats:
        """Viability (line, mean well); NaN where a line or a well failed."""
        together = max(1, TOGETHER // len(self._doses))
        parts = [self._predict(lines[k : k + together]) for k in range(0, len(lines), together)]
        return np.concatenate(parts)

    def _predict(self, lines: Sequence[CellLine]) -> Floats:
        untreated = self._assay.untreated(lines)
        each = len(self._doses)
        row = np.repeat(np.arange(len(lines)), each)
        doses = {drug: np.tile(self._doses[:, k], len(lines)) for k, drug in enumerate(self._drugs)}
        found = self._assay.dose(untreated, row, doses, self._time)
        cells = np.where(found.status > Status.reference, np.nan, found.log_cells[:, 0]).reshape(
            len(lines), each
        )
        return np.asarray(viability(cells, cells[:, [self._vehicle]])[:, self._place])

    def log_likelihood(self, predicted: Floats, noise: Floats) -> Floats:
        """Of all wells, (N,), at predictions (N, mean well) and noises (N,)."""
        squares = (self.counts * (self.means - predicted) ** 2).sum(axis=1) + self.within
        total = -self.counts.sum() * np.log(noise) - squares / (2 * noise**2)
        return np.asarray(np.where(np.isfinite(total), total, -np.inf))


def fit_line(
    assay: Assay,
    measured: Sequence[MeasuredPlate],
    prior: LinePrior,
    time_h: float,
    sampling: Sampling | None = None,
    progress: Progress | None = None,
    assay_noise: float | None = None,
) -> LineFit:
    """Sample the posterior over the line that `measured` wells at `time_h` are of. `assay_noise`, the standard
    deviation of a well's viability, stands in for that of the replicates.
    """
    sampling = sampling or Sampling()
    seed, particles = sampling.seed, sampling.particles
    wells = PlateWells(assay, measured, time_h)
    usual = max(assay_noise or wells.replicate_noise or ASSUMED_NOISE, 1e-3)
    size = len(prior.names)

    def simulated(scores: Floats) -> Floats:
        return wells.predict(prior.lines(prior.values(scores[:, :size]), "fit"))

    def noise_of(scores: Floats) -> Floats:
        return np.asarray(usual * np.exp(NOISE_WIDTH * scores[:, size]))

    def log_likelihood(scores: Floats) -> Floats:
        return wells.log_likelihood(simulated(scores), noise_of(scores))

    def energy(scores: Floats) -> Floats:
        return np.asarray(0.5 * (scores**2).sum(axis=1) - log_likelihood(scores))

    rng = np.random.default_rng([seed, 0])
    found = temper(
        log_likelihood,
        size + 1,
        rng,
        particles,
        sampling.moves,
        (lambda share: progress("sample", round(100 * share), 100)) if progress else None,
    )
    start = found.scores[int(np.argmin(0.5 * (found.scores**2).sum(axis=1) - found.log_likelihood))]
    best = _polished(energy, start, np.random.default_rng([seed, 1]), progress)
    chosen = np.random.default_rng([seed, 2]).permutation(particles)[: min(sampling.draws, particles)]
    predicted, noise = simulated(found.scores), noise_of(found.scores)
    return LineFit(
        prior=prior,
        values=prior.values(found.scores[chosen, :size]),
        best=prior.values(best[None, :size])[0],
        noise=noise[chosen],
        predicted=predicted[chosen],
        verdict=verdict_of(wells, predicted, assay_noise),
        log_evidence=found.log_evidence,
        stages=found.stages,
    )


def _polished(
    energy: Callable[[Floats], Floats], start: Floats, rng: np.random.Generator, progress: Progress | None
) -> Floats:
    """The most likely scores (D,), searched from the best of the sample."""
    evolution = Evolution(start, POLISH_STEP, 32)
    best, lowest = start, float(energy(start[None])[0])
    for number in range(POLISH):
        candidates = evolution.ask(rng)
        energies = energy(candidates)
        evolution.tell(candidates, energies)
        if energies.min() < lowest:
            best, lowest = candidates[int(energies.argmin())], float(energies.min())
        if progress is not None:
            progress("search", number + 1, POLISH)
    return best


def verdict_of(wells: PlateWells, predicted: Floats, assay_noise: float | None = None) -> Verdict:
    """Compare the measured means with the posterior's predictions (draw, mean well). The noise that they are judged
    by is stated, or that of the replicates, or assumed; never the one that the fit finds.
    """
    measured = wells.replicate_noise
    noise = assay_noise or measured or ASSUMED_NOISE
    of_means = noise / np.sqrt(wells.counts)
    residual = wells.means - predicted.mean(axis=0)
    expected = float(np.sqrt(np.mean(of_means**2)))
    width = 1.96 * np.sqrt(predicted.var(axis=0) + of_means**2)
    return Verdict(
        residual=float(np.sqrt(np.mean(residual**2))),
        allowed=min(max(WORST_RATIO * expected, WORST_LEAST), WORST_MOST),
        noise=noise,
        from_replicates=assay_noise is None and measured is not None,
        covered=float(np.mean(np.abs(residual) <= width)),
        of_means=expected,
        stated=assay_noise is not None,
    )
