"""A run made ready: the configuration resolved, its files found, and the checks that keep one run out of
another's way: what stands there already, whose shards the folder holds, and who holds the lock.
"""

import contextlib
import gc
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen._version import __version__
from screen.config.screen import ScreenConfig
from screen.config.yaml_files.told_paths import told
from screen.errors import InputError, RunError
from screen.files import read_text, write_text
from screen.runner.controls.controls import simulate_controls
from screen.runner.controls.reference_lines import simulate_reference_lines
from screen.runner.cost.memory import check_panel, jobs_within
from screen.runner.plan.plan import Plan, make_plan
from screen.runner.results.provenance import identity
from screen.runner.results.write_cube import cube_identity
from screen.runner.simulate.model import (
    compile_assay,
    following_curves,
    model_sha256,
    named_pathway,
    with_mapping,
)
from screen.runner.store.lock import Locked, locked
from screen.runner.store.run_folder import RunFiles, disk_trouble, remove_own, strangers, sweep_run

if TYPE_CHECKING:
    from screen.pathway import Assay, Pathway
    from screen.runner.controls.controls import Controls
    from screen.runner.controls.reference_lines import ReferenceLines

log = logging.getLogger(__name__)
HEAD = b'{\n "version": "'  # of a manifest
LARGEST_MANIFEST = 1_000_000_000  # it lists the lines of a panel, whatever their number


@dataclass(frozen=True)
class Prepared:
    """A configuration resolved and its files found, nothing written yet."""

    config: ScreenConfig
    plan: Plan
    files: RunFiles
    pathway: "Pathway"
    model_sha256: str

    @cached_property
    def assay(self) -> "Assay":
        """The compiled model, made when it is first asked for."""
        return compile_assay(self.config, self.plan, self.pathway)

    @cached_property
    def controls(self) -> "Controls":
        """The controls, simulated when they are first asked for."""
        return simulate_controls(self.assay, self.plan)

    @cached_property
    def reference_lines(self) -> "ReferenceLines":
        """The lines that others are compared with, simulated when they are first asked for."""
        return simulate_reference_lines(self.assay, self.plan, self.pathway)

    @property
    def simulations(self) -> dict[int, int]:
        """Wells of each shard."""
        sizes = [
            [self.plan.design.adaptive or each.simulations for each in layer.combinations]
            for layer in self.plan.design.layers
        ]
        return {
            shard.index: self.plan.design.repeats
            * (shard.lines[1] - shard.lines[0])
            * sum(sizes[shard.layer][slice(*shard.combinations)])
            for shard in self.plan.shards
        }


def prepare(
    config: ScreenConfig, output: str | Path | None = None, memory_limit: int | None = None
) -> Prepared:
    """Resolve a configuration and find its files. Raises `InputError`, also for a screen that does not fit
    into `memory_limit` bytes.
    """
    check_panel(config, memory_limit)
    config = with_mapping(config)
    pathway = named_pathway(config)
    with _no_collection():
        plan = make_plan(config, pathway)
    pathway = following_curves(config, pathway, plan.design.layers, plan.design.exposures)
    jobs_within(plan, 1, memory_limit)
    return Prepared(config, plan, RunFiles.of(config.name, output), pathway, model_sha256(pathway))


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Hold Python's garbage collector: it would walk the lines of a large panel, all of which stay, again
    and again while they are made.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def is_finished(prepared: Prepared, restart: bool) -> bool:
    """Whether the cube stands as asked. Raises `InputError` if another one stands there and may not be
    replaced.
    """
    found = cube_identity(prepared.files.cube)
    if found is None or restart:
        return False
    wanted = identity(prepared.plan, prepared.model_sha256)
    different = [name for name, value in wanted.items() if found.get(name) != value]
    if different and different != ["synergy_models"]:
        what = {"version": f"version {found.get('version')}", "model_source_sha256": "another model"}
        made = what.get(different[0], "another configuration")
        raise InputError(
            f"{prepared.files.cube}: made with {made}; --restart replaces it, -o writes to another file"
        )
    return not different


@contextlib.contextmanager
def hold_cube_lock(files: RunFiles) -> Iterator[None]:
    """Hold the lock of the cube."""
    make_folder(files)
    try:
        with locked(files.cube_lock):
            sweep_run(files)
            yield
            sweep_run(files)  # what workers left that were killed on the way
    except OSError as error:
        if trouble := disk_trouble(error):
            raise RunError(f"{files.folder}: {trouble}; the same command resumes") from None
        raise
    except Locked as holder:
        raise RunError(
            f"{files.cube}: another run is writing it ({holder}); wait for it or use another -o"
        ) from None


def make_folder(files: RunFiles) -> None:
    """Make the run folder. Raises `InputError` where it stands and is somebody else's: it holds what no run
    writes, and no manifest.
    """
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
        others = strangers(files)
        if files.manifest.exists() and not _may_be_manifest(files):
            others.append(files.manifest.name)
    except OSError as error:
        raise RunError(f"{files.folder}: cannot be made: {(error.strerror or str(error)).lower()}") from None
    if others and _manifest(files) is None:
        shown = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        raise InputError(
            f"{files.folder}: found files that no run wrote ({shown}), expected a new folder or a run's own; "
            "-o writes elsewhere"
        )


def check_manifest(prepared: Prepared) -> None:
    """Write the manifest, or check that the one that stands there is of this configuration. A damaged one is
    written again: every shard says itself what it is of.
    """
    files = prepared.files
    wanted = {
        "version": __version__,
        "cube": files.cube.name,
        "plan_sha256": prepared.plan.identity,
        "model_source_sha256": prepared.model_sha256,
        "shards": len(prepared.plan.shards),
        "config": told(prepared.config.model_dump(mode="json"), files.folder),
    }
    found = _manifest(files)
    if found is None:
        if files.manifest.exists():
            log.warning("%s: damaged; written again, and every shard checked", files.manifest)
        write_text(files.manifest, json.dumps(wanted, indent=1) + "\n")
        return
    _refuse_other_ending(files, found)
    for name in ("version", "model_source_sha256", "plan_sha256"):
        if found.get(name) != wanted[name]:
            what = {"version": f"version {found.get('version')}", "model_source_sha256": "another model"}
            raise InputError(
                f"{files.folder}: holds shards of {what.get(name, 'another configuration')}; "
                "--restart begins again, -o writes elsewhere"
            )


def remove_shards(files: RunFiles) -> None:
    """Remove what an earlier run of this cube wrote into the run folder, and nothing else."""
    _refuse_other_ending(files, _manifest(files) or {})
    remove_own(files)


def _refuse_other_ending(files: RunFiles, manifest: Mapping[str, Any]) -> None:
    """Raise `InputError` where the folder is of a cube of the same name with another ending, that is there."""
    other = Path(str(manifest.get("cube", files.cube.name)))
    if other.stem == files.cube.stem and other.suffix != files.cube.suffix:
        raise InputError(f"{files.folder}: holds the shards of {other.name}; -o writes elsewhere")


def _may_be_manifest(files: RunFiles) -> bool:
    """Whether what stands in the manifest's place is one, if a damaged one: it begins like one or is empty, or there
    are shards next to it.
    """
    if any(files.folder.glob("shard-*.h5")) or not files.manifest.is_file():
        return True
    with files.manifest.open("rb") as file:
        head = file.read(len(HEAD)).rstrip(b"\0")
    return HEAD.startswith(head)


def _manifest(files: RunFiles) -> dict[str, Any] | None:
    """The manifest that stands in the run folder; None where there is none, or none that can be read."""
    try:
        text = read_text(files.manifest, LARGEST_MANIFEST, "the manifest of a run")
        found = json.loads(text)
    except (InputError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("plan_sha256"), str) else None
