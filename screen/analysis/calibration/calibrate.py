"""Calibration from the priors alone: an ensemble of parameter sets that agree with measured numbers and evidence.

Ensemble smoothers from several seeds, each from members of the prior, leave members of the posterior; the nominal set
is the mean of their scores, the ensemble a choice from all of them, and their agreement says whether they converged.
Where each is refined to an optimum, repeats far above the lowest one are left out (`repeat_agreement.py`). Where Markov
chains go on from there (`sampling.py`), the ensemble is of their states, and the nominal set the lowest optimum, of
those and of the one beside the mean of all states.
Everything is keyed by one seed and kept on disk after every step, so that a stopped calibration resumes and ends in the
same numbers.
"""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.division_rates import settled
from screen.analysis.calibration.folder import StageClock, claim, digest_of
from screen.analysis.calibration.free_values import FreeValues, free_values
from screen.analysis.calibration.laplace import laplace
from screen.analysis.calibration.refining import energy, optimum_near, problem_of, refined
from screen.analysis.calibration.repeat_agreement import earned, heights, kept
from screen.analysis.calibration.rows.observations import CalibrationRows, Observations
from screen.analysis.calibration.sampling import sampled
from screen.analysis.calibration.smoothing import Progress, Smoothed, silent, smoothed
from screen.analysis.evidence.check import Result, check
from screen.analysis.evidence.evidence_table import BUILT_IN as EVIDENCE
from screen.analysis.evidence.evidence_table import read_evidence
from screen.analysis.methods.diagnostics import agreement
from screen.analysis.methods.ensemble_smoother import completed
from screen.analysis.skill.measured_table import BUILT_IN as MEASURED
from screen.analysis.skill.measured_table import read_measured
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.files import write_text
from screen.pathway import Assay, Pathway
from screen.pathway.calibrated import MEASURED_KIND
from screen.pathway.names import SIGNALS
from screen.pathway.tables.ensemble import Draw

PACKAGES = ("herscreen", "numpy", "scipy", "llvmlite", "antimony")
RECORD = "record.json"
NINETY = 1.645
"""Half the width of a normal distribution's middle 90 %, in standard deviations."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """The nominal set, the ensemble, and how they were found."""

    observations: Observations
    members: Floats  # (N, D) scores of the repeats that were kept, as far as they could be simulated
    values: Floats  # (N, M) what they say of the rows
    nominal: Floats  # (D,) scores: of the lowest optimum, or where none was sought the mean of all members
    nominal_values: Floats  # (M,)
    nominal_draw: Draw
    draws: tuple[Draw, ...]
    results: tuple[Result, ...]  # the evidence check of the nominal set
    # By the slopes at the optimum, or where none was sought of members: 5 %, middle and 95 % (3, D) of scores, and the
    # posterior's standard deviation (D,) in those of the prior.
    posterior_scores: Floats
    width: Floats
    r_hat: Floats  # (D,)
    effective_size: Floats  # (D,)
    record: dict[str, Any]

    @property
    def free(self) -> FreeValues:
        return self.observations.free


def read_rows(pathway: Pathway, settings: CalibrationConfig) -> CalibrationRows:
    """The rows of the two tables. A measured statement is left out where the table of measured numbers has its line
    and drug, for it is another reading of the same plates, unless the settings give its kind a weight.
    """
    evidence, measured = sources(settings)
    cells = tuple(cell for cell in read_measured(measured, pathway).cells if not cell.is_pair)
    known = {(cell.line, cell.drugs) for cell in cells}
    statements = tuple(
        statement
        for statement in read_evidence(evidence, pathway)
        if statement.kind != MEASURED_KIND
        or MEASURED_KIND in settings.weights
        or (statement.test.line.name, statement.test.treatment.swept) not in known
    )
    if not cells and not statements:
        raise InputError(f"{measured}: no row is of a line and drug of the model")
    return CalibrationRows(cells, statements, settings.weights, settings.margin, settings.chance)


def sources(settings: CalibrationConfig) -> tuple[Path, Path]:
    """The files of evidence and of measured numbers."""
    return Path(settings.evidence or EVIDENCE), Path(settings.measured or MEASURED)


def lay_out(
    pathway: Pathway, abundance: AbundancePrior, settings: CalibrationConfig
) -> tuple[Assay, Observations]:
    """The compiled model and all rows as functions of the free values."""
    assay = Assay.compile(pathway, SIGNALS)
    free = free_values(pathway, abundance, assay.engine.states)
    return assay, Observations.lay_out(assay, free, read_rows(pathway, settings))


def calibrate(
    pathway: Pathway,
    abundance: AbundancePrior,
    settings: CalibrationConfig,
    folder: Path,
    progress: Progress = silent,
    jobs: int = 1,
) -> Calibration:
    """Smooth, refine and run chains if asked to, then choose; `folder` holds all states and is resumed from.

    Errors: `InputError` where the folder holds a calibration of other settings, data or tables.
    """
    assay, observations = lay_out(pathway, abundance, settings)
    claim(folder, digest_of(settings, observations))
    clock = StageClock(folder / "clock.json")
    repeats, optima = [], []
    for number in range(settings.repeats):
        path = folder / f"repeat-{number + 1}.npz"

        def tell(stage: str, done: int, total: int, misfit: float) -> None:
            if done % settings.members == 0:
                clock.save("smoothing")
            progress(stage, done, total, misfit)

        repeat = smoothed(observations, settings, number, path, tell, jobs)
        if settings.refine:
            optimum, repeat = refined(observations, settings, number, repeat, folder, progress, jobs)
            optima.append(optimum)
            clock.save("refining")
        repeats.append(repeat)
    misfits, lost = [list(repeat.misfits) for repeat in repeats], [int(one.failed.sum()) for one in repeats]
    chosen = kept(optima, len(repeats), len(observations.free))
    used = [repeats[number] for number in chosen]
    found = list(optima)
    if settings.sweeps:
        repeats = used = sampled(assay, observations, settings, optima, folder, progress, jobs)
        clock.save("sampling")
        mean = _whole(used)[0].mean(axis=0)
        near = folder / "optimum-of-chains.npz"
        found.append(
            optimum_near(problem_of(observations, jobs), mean, settings.refine, near, "optimum", progress)
        )
        clock.save("refining")
    members, values = _whole(used)
    narrowed = observations.free.effective(members) if settings.sweeps else earned(observations.free, used)
    estimates, width = {}, members.std(axis=0)
    nominal = members.mean(axis=0)
    if found:
        lowest = min(found, key=energy)
        nominal = lowest.scores
        slopes = laplace(
            problem_of(observations, jobs), lowest, observations.free, observations.rows, abundance
        )
        estimates = {
            "deviation_sd": slopes.deviation_sd,
            "error_factor": slopes.error_factor,
            "free_effective": slopes.effective,
        }
        if not settings.sweeps:
            narrowed, width = slopes.effective, slopes.width
    lines = tuple(pathway.cell_lines.values())
    counts = shares(min(settings.draws, sum(len(repeat.scores) for repeat in used)), len(used))
    drawn = np.concatenate([members_of(repeat, count) for repeat, count in zip(used, counts, strict=True)])
    nominal_draw, *draws = settled(assay, lines, [observations.free.draw(row) for row in (nominal, *drawn)])
    results = tuple(check(observations.rows.statements, pathway, assay, draw=nominal_draw))
    clock.save("choosing")
    chains = np.stack([repeat.scores for repeat in repeats])
    agreed = agreement(chains)
    said = agreement(np.stack([completed(repeat.values) for repeat in repeats]))
    nominal_values = observations.predict(nominal[None])
    record = {
        "settings": settings.model_dump(),
        "key": (folder / "key").read_text(encoding="utf-8").strip(),
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sources(settings)},
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "rows": {"measured": len(observations.rows.cells), "statements": len(observations.rows.statements)},
        "wells": len(observations.wells.row),
        "free": observations.free.counts(),
        "free_effective": narrowed,
        "hyperparameter_estimates": estimates,
        "misfit_by_step": misfits,
        "repeats_kept": [number + 1 for number in chosen],
        "energy_above_lowest": heights(optima),
        "energy_nominal": energy(lowest) if found else None,
        "energy_by_step": [list(optimum.energies) for optimum in optima],
        "misfit_nominal": float(observations.observed().misfit(observations.compared(nominal_values))[0]),
        "failed_members": lost,
        "chains": {"count": len(chains), "states": chains.shape[1], "markov": settings.sweeps > 0},
        **agreed.summary(),
        "predictions": said.summary(),
        "hold_nominal": sum(result.passed for result in results),
        "failing_nominal": [result.id for result in results if not result.passed],
        "hold_members": np.quantile(observations.holds(values).sum(axis=1), [0.05, 0.5, 0.95]).tolist(),
        "seconds": clock.seconds,
    }  # fmt: skip
    write_text(folder / RECORD, json.dumps(record, indent=1) + "\n")
    return Calibration(
        observations=observations,
        members=members,
        values=values,
        nominal=nominal,
        nominal_values=nominal_values[0],
        nominal_draw=nominal_draw,
        draws=tuple(draws),
        posterior_scores=(
            np.quantile(members, [0.05, 0.5, 0.95], axis=0)
            if settings.sweeps or not found
            else nominal + NINETY * np.outer([-1, 0, 1], width)
        ),
        width=width,
        results=results,
        r_hat=agreed.r_hat,
        effective_size=agreed.effective_size,
        record=record,
    )


def shares(draws: int, parts: int) -> list[int]:
    """How many of the draws each of so many repeats, or chains, gives."""
    each, more = divmod(draws, parts)
    return [each + (number < more) for number in range(parts)]


def _whole(repeats: Sequence[Smoothed]) -> tuple[Floats, Floats]:
    """Scores (N, D) and predicted rows (N, M) of all members that could be simulated."""
    good = np.concatenate([~repeat.failed for repeat in repeats])
    scores = np.concatenate([repeat.scores for repeat in repeats])
    return scores[good], np.concatenate([repeat.values for repeat in repeats])[good]


def members_of(repeat: Smoothed, count: int) -> Floats:
    """`count` members (count, D) of a repeat that could be simulated, evenly by number: they are exchangeable.

    `InputError` where fewer could.
    """
    good = np.flatnonzero(~repeat.failed)
    if len(good) < count:
        raise InputError(
            f"draws: {len(good)} members of a repeat could be simulated, expected at least {count}"
        )
    chosen = good[np.linspace(0, len(good) - 1, count).astype(int)]
    return np.asarray(repeat.scores[chosen])
