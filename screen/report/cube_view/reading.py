"""From a cube file or tree to a `CubeView`, whatever the cube leaves out.

Everything optional in a cube (scores, panel, provenance, draws, grids that differ by line) is read tolerantly
here and in `groups`, so that the other files of this room need no special cases.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube.tree import open_cube
from screen.errors import InputError
from screen.report.cube_view.groups import of_draws, read_panel, read_parents, read_peaks, read_scores, texts
from screen.report.cube_view.provenance import read_provenance
from screen.report.cube_view.view import DIMS, CubeView, Ensemble, Readout

if TYPE_CHECKING:
    import xarray as xr


def read_screen(
    cube: "str | Path | xr.DataTree", scores: "xr.Dataset | xr.DataTree | None" = None, schedule: int = 0
) -> CubeView:
    """The `CubeView` of a cube file or tree under one of its schedules; `scores` stands in for its group
    `/scores`.
    """
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
        if root.sizes["schedule"] > 1:
            words = f"“{texts(root['schedule'])[schedule]}”; the section on order compares them"
            notes.append(f"{root.sizes['schedule']} schedules are in the cube; the figures show {words}.")
        root = root.isel(schedule=schedule)
    lines, combinations = texts(root["cell_line"]), texts(root["combination"])
    drug_1, drug_2 = texts(root["drug_1"]), texts(root["drug_2"])
    anchor = Counter(drug_1).most_common(1)[0][0] if drug_1 else ""
    panel = child(cube, "panel")
    score_set = scores.to_dataset() if isinstance(scores, xr.DataTree) else scores
    score_set = child(cube, "scores") if score_set is None else score_set
    if score_set is not None and "schedule" in score_set.dims:
        score_set = score_set.isel(schedule=schedule)
    drawn = child(cube, "ensemble")
    if drawn is not None and "schedule" in drawn.dims:
        drawn = drawn.isel(schedule=schedule)
    readouts = read_readouts(root, drawn)
    if "viability" not in readouts:
        found = ", ".join(readouts) or "none"
        raise InputError(f"{title}: the report needs the readout 'viability'; the cube's readouts: {found}")
    provenance = read_provenance(child(cube, "provenance"), root)
    models, extra = read_scores(score_set, len(lines), len(combinations), root.sizes["time"])
    markers, line_notes = read_panel(panel)
    return CubeView(
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
        extra_labels=label_of_each(score_set, extra),
        markers=markers,
        line_notes=line_notes,
        peak_nM=read_peaks(cube),
        provenance=provenance,
        left_out=tuple(notes),
        controls=read_controls(child(cube, "controls")),
        cube=cube,
        replicates=read_replicates(child(cube, "replicates"), schedule),
        schedule=schedules_of(cube)[schedule] if schedules_of(cube) else "",
        mixtures=read_mixtures(panel),
        ensemble=read_ensemble(provenance, readouts["viability"]),
    )


def read_ensemble(provenance: Mapping[str, Any], viability: Readout) -> Ensemble:
    """How many draws there are and what the intervals hold of them, as the run wrote it down."""
    if viability.varied:
        return Ensemble(int(viability.source.sizes["draw"]))
    stated = provenance.get("ensemble")
    if not isinstance(stated, Mapping) or not viability.bounded:
        return Ensemble()
    low, high = stated.get("quantiles", (Ensemble.low, Ensemble.high))
    return Ensemble(len(stated.get("draws", ())), float(low), float(high), nominal=True)


def label_of_each(scores: "xr.Dataset | None", names: Iterable[str]) -> dict[str, str]:
    """What each further score means, as the cube says it, with its unit."""
    found = {}
    for name in names:
        attributes = scores[name].attrs if scores is not None else {}
        words = str(attributes.get("long_name", name)).removeprefix(f"{name}: ")
        units = str(attributes.get("units", ""))
        found[name] = words if units in ("", "1") else f"{words}, {units}"
    return found


def open_tree(path: Path) -> "xr.DataTree":
    """Open a cube file; `InputError` when it is absent or no netCDF-4 file."""
    if not path.is_file():
        raise InputError(f"{path}: no such cube file")
    return open_cube(path)


def read_mixtures(panel: "xr.Dataset | None") -> tuple[str, ...]:
    """The lines of the panel that are mixtures of clones, each once."""
    return tuple(dict.fromkeys(texts(panel["clone_of"]))) if panel is not None and "clone_of" in panel else ()


def read_replicates(group: "xr.Dataset | None", schedule: int) -> "xr.DataArray | None":
    """Viability of the virtual plates under a schedule; none is read yet."""
    if group is None or "viability" not in group:
        return None
    found = group["viability"]
    return found.isel(schedule=schedule) if "schedule" in found.dims else found


def read_schedules(cube: "str | Path | xr.DataTree") -> list[CubeView]:
    """The screens of every schedule of a cube; of a cube without schedules its one."""
    tree = open_tree(Path(cube)) if isinstance(cube, str | Path) else cube
    return [read_screen(tree, schedule=k) for k in range(max(1, len(schedules_of(tree))))]


def schedules_of(cube: "xr.DataTree") -> tuple[str, ...]:
    """The schedules of a cube; none where every drug is given throughout."""
    root = cube.to_dataset()
    return texts(root["schedule"]) if "schedule" in root.coords else ()


def child(cube: "xr.DataTree", name: str) -> "xr.Dataset | None":
    """The group `name` with the coordinates it inherits, or None."""
    return cube.children[name].to_dataset() if name in cube.children else None


def read_controls(group: "xr.Dataset | None") -> tuple[tuple[bool, str], ...]:
    """(passed, sentence) of the checks in `/controls`."""
    if group is None or "sentence" not in group or "passed" not in group:
        return ()
    passed = np.asarray(group["passed"].values, bool)
    return tuple(zip(passed.tolist(), texts(group["sentence"]), strict=True))


def partner_labels(
    combinations: tuple[str, ...], drug_1: tuple[str, ...], drug_2: tuple[str, ...], anchor: str
) -> tuple[str, ...]:
    """The partner's name where the anchor is drug 1 and the name is unique, else the combination's name."""
    names = [two if one == anchor else name for name, one, two in zip(combinations, drug_1, drug_2)]
    count = Counter(names)
    return tuple(name if count[name] == 1 else whole for name, whole in zip(names, combinations))


def read_readouts(root: "xr.Dataset", drawn: "xr.Dataset | None" = None) -> dict[str, Readout]:
    """Every variable with the dims of a readout, with its `_low` and `_high` and with the draws that `drawn`
    keeps of it; none is read yet.
    """
    known = {
        str(name): variable
        for name, variable in root.data_vars.items()
        if set(DIMS) <= set(variable.dims) and not set(variable.dims) - {*DIMS, "draw"}
    }
    found: dict[str, Readout] = {}
    for name, variable in known.items():
        if of_draws(name, known):
            continue
        label, units = str(variable.attrs.get("long_name", name)), str(variable.attrs.get("units", ""))
        ends = (known[f"{name}_low"], known[f"{name}_high"]) if f"{name}_low" in known else None
        kept = drawn[name] if drawn is not None and name in drawn and "draw" in drawn[name].dims else None
        found[name] = Readout(name, label, units, variable, ends, kept)
    return dict(sorted(found.items(), key=lambda item: {"viability": 0, "gr_value": 1}.get(item[0], 2)))


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
