"""Comparing cubes by their bits, and changing them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from screen.cube.digests import CHECKSUMS


@contextmanager
def edited(path: Path) -> Iterator[h5py.File]:
    """A cube to change; without its checksums it counts as one of before."""
    with h5py.File(path, "r+") as file:
        del file[CHECKSUMS]
        yield file


def data_of(path: Path) -> dict[str, bytes]:
    """Every data variable of a cube as bytes, `/provenance` aside."""
    found: dict[str, bytes] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("provenance"):
            values = np.asarray(item[()])
            found[name] = b"\n".join(values.ravel()) if values.dtype.kind == "O" else values.tobytes()

    with h5py.File(path) as file:
        file.visititems(visit)
    return found
