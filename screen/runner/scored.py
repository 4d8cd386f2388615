"""Scores of some cell lines, kept in the run folder while the cube is made, so that a merge that is killed
goes on from them. Only what takes longer to compute than to write is kept; copying the shards into the cube
is the cheap part of a merge and begins anew.
"""

import contextlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen import __version__
from screen.runner.files import RunFiles, finished
from screen.runner.plan import Plan

if TYPE_CHECKING:
    import xarray as xr

WORTH_SECONDS = 0.5
ABOUT = "about"


class Kept:
    """The blocks of scores that a run folder holds; `owner` is whose they must be."""

    def __init__(self, files: RunFiles, plan: Plan, model_sha256: str, models: Sequence[str]) -> None:
        self._folder = files.folder
        self._owner = [__version__, plan.identity, model_sha256, *models]

    def find(self, lines: slice) -> "xr.Dataset | None":
        """The scores of these lines, if they stand there whole; zip's own checksums tell."""
        import xarray as xr

        try:
            with np.load(self._path(lines), allow_pickle=False) as stored:
                about = json.loads(str(stored[ABOUT]))
                if about["owner"] != [*self._owner, lines.start, lines.stop]:
                    return None
                variables = {
                    name: (tuple(dims), _as_objects(stored[name]), attributes)
                    for name, (dims, attributes) in about["variables"].items()
                }
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return xr.Dataset(variables)

    def keep(self, lines: slice, scores: "xr.Dataset") -> None:
        """Write the scores of these lines, whole and flushed."""
        about = {
            str(name): (array.dims, {key: _plain(value) for key, value in array.attrs.items()})
            for name, array in scores.data_vars.items()
        }
        header = json.dumps({"owner": [*self._owner, lines.start, lines.stop], "variables": about})
        arrays: dict[str, Any] = {
            ABOUT: np.array(header),
            **{str(name): _as_text(array.values) for name, array in scores.data_vars.items()},
        }
        content = io.BytesIO()
        np.savez(content, **arrays)
        with finished(self._path(lines)) as unfinished:
            unfinished.write_bytes(content.getbuffer())

    def clear(self) -> None:
        """Remove the blocks: the cube has them."""
        for path in self._folder.glob("scores-*.npz"):
            with contextlib.suppress(OSError):
                path.unlink()

    def _path(self, lines: slice) -> Path:
        return self._folder / f"scores-{lines.start:06d}.npz"


def _as_text(values: Any) -> Any:
    array = np.asarray(values)
    return array.astype(np.str_) if array.dtype.kind == "O" else array


def _as_objects(values: Any) -> Any:
    return values.astype(object) if values.dtype.kind == "U" else values


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
