"""Scores of a cube with an ensemble: one number for every parameter draw becomes a median, an interval and
the share of draws that call it synergy."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from screen.synergy.plates.intervals import LEVEL, over_draws

if TYPE_CHECKING:
    import xarray as xr

DRAW = "draw"


def summarise_draws(scores: "xr.Dataset", level: float = LEVEL) -> "xr.Dataset":
    """Scores of `score_cube` without the dim `draw`; unchanged where they have none.

    Every number becomes its median over the draws that have one. Without dose dims it also gets
    `<name>_low` and `<name>_high`, the interval over draws, and each `<model>` gets `<model>_probability`,
    the share of its draws in which the mean excess is above 0. A reason says in how many draws it holds.
    """
    if DRAW not in scores.dims:
        return scores
    count = scores.sizes[DRAW]
    out = scores.drop_dims(DRAW)
    for key, data in scores.data_vars.items():
        name = str(key)
        if DRAW not in data.dims:
            continue
        axis, dims = data.dims.index(DRAW), tuple(dim for dim in data.dims if dim != DRAW)
        if data.dtype.kind in "OUS":
            out[name] = (dims, _words(np.asarray(data.values, dtype=object), axis, count), data.attrs)
            continue
        values = np.asarray(data.values, dtype=float)
        middle, low, high = _interval(values, axis, level)
        title = data.attrs.get("long_name", name)
        out[name] = (dims, middle, data.attrs | {"long_name": f"{title}, median over draws"})
        if {"dose_1", "dose_2"} & set(dims):
            continue
        for end, bound, which in (("low", low, "lower"), ("high", high, "upper")):
            words = f"{title}, {which} end of the {level:.0%} interval over draws"
            out[f"{name}_{end}"] = (dims, bound, data.attrs | {"long_name": words})
        if f"{name}_excess" in scores:
            words = f"share of draws in which the {title} is above 0"
            attributes = {"units": "1", "long_name": words} | _readout(data.attrs)
            out[f"{name}_probability"] = (dims, _positive(values, axis), attributes)
    return out


def _readout(attributes: dict[str, object]) -> dict[str, object]:
    return {"readout": attributes["readout"]} if "readout" in attributes else {}


def _interval(
    values: NDArray[np.float64], axis: int, level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """`over_draws` in which a number absent from every draw is NaN."""
    lost = np.isnan(values).all(axis=axis)
    filled = np.where(np.expand_dims(lost, axis), 0.0, values)
    ends = over_draws(filled, axis, level)
    middle, low, high = (np.where(lost, np.nan, end) for end in ends)
    return middle, low, high


def _positive(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    known = (~np.isnan(values)).sum(axis=axis)
    return np.where(known > 0, (values > 0).sum(axis=axis) / np.maximum(known, 1), np.nan)


def _words(reasons: NDArray[np.object_], axis: int, count: int) -> NDArray[np.object_]:
    """The commonest reason of every matrix and in how many draws it holds, `''` where no draw has any."""
    rows = np.moveaxis(reasons, axis, -1)
    flat = np.full(rows[..., 0].size, "", dtype=object)
    for k, row in enumerate(rows.reshape(-1, count)):
        given = sorted(str(words) for words in row if words)
        if given:
            most = max(given, key=given.count)
            flat[k] = (
                most if given.count(most) == count else f"{most} (in {given.count(most)} of {count} draws)"
            )
    return flat.reshape(rows.shape[:-1])
