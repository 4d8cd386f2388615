"""The cube as the report sees it: plain NumPy arrays in a fixed order of axes, whatever the file leaves out.

Everything optional in a cube (scores, panel, provenance, draws, grids that differ by line) is read
tolerantly here, so that the other files of this room need no special cases.
"""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray[Any, Any]
DIMS = ("cell_line", "combination", "dose_1", "dose_2", "time")
MODEL_LABELS = {
    "hsa": "HSA",
    "bliss": "Bliss",
    "loewe": "Loewe",
    "zip": "ZIP",
    "musyc": "MuSyC",
    "braid": "BRAID",
}


@dataclass(frozen=True)
class Readout:
    """A response variable, read from the cube when asked: (cell_line, combination, dose_1, dose_2, time)."""

    name: str
    label: str
    units: str
    source: "xr.DataArray"

    def load(self) -> Array:
        """The response as float32; over draws its median."""
        draws = self.load_draws()
        if draws is not None:
            return over_draws(draws, 0.5)
        return np.asarray(self.source.transpose(*DIMS).values, np.float32)

    def load_draws(self) -> Array | None:
        """The draws on a last axis, or None."""
        if "draw" not in self.source.dims:
            return None
        return np.asarray(self.source.transpose(*DIMS, "draw").values, np.float32)

    @cached_property
    def values(self) -> Array:
        """What `load` gives, kept for a second look."""
        return self.load()

    @cached_property
    def draws(self) -> Array | None:
        """What `load_draws` gives, kept for a second look."""
        return self.load_draws()


@dataclass(frozen=True)
class ModelScore:
    """One synergy model: summaries (cell_line, combination, time), percent points, positive = synergy."""

    name: str
    label: str
    mean: Array
    best: Array | None
    low: Array | None
    high: Array | None
    excess: Array | None
    reason: Array | None


@dataclass(frozen=True)
class Screen:
    """A cube without its file. `concentration_*`: (cell_line or 1, combination, dose) in nM, index 0 is 0."""

    title: str
    lines: tuple[str, ...]
    parents: tuple[int | None, ...]
    combinations: tuple[str, ...]
    drug_1: tuple[str, ...]
    drug_2: tuple[str, ...]
    partners: tuple[str, ...]
    anchor: str
    concentration_1: Array
    concentration_2: Array
    times_h: Array
    readouts: Mapping[str, Readout]
    status: Array
    models: tuple[ModelScore, ...]
    extra_scores: Mapping[str, Array]
    markers: Mapping[str, tuple[str, Array]]
    line_notes: Mapping[str, tuple[str, ...]]
    peak_nM: Mapping[str, float]
    provenance: Mapping[str, Any]
    left_out: tuple[str, ...]

    @property
    def main_model(self) -> ModelScore | None:
        """Bliss where it was scored, else the first model."""
        return next((model for model in self.models if model.name == "bliss"), next(iter(self.models), None))


def read_screen(cube: "str | Path | xr.DataTree", scores: "xr.Dataset | xr.DataTree | None" = None) -> Screen:
    """The `Screen` of a cube file or tree; `scores` stands in for its group `/scores`."""
    import xarray as xr

    title = "Drug-combination screen"
    if not isinstance(cube, xr.DataTree):
        path = Path(cube)
        title = path.stem
        cube = open_tree(path)
    root = cube.to_dataset()
    if missing := [
        name
        for name in ("cell_line", "combination", "drug_1", "drug_2", "time")
        if name not in root.variables
    ]:
        raise InputError(
            f"{title}: not a cube of herscreen: found no variable {missing[0]!r} in the root group"
        )
    notes: list[str] = []
    if "schedule" in root.dims:
        first = str(root["schedule"].values[0]) if "schedule" in root.coords else "the first"
        notes.append(f"{root.sizes['schedule']} schedules are in the cube; this page shows {first}.")
        root = root.isel(schedule=0)
    if "triples" in cube.children:
        notes.append("Three-drug combinations are in the cube's group /triples; this page shows pairs only.")
    lines, combinations = texts(root["cell_line"]), texts(root["combination"])
    drug_1, drug_2 = texts(root["drug_1"]), texts(root["drug_2"])
    anchor = Counter(drug_1).most_common(1)[0][0] if drug_1 else ""
    panel = child(cube, "panel")
    score_set = scores.to_dataset() if isinstance(scores, xr.DataTree) else scores
    score_set = child(cube, "scores") if score_set is None else score_set
    readouts = read_readouts(root)
    if "viability" not in readouts:
        found = ", ".join(readouts) or "none"
        raise InputError(f"{title}: the report needs the readout 'viability'; the cube's readouts: {found}")
    from screen.report.provenance import read_provenance

    provenance = read_provenance(child(cube, "provenance"), root)
    models, extra = read_scores(score_set, len(lines), len(combinations), root.sizes["time"])
    markers, line_notes = read_panel(panel)
    return Screen(
        title=str(provenance.get("name") or title),
        lines=lines,
        parents=read_parents(lines, line_notes),
        combinations=combinations,
        drug_1=drug_1,
        drug_2=drug_2,
        partners=partner_labels(combinations, drug_1, drug_2, anchor),
        anchor=anchor,
        concentration_1=read_concentration(root, "1"),
        concentration_2=read_concentration(root, "2"),
        times_h=np.asarray(root["time"].values, float),
        readouts=readouts,
        status=read_status(root, readouts["viability"].values),
        models=models,
        extra_scores=extra,
        markers=markers,
        line_notes=line_notes,
        peak_nM=read_peaks(cube),
        provenance=provenance,
        left_out=tuple(notes),
    )


def open_tree(path: Path) -> "xr.DataTree":
    """Open a cube file; `InputError` when it is absent or no netCDF-4 file."""
    import xarray as xr

    if not path.is_file():
        raise InputError(f"{path}: no such cube file")
    try:
        return xr.open_datatree(path, engine="h5netcdf")
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path}: cannot be read as a cube (HDF5 in the netCDF-4 data model): {error}"
        ) from error


def child(cube: "xr.DataTree", name: str) -> "xr.Dataset | None":
    """The group `name` with the coordinates it inherits, or None."""
    return cube.children[name].to_dataset() if name in cube.children else None


def texts(variable: "xr.DataArray") -> tuple[str, ...]:
    """A string variable as Python strings; bytes are decoded as UTF-8."""
    flat = np.asarray(variable.values).reshape(-1)
    return tuple(item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in flat)


def partner_labels(
    combinations: tuple[str, ...], drug_1: tuple[str, ...], drug_2: tuple[str, ...], anchor: str
) -> tuple[str, ...]:
    """The partner's name where the anchor is drug 1 and the name is unique, else the combination's name."""
    names = [two if one == anchor else name for name, one, two in zip(combinations, drug_1, drug_2)]
    count = Counter(names)
    return tuple(name if count[name] == 1 else whole for name, whole in zip(names, combinations))


def read_readouts(root: "xr.Dataset") -> dict[str, Readout]:
    """Every variable with the dims of a readout; none is read yet."""
    found: dict[str, Readout] = {}
    for name, variable in root.data_vars.items():
        if not set(DIMS) <= set(variable.dims) or set(variable.dims) - {*DIMS, "draw"}:
            continue
        label = str(variable.attrs.get("long_name", name))
        found[str(name)] = Readout(str(name), label, str(variable.attrs.get("units", "")), variable)
    return dict(sorted(found.items(), key=lambda item: {"viability": 0, "gr_value": 1}.get(item[0], 2)))


def over_draws(values: Array, share: float | list[float]) -> Array:
    """Quantiles over the last axis, from the draws that were solved; NaN where none was."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanquantile(values, share, axis=-1))


def read_concentration(root: "xr.Dataset", which: str) -> Array:
    """`concentration_<which>` as (cell_line or 1, combination, dose) in nM."""
    variable = root[f"concentration_{which}"]
    if "cell_line" in variable.dims:
        return np.asarray(variable.transpose("cell_line", "combination", f"dose_{which}").values, float)
    return np.asarray(variable.transpose("combination", f"dose_{which}").values, float)[None]


def read_status(root: "xr.Dataset", viability: Array) -> Array:
    """Solver status per simulation; without the variable, NaN responses count as failed."""
    if "status" not in root:
        return np.where(np.isnan(viability).all(axis=-1), 2, 0).astype(np.int8)
    variable = root["status"]
    if "draw" in variable.dims:
        variable = variable.max("draw")
    return np.asarray(variable.transpose(*DIMS[:4]).values, np.int8)


def read_scores(
    scores: "xr.Dataset | None", lines: int, combinations: int, times: int
) -> tuple[tuple[ModelScore, ...], dict[str, Array]]:
    """The synergy models of `/scores` and its further summaries by line, combination and time."""
    if scores is None:
        return (), {}
    shape, used = (lines, combinations, times), set()

    def summary(name: str) -> "Array | None":
        if name not in scores:
            return None
        variable, used_name = scores[name], name
        used.add(used_name)
        dims = [dim for dim in ("cell_line", "combination", "time") if dim in variable.dims]
        if "draw" in variable.dims:
            variable = variable.median("draw")
        if set(variable.dims) - set(dims) or "cell_line" not in dims or "combination" not in dims:
            return None
        values = np.asarray(variable.transpose(*dims).values)
        return np.broadcast_to(values if "time" in dims else values[..., None], shape)

    def bound(name: str, model: str, quantile: float) -> "Array | None":
        if f"{model}_{name}" in scores:
            return summary(f"{model}_{name}")
        if "draw" in scores[model].dims:
            both = scores[model].quantile(quantile, "draw").transpose("cell_line", "combination", "time")
            return np.asarray(both.values)
        return None

    models: list[ModelScore] = []
    names = [str(name).removesuffix("_excess") for name in scores.data_vars if str(name).endswith("_excess")]
    for name in sorted(
        names, key=lambda item: list(MODEL_LABELS).index(item) if item in MODEL_LABELS else 99
    ):
        mean = summary(name)
        used |= {f"{name}_excess"}
        if mean is None:
            continue
        excess = scores[f"{name}_excess"]
        excess = excess.median("draw") if "draw" in excess.dims else excess
        models.append(
            ModelScore(
                name=name,
                label=MODEL_LABELS.get(name, name),
                mean=mean,
                best=summary(f"{name}_max"),
                low=bound("low", name, 0.025),
                high=bound("high", name, 0.975),
                excess=np.asarray(excess.transpose(*DIMS).values, np.float32)
                if set(excess.dims) == set(DIMS)
                else None,
                reason=summary(f"{name}_reason"),
            )
        )
    extra: dict[str, Array] = {}
    for variable_name in scores.data_vars:
        name = str(variable_name)
        if name not in used and scores[name].dtype.kind == "f" and (values := summary(name)) is not None:
            extra[name] = values
    return tuple(models), extra


def read_panel(panel: "xr.Dataset | None") -> tuple[dict[str, tuple[str, Array]], dict[str, tuple[str, ...]]]:
    """Numbers per line as name -> (units, (cell_line,)), and texts per line as name -> (cell_line,)."""
    markers: dict[str, tuple[str, Array]] = {}
    notes: dict[str, tuple[str, ...]] = {}
    for variable_name in panel.variables if panel is not None else ():
        name = str(variable_name)
        assert panel is not None
        variable = panel[name]
        if (
            name == "cell_line"
            or "flag_values" in variable.attrs
            or name == "status"
            or "cell_line" not in variable.dims
        ):
            continue
        if "draw" in variable.dims and variable.dtype.kind in "fiu":
            variable = variable.median("draw")
        other = [dim for dim in variable.dims if dim != "cell_line"]
        if variable.dtype.kind in "fiu" and not other:
            markers[name] = (str(variable.attrs.get("units", "")), np.asarray(variable.values, float))
        elif variable.dtype.kind in "fiu" and len(other) == 1 and other[0] in panel.coords:
            columns = np.asarray(variable.transpose("cell_line", other[0]).values, float)
            units = texts(panel["units"]) if "units" in panel and panel["units"].dims == (other[0],) else None
            for index, column in enumerate(texts(panel[str(other[0])])):
                markers[f"{column} ({name})"] = (units[index] if units else "", columns[:, index])
        elif not other and variable.dtype.kind in "OUST":
            notes[name] = texts(variable)
    return markers, notes


def read_parents(lines: tuple[str, ...], notes: Mapping[str, tuple[str, ...]]) -> tuple[int | None, ...]:
    """The row of each line's parent, from the panel's variable `parent`, else from the pathway's table."""
    names = dict(zip(lines, notes["parent"])) if "parent" in notes else parents_of_pathway(lines)
    row = {name: index for index, name in enumerate(lines)}
    return tuple(row.get(names.get(line, "")) for line in lines)


def parents_of_pathway(lines: tuple[str, ...]) -> dict[str, str]:
    """Parents of the named lines that the pathway knows; empty where the pathway cannot be read."""
    try:
        from screen import pathway

        known = pathway.load_pathway().cell_lines  # type: ignore[attr-defined,unused-ignore]
    except (ImportError, AttributeError, OSError):
        return {}
    return {line: str(known[line].parent) for line in lines if line in known and known[line].parent}


def read_peaks(cube: "xr.DataTree") -> dict[str, float]:
    """Clinically attainable peak per drug in nM, from the first variable `peak_nM` with an axis of drugs."""
    found: dict[str, float] = {}
    for node in (cube, *cube.children.values()):
        data = node.to_dataset()
        for suffix in ("", "_1", "_2"):
            name, drugs = f"peak_nM{suffix}", f"drug{suffix}"
            if name not in data or drugs not in data.variables or data[name].ndim != 1:
                continue
            if data[drugs].dims != data[name].dims:
                continue
            for drug, peak in zip(texts(data[drugs]), np.asarray(data[name].values, float)):
                if np.isfinite(peak) and peak > 0:
                    found.setdefault(drug, float(peak))
    return found
