"""The folder that a calibration is kept in while it runs: what it is of, and the seconds that it took."""

import hashlib
import json
import time
from pathlib import Path

from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.files import write_text
from screen.pathway import Pathway
from screen.pathway.panels.abundances import load_abundances


def digest_of(settings: CalibrationConfig, source: Path, pathway: Pathway) -> str:
    """A digest of all that the result depends on."""
    words = {name: value for name, value in settings.model_dump().items() if name != "evidence"}
    parts = [json.dumps(words, sort_keys=True), source.read_text(encoding="utf-8"), pathway.source]
    parts.append(repr(list(pathway.cell_lines.values())) + repr(load_abundances()))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def claim(folder: Path, digest: str) -> None:
    """Make the folder that of the calibration with this digest; `InputError` where it holds another."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "key"
    if path.exists() and path.read_text(encoding="utf-8").strip() != digest:
        raise InputError(
            f"{folder}: holds a calibration of other settings, evidence or tables; choose another --output"
        )
    write_text(path, digest + "\n")


class StageClock:
    """Processor and wall seconds of each stage, added up over the runs that a calibration took."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seconds: dict[str, dict[str, float]] = (
            json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        )
        self._last = (time.process_time(), time.monotonic())

    def save(self, stage: str) -> None:
        """Add what passed since the last call to `stage`."""
        now = (time.process_time(), time.monotonic())
        spent = self.seconds.setdefault(stage, {"processor": 0.0, "wall": 0.0})
        spent["processor"] += now[0] - self._last[0]
        spent["wall"] += now[1] - self._last[1]
        self._last = now
        write_text(self._path, json.dumps(self.seconds) + "\n")
