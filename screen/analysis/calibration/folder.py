"""The folder that a calibration is kept in while it runs: what it is of, each repeat's members, the seconds taken."""

import hashlib
import json
import logging
import time
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from screen.analysis.calibration.rows.observations import Observations
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig
from screen.files import atomic_write, occupied, sweep, write_text

log = logging.getLogger(__name__)
DAMAGE = (OSError, ValueError, EOFError, LookupError, BadZipFile, AttributeError, TypeError, zlib.error)


def digest_of(settings: CalibrationConfig, observations: Observations) -> str:
    """A digest of all that the result depends on: settings, rows, priors, model and lines."""
    words = {
        name: v for name, v in settings.model_dump().items() if name not in ("evidence", "measured", "draws")
    }
    pathway, rows, free = observations.wells.pathway, observations.rows, observations.free
    parts = [json.dumps(words, sort_keys=True), pathway.source, repr(list(pathway.cell_lines.values()))]
    parts += [repr(rows.cells), repr([dict(statement.row) for statement in rows.statements])]
    parts += [repr(free.items), repr(free.level.tolist()), repr(free.measured_nM.tolist())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def claim(folder: Path, digest: str, what: str = "a calibration") -> None:
    """Make the folder that of `what` with this digest, and remove what killed commands left unfinished in it;
    `InputError` where it holds another.
    """
    refuse_other(folder, digest, what)
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    write_text(folder / "key", digest + "\n")


def refuse_other(folder: Path, digest: str, what: str) -> None:
    """Raise `InputError` unless the folder is new, empty, or that of `what` with this digest."""
    path = folder / "key"
    if not folder.exists():
        return
    if not folder.is_dir():
        raise occupied(folder, "is a file", force=False)
    others = sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))
    if others and not path.exists():
        raise occupied(folder, f"holds other files ({', '.join(others[:3])})", force=False)
    if path.exists() and path.read_text(encoding="utf-8").strip() != digest:
        raise occupied(folder, f"holds {what} of other settings, data or tables", force=False)


@dataclass(frozen=True)
class Progressed:
    """One smoother after `step` steps: scores (K, D) of its members; `values` (K, M) simulated for them once all steps
    are done; squared whitened misfit per row of the members' medians before each step (step,).
    """

    scores: Floats
    step: int
    misfits: tuple[float, ...]
    values: Floats | None = None

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        values = np.empty((0, 0)) if self.values is None else self.values
        save_arrays(path, scores=self.scores, step=self.step, misfits=self.misfits, values=values)

    @classmethod
    def load(cls, path: Path) -> "Progressed | None":
        """What `save` wrote; None where it is not there or damaged."""
        kept = load_arrays(path, ("scores", "step", "misfits", "values"))
        if kept is None:
            return None
        values = kept["values"] if kept["values"].size else None
        return cls(kept["scores"], int(kept["step"]), tuple(kept["misfits"].tolist()), values)


def save_arrays(path: Path, **arrays: npt.ArrayLike) -> None:
    """Write arrays to an npz file, whole or not at all."""
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, **dict[str, Any](arrays))


def load_arrays(path: Path, names: Collection[str]) -> dict[str, Floats] | None:
    """The arrays that `save_arrays` wrote; None where there is no such file, and with a warning where it is damaged, as
    a crash of the machine may leave it.
    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            return {name: kept[name] for name in names}
    except DAMAGE:
        log.warning("%s: damaged; this part of the calibration is made again", path)
        return None


class StageClock:
    """Processor and wall seconds of each stage, added up over the runs that a calibration took."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seconds = _seconds(path)
        self._last = (time.process_time(), time.monotonic())

    def save(self, stage: str) -> None:
        """Add what passed since the last call to `stage`."""
        now = (time.process_time(), time.monotonic())
        spent = self.seconds.setdefault(stage, {"processor": 0.0, "wall": 0.0})
        spent["processor"] += now[0] - self._last[0]
        spent["wall"] += now[1] - self._last[1]
        self._last = now
        write_text(self._path, json.dumps(self.seconds) + "\n")


def _seconds(path: Path) -> dict[str, dict[str, float]]:
    """The seconds that stand in a file; none where it is not there or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(stage): {kind: float(spent[kind]) for kind in ("processor", "wall")}
            for stage, spent in found.items()
        }
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return {}
