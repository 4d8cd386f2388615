"""Arrays inside a page: rounded to a stated step, differenced, split into byte planes, deflated, base64.

A browser undoes it with its own `DecompressionStream`; a smooth surface takes about one byte a value.
"""

import base64
import math
import zlib
from typing import Any

import numpy as np

from screen.arrays import Array

MISSING = -32768
TOP = 32000


def pack(values: Array, step: float | None = None) -> dict[str, Any]:
    """`values` as a JSON-ready object: `shape`, `data`, and `step` (one number, or one for each first index).

    Values are kept to within half a step; with `step=None` the step is 1/16000 of the largest magnitude of
    each first index. NaN and infinity become missing. A step too fine for the range is widened.
    """
    rows = np.asarray(values, np.float64).reshape(values.shape[0], math.prod(values.shape[1:]))
    finite = np.where(np.isfinite(rows), rows, 0.0)
    largest = np.abs(finite).max(axis=1, initial=0.0)
    steps = (
        largest / 16_000
        if step is None
        else np.full(len(rows), max(step, float(largest.max(initial=0.0)) / TOP))
    )
    steps = np.where(steps > 0, steps, 1.0)
    whole = np.where(np.isfinite(rows), np.rint(finite / steps[:, None]), MISSING).astype(np.int16)
    delta = np.diff(whole.reshape(-1), prepend=np.int16(0)).astype("<i2")
    planes = delta.view(np.uint8).reshape(-1, 2).T.tobytes()
    data = base64.b64encode(zlib.compress(planes, 7)).decode("ascii")
    sent = (
        float(f"{steps[0]:.8g}")
        if step is not None and len(steps)
        else [float(f"{item:.6g}") for item in steps]
    )
    return {"shape": list(values.shape), "step": sent, "data": data}


def unpack(packed: dict[str, Any]) -> Array:
    """What the page's script reads back: the inverse of `pack`, for tests and for checking the rounding."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), np.uint8)
    delta = np.ascontiguousarray(planes.reshape(2, -1).T).view("<i2")[:, 0]
    whole = np.cumsum(delta, dtype=np.int64).astype(np.int16)
    shape = packed["shape"]
    steps = np.broadcast_to(np.asarray(packed["step"], float), (shape[0],))
    values = np.where(whole == MISSING, np.nan, whole.astype(float)).reshape(shape[0], math.prod(shape[1:]))
    values *= steps[:, None]
    return np.asarray(values.reshape(shape))
