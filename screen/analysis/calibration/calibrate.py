"""Calibration from the priors alone: the free values that agree with the evidence, and draws around them.

Least squares from draws of the prior finds the nominal set; chains of the posterior from the best optima give
the ensemble. Everything is keyed by one seed and kept on disk as it goes, so that a stopped calibration
resumes and ends in the same numbers.
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

from screen.analysis.calibration.division_rates import settled
from screen.analysis.calibration.folder import StageClock, claim, digest_of
from screen.analysis.calibration.objective import Objective
from screen.analysis.calibration.priors import Priors, read_priors
from screen.analysis.calibration.sampling import Sampled, sample
from screen.analysis.calibration.search import Progress, search, silent
from screen.analysis.evidence.check import Result, check
from screen.analysis.evidence.table import BUILT_IN, Statement, read_evidence
from screen.analysis.methods.diagnostics import effective_size, r_hat
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.files import write_text
from screen.pathway import Assay, Pathway
from screen.pathway.names import SIGNALS
from screen.pathway.tables.ensemble import Draw

PACKAGES = ("herscreen", "numpy", "scipy", "llvmlite", "antimony")
RECORD = "record.json"


@dataclass(frozen=True)
class Calibration:
    """The nominal set, the ensemble, and how they were found."""

    priors: Priors
    statements: tuple[Statement, ...]
    nominal: Floats  # (D,) scores
    ensemble: Floats  # (draws, D) scores
    nominal_draw: Draw
    draws: tuple[Draw, ...]
    results: tuple[tuple[Result, ...], ...]  # of the evidence check: nominal set, then each draw
    r_hat: Floats  # (D,)
    effective: Floats  # (D,)
    record: dict[str, Any]


def lay_out(
    pathway: Pathway, statements: Sequence[Statement], settings: CalibrationConfig, jobs: int = 1
) -> tuple[Assay, Objective]:
    """The compiled model and the objective over these statements."""
    assay = Assay.compile(pathway, SIGNALS)
    named = {condition.line.name for s in statements for condition in (s.test, s.reference)}
    priors = read_priors(pathway, named, assay.engine.states)
    objective = Objective.lay_out(assay, statements, priors, settings.weights, settings.margin, jobs)
    return assay, objective


def calibrate(
    pathway: Pathway,
    settings: CalibrationConfig,
    folder: Path,
    progress: Progress | None = None,
    jobs: int = 1,
) -> Calibration:
    """Search, then sample; `folder` holds the state of both and is resumed from.

    Errors: `InputError` where the folder holds a calibration of other settings, evidence or tables.
    """
    source = Path(settings.evidence) if settings.evidence else BUILT_IN
    statements = read_evidence(source, pathway)
    assay, objective = lay_out(pathway, statements, settings, jobs)
    tell = progress or silent
    digest = digest_of(settings, source, pathway)
    claim(folder, digest)
    clock = StageClock(folder / "clock.json")
    optima, energies = search(objective, settings, folder / "search.npz", tell, clock)
    order = np.argsort(energies, kind="stable")
    nominal = optima[order[0]]

    def sampled(done: int, energy: float) -> None:
        clock.save("sample")
        tell("sample", done, settings.steps, energy)

    starts = optima[order[np.arange(settings.chains) % len(order)]]
    chains = sample(objective, starts, settings, folder / "chains.npz", sampled)
    ensemble = _evenly(chains, settings.draws)
    lines = tuple(pathway.cell_lines.values())
    nominal_draw, *draws = settled(assay, lines, [objective.priors.draw(s) for s in (nominal, *ensemble)])
    clock.save("sample")
    hats, sizes = r_hat(chains.states), effective_size(chains.states)
    results = tuple(tuple(check(statements, pathway, assay, draw=draw)) for draw in (nominal_draw, *draws))
    passed = np.array([[result.passed for result in row] for row in results])
    record = {
        "settings": settings.model_dump(),
        "key": digest,
        "evidence_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "statements": len(statements),
        "free": len(objective.priors.free),
        "wells": len(objective.wells.row),
        "start_energies": [float(energies[i]) for i in order],
        "start_holds": objective.holds(objective.evaluate(optima[order]).values).sum(axis=1).tolist(),
        "energy_nominal": float(energies[order[0]]),
        "prior_nominal": 0.5 * float(nominal @ nominal),
        "energies_sampled": np.quantile(chains.energies, [0.05, 0.5, 0.95]).tolist(),
        "accepted": chains.accepted.tolist(),
        "kept": int(chains.states.shape[0] * chains.states.shape[1]),
        "r_hat": {"median": float(np.nanmedian(hats)), "q95": float(np.nanquantile(hats, 0.95)),
                  "largest": float(np.nanmax(hats)), "energy": float(r_hat(chains.energies)),
                  "within_1.1": float(np.mean(hats < 1.1))},
        "effective_size": {"median": float(np.nanmedian(sizes)), "smallest": float(np.nanmin(sizes)),
                           "energy": float(effective_size(chains.energies))},
        "hold_nominal": int(passed[0].sum()),
        "failing_nominal": [s.id for s, good in zip(statements, passed[0]) if not good],
        "hold_draws": [int(row.sum()) for row in passed[1:]],
        "seconds": clock.seconds,
    }  # fmt: skip
    write_text(folder / RECORD, json.dumps(record, indent=1) + "\n")
    return Calibration(
        objective.priors,
        tuple(statements),
        nominal,
        ensemble,
        nominal_draw,
        tuple(draws),
        results,
        hats,
        sizes,
        record,
    )


def _evenly(chains: Sampled, draws: int) -> Floats:
    """`draws` states (draws, D) spread evenly over the chains and over each chain."""
    count, kept, _ = chains.states.shape
    each = -(-draws // count)
    if each > kept:
        raise InputError(
            f"steps: {kept} states were kept of each chain, expected at least {each} for {draws} draws"
        )
    at = np.linspace(0, kept - 1, each).astype(int)
    return chains.states[:, at].swapaxes(0, 1).reshape(-1, chains.states.shape[2])[:draws]
