"""Calibration: find the free values that agree with the evidence, and draws around them.

An evolution strategy finds the nominal set; a Metropolis chain around it gives the ensemble. Everything is
keyed by one seed, and the search is written to disk after every generation, so that a stopped calibration
resumes.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screen.analysis.evidence_table import BUILT_IN, read_evidence
from screen.analysis.evolution import Evolution
from screen.analysis.metropolis import sample
from screen.analysis.objective import Objective
from screen.analysis.priors import Priors, read_priors
from screen.errors import InputError, nearest
from screen.pathway import Assay, Pathway
from screen.pathway.draws import Draw
from screen.pathway.names import SIGNALS

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int, float], None]
log = logging.getLogger(__name__)
FINAL_ROUNDS = 30


@dataclass(frozen=True)
class Settings:
    """What a calibration file may say. `prior` weighs half the squared scores, `sharpness` the violations."""

    evidence: str = ""
    seed: int = 1
    generations: int = 150
    population: int = 24
    step: float = 0.15
    draws: int = 64
    steps: int = 6000
    block: int = 8
    prior: float = 0.1
    sharpness: float = 3.0
    weights: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Calibration:
    """The nominal set, the ensemble, and how they were found."""

    priors: Priors
    nominal: Floats  # (D,) scores
    ensemble: Floats  # (draws, D) scores
    draws: tuple[Draw, ...]
    nominal_draw: Draw
    record: dict[str, Any]


def read_settings(path: Path) -> Settings:
    """Settings from a YAML file; InputError names the file, the key and what is expected."""
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read as YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: found {type(found).__name__}, expected keys and values")
    defaults = asdict(Settings())
    for key, value in found.items():
        if key not in defaults:
            raise InputError(f"{path}: unknown key '{key}'{nearest(str(key), defaults)}")
        kind = type(defaults[key])
        if kind is float and isinstance(value, int):
            value = found[key] = float(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(f"{path}: {key}: found {value!r}, expected {kind.__name__}")
        if kind in (int, float) and (
            value < 0 or (value == 0 and key not in ("seed", "generations", "prior"))
        ):
            raise InputError(f"{path}: {key}: found {value!r}, expected a positive number")
    if found.get("evidence"):
        found["evidence"] = str(path.parent / found["evidence"])
    return Settings(**found)


def calibrate(
    pathway: Pathway, settings: Settings, folder: Path, progress: Progress | None = None
) -> Calibration:
    """Search, then sample; `folder` holds the search's state and is resumed from."""
    statements = read_evidence(Path(settings.evidence) if settings.evidence else BUILT_IN, pathway)
    assay = Assay.compile(pathway, SIGNALS)
    objective = Objective(assay, statements, settings.weights)
    named = {condition.line.name for s in statements for condition in (s.test, s.reference)}
    tested = [line for line in pathway.cell_lines.values() if line.name in named]
    priors = read_priors(pathway, tested, assay.engine.states)

    def energy(scores: Floats) -> float:
        total = objective(priors.draw(scores)).total
        return settings.sharpness * total + 0.5 * settings.prior * float(scores @ scores)

    folder.mkdir(parents=True, exist_ok=True)
    nominal, best = _search(energy, priors.scores(), settings, folder / "search.npz", progress)
    rng = np.random.default_rng([settings.seed, 1])
    chain = sample(
        energy,
        nominal,
        rng,
        steps=max(settings.steps, settings.draws),
        keep=settings.draws,
        block=settings.block,
        progress=None if progress is None else lambda n, e: progress("sample", n + 1, settings.steps, e),
    )
    draws = tuple(objective.settle(priors.draw(scores), FINAL_ROUNDS) for scores in chain.states)
    record = {
        "settings": asdict(settings),
        "statements": len(statements),
        "free": len(priors.free),
        "energy_nominal": best,
        "energy_draws": [float(value) for value in chain.energies],
        "accepted": chain.accepted,
        "hold_nominal": int(np.sum(objective(priors.draw(nominal)).violations == 0)),
    }
    (folder / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return Calibration(
        priors, nominal, chain.states, draws, objective.settle(priors.draw(nominal), FINAL_ROUNDS), record
    )


def _search(
    energy: Callable[[Floats], float],
    start: Floats,
    settings: Settings,
    path: Path,
    progress: Progress | None,
) -> tuple[Floats, float]:
    evolution = Evolution(start, settings.step, settings.population)
    best, lowest = start, energy(start)
    if path.exists():
        kept = np.load(path)
        if kept["mean"].shape == start.shape:
            evolution = Evolution(
                kept["mean"],
                float(kept["step"]),
                settings.population,
                int(kept["generation"]),
                kept["variance"],
                kept["path"],
                kept["path_variance"],
            )
            best, lowest = kept["best"], float(kept["lowest"])
            log.info("resuming the search at generation %d", evolution.generation)
    while evolution.generation < settings.generations:
        rng = np.random.default_rng([settings.seed, 0, evolution.generation])
        candidates = evolution.ask(rng)
        energies = np.array([energy(candidate) for candidate in candidates])
        evolution.tell(candidates, energies)
        if energies.min() < lowest:
            best, lowest = candidates[int(energies.argmin())], float(energies.min())
        partial = path.with_suffix(".tmp.npz")
        np.savez(
            partial,
            mean=evolution.mean,
            step=evolution.step,
            generation=evolution.generation,
            variance=evolution.variance,
            path=evolution.path,
            path_variance=evolution.path_variance,
            best=best,
            lowest=lowest,
        )
        partial.replace(path)
        if progress is not None:
            progress("search", evolution.generation, settings.generations, lowest)
    return best, lowest
