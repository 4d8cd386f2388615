"""How a cube came about: the group `/provenance` with configuration, model, versions, solver, host and
times.
"""

import hashlib
import json
import os
import platform
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen._version import __version__
from screen.config.screen import ScreenConfig
from screen.config.yaml_files import told_paths
from screen.cube import schema
from screen.cube.netcdf import write
from screen.pathway import load_pathway
from screen.pathway.calibrated import calibrated_names
from screen.pathway.tables.line_table import alike
from screen.pathway.tables.skill import skill_of
from screen.runner.plan.plan import Plan

if TYPE_CHECKING:
    import h5netcdf

PACKAGES = (
    "numpy",
    "scipy",
    "llvmlite",
    "antimony",
    "python-libsbml",
    "h5py",
    "h5netcdf",
    "xarray",
    "joblib",
    "pydantic",
)


@dataclass
class RunClock:
    """When a run began and what its phases took, in seconds."""

    started: str = field(default_factory=lambda: now())
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, phase: str, seconds: float) -> None:
        self.seconds[phase] = self.seconds.get(phase, 0.0) + seconds


@dataclass(frozen=True)
class Told:
    """What a cube tells of where it was made: paths relative to its folder, and the computer unless `host` is False."""

    folder: Path
    host: bool = True


def now() -> str:
    """The time in UTC, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identity(plan: Plan, model_sha256: str) -> dict[str, str]:
    """What decides whether a finished cube is the one that a configuration asks for."""
    return {
        "version": __version__,
        "plan_sha256": plan.identity,
        "model_source_sha256": model_sha256,
        "synergy_models": plan.outputs.scoring,
    }


def write_provenance(
    file: "h5netcdf.File", config: ScreenConfig, plan: Plan, model_sha256: str, sbml: str, told: Told
) -> None:
    """Begin `/provenance` with all that is known beforehand: texts as scalar strings, the run's identity also
    as attributes.
    """
    group = file.create_group("provenance")
    drugs = list(plan.design.drugs.values())
    peaks = np.array([drug.peak_nM if drug.peak_nM is not None else np.nan for drug in drugs], float)
    values: dict[str, Any] = {
        "config": json.dumps(
            told_paths.told(config.model_dump(mode="json"), told.folder, told.host), ensure_ascii=False
        ),
        "model_sbml": sbml,
        "model_sha256": hashlib.sha256(sbml.encode()).hexdigest(),
        "model_source_sha256": model_sha256,
        "plan_sha256": plan.identity,
        "versions": json.dumps(versions()),
        "solver": json.dumps({"rtol": plan.settings.rtol, "atol": plan.settings.atol}),
        "seed": plan.settings.seed,
        "ensemble": json.dumps(_ensemble(plan)),
        "skill": json.dumps(_skill(plan) if config.model is None else None),
        "host": socket.gethostname() if told.host else "",
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
        if told.host
        else "",
        "drug": [drug.name for drug in drugs],
        "peak_nM": peaks,
        "dose_parameter": [drug.parameter for drug in drugs],
    }
    write(group, schema.PROVENANCE.variables(values))
    for name, value in identity(plan, model_sha256).items():
        group.attrs[name] = value


def _ensemble(plan: Plan) -> dict[str, Any] | None:
    """The rows of the draws, the quantiles over them, the drugs whose potency is the same in all, and tolerances."""
    design = plan.design
    if not design.draws:
        return None
    return {
        "draws": list(design.draws),
        "quantiles": list(schema.QUANTILES.values()),
        "same_potency": list(design.same_potency),
        "solver": dict(zip(("rtol", "atol"), plan.settings.of_draws, strict=True)),
    }


def _skill(plan: Plan) -> dict[str, object]:
    """The class of prediction of each combination, what such predictions were worth on measured cells, and which lines
    (as they are, not changed ones of the same name, and their parents) and drugs the model was calibrated on.
    """
    design = plan.design
    chosen = (*design.combinations, *design.triples)
    pairs = ((one.name, [design.drugs[name] for name in one.drugs]) for one in chosen)
    lines, drugs = calibrated_names(load_pathway())
    own = [] if alike(design.lines) else [
        name
        for line, changed in zip(design.lines, design.perturbations, strict=True)
        if not changed and not line.clones and not (line.omics is not None and line.omics.from_table)
        for name in (line.name, line.parent)
        if name in lines
    ]  # fmt: skip
    return skill_of(pairs, dict.fromkeys(own), [name for name in design.drugs if name in drugs])


def write_course(file: "h5netcdf.File", clock: RunClock, counts: Mapping[str, int]) -> None:
    """End `/provenance` with how the run went: when it began and ended, its phases' seconds, its counts."""
    values = {
        "started": clock.started,
        "finished": now(),
        "seconds": json.dumps({phase: round(seconds, 3) for phase, seconds in clock.seconds.items()}),
        "counts": json.dumps(dict(counts)),
    }
    write(file["provenance"], schema.PROVENANCE.variables(values))


def versions() -> dict[str, str]:
    """Versions of herscreen, Python and the packages that decide the numbers."""
    found = {"herscreen": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
