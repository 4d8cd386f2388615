"""From a cube file or tree to a `CubeView`, whatever the cube leaves out.

Everything optional in a cube (scores, panel, provenance, draws, grids that differ by line) is read tolerantly
here and in `groups`, so that the other files of the report need no special cases.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube.reader import CubeReader
from screen.cube.status import FAILED, SOLVED
from screen.cube.stored import StoredGroup, of_dataset
from screen.errors import InputError
from screen.report.cube_view.groups import read_panel, read_parents, read_peaks, read_scores
from screen.report.cube_view.provenance import read_provenance
from screen.report.cube_view.view import DIMS, CubeView, DrawIntervals, Readout

if TYPE_CHECKING:
    import xarray as xr

NEEDED = ("cell_line", "combination", "drug_1", "drug_2", "time")


def reader_of(cube: "CubeReader | str | Path | xr.DataTree") -> CubeReader:
    """A reader of a cube file or tree; `InputError` when a file is absent or no netCDF-4 file."""
    if isinstance(cube, CubeReader):
        return cube
    if isinstance(cube, str | Path):
        return CubeReader.open(cube)
    return CubeReader.of_tree(cube)


def read_screen(
    cube: "CubeReader | str | Path | xr.DataTree",
    scores: "xr.Dataset | xr.DataTree | None" = None,
    schedule: int = 0,
    scored: bool = True,
) -> CubeView:
    """The `CubeView` of a cube file or tree under one of its schedules; `scores` stands in for its group
    `/scores`, which is left out where `scored` is false: what recovery says does not rest on it.
    """
    title = Path(cube).stem if isinstance(cube, str | Path) else "Drug-combination screen"
    where = cube if isinstance(cube, str | Path) else title
    cube = reader_of(cube)
    root, panel, provenance = cube.root, cube.group("panel"), cube.group("provenance")
    if missing := [name for name in NEEDED if name not in root]:
        raise InputError(
            f"{where}: not a cube of herscreen: found no variable {missing[0]!r} in the root group"
        )
    notes: list[str] = []
    if len(cube.schedules) > 1:
        words = f"“{cube.schedules[schedule]}”; the section on order compares them"
        notes.append(f"{len(cube.schedules)} schedules are in the cube; the figures show {words}.")
    lines, combinations, drug_1, drug_2 = cube.cell_lines, cube.combinations, cube.drugs(1), cube.drugs(2)
    anchor = Counter(drug_1).most_common(1)[0][0] if drug_1 else ""
    readouts = read_readouts(cube, schedule)
    if "viability" not in readouts:
        found = ", ".join(readouts) or "none"
        raise InputError(f"{title}: the report needs the readout 'viability'; the cube's readouts: {found}")
    about, score_set = read_provenance(provenance, root), _scores_of(cube, scores) if scored else None
    models, extra = read_scores(score_set, (len(lines), len(combinations), len(cube.times_h)), schedule)
    markers, line_notes = read_panel(panel)
    return CubeView(
        title=str(about.get("name") or title),
        lines=lines,
        parents=read_parents(lines, line_notes),
        combinations=combinations,
        drug_1=drug_1,
        drug_2=drug_2,
        partners=partner_labels(combinations, drug_1, drug_2, anchor),
        anchor=anchor,
        concentration_1=cube.concentrations(1),
        concentration_2=cube.concentrations(2),
        times_h=cube.times_h,
        readouts=readouts,
        status=read_status(root, readouts["viability"].values, schedule),
        models=models,
        extra_scores=extra,
        extra_labels=label_of_each(score_set, extra),
        markers=markers,
        line_notes=line_notes,
        peak_nM=read_peaks(provenance),
        provenance=about,
        left_out=tuple(notes),
        controls=tuple((check.passed, check.sentence) for check in cube.checks),
        cube=cube,
        replicates=cube.get("replicates", "viability"),
        schedule=cube.schedules[schedule] if cube.schedules else "",
        schedule_row=schedule,
        mixtures=read_mixtures(panel),
        ensemble=read_ensemble(about, readouts["viability"]),
    )


def _scores_of(cube: CubeReader, scores: "xr.Dataset | xr.DataTree | None") -> StoredGroup | None:
    """The group `/scores`, or what stands in for it."""
    if scores is None:
        return cube.group("scores")
    import xarray as xr

    return of_dataset(scores.to_dataset() if isinstance(scores, xr.DataTree) else scores, "the scores")


def read_ensemble(provenance: Mapping[str, Any], viability: Readout) -> DrawIntervals:
    """How many draws there are and what the intervals hold of them, as the run wrote it down."""
    stated = provenance.get("ensemble")
    if not isinstance(stated, Mapping) or not viability.bounded:
        return DrawIntervals()
    low, high = stated.get("quantiles", (DrawIntervals.low, DrawIntervals.high))
    return DrawIntervals(len(stated.get("draws", ())), float(low), float(high))


def label_of_each(scores: StoredGroup | None, names: Iterable[str]) -> dict[str, str]:
    """What each further score means, as the cube says it, with its unit."""
    found = {}
    for name in names if scores is not None else ():
        assert scores is not None
        variable = scores[name]
        words = str(variable.attributes.get("long_name", name)).removeprefix(f"{name}: ")
        words = re.sub(
            r"\bof [a-z]+_\w+ \((.+)\)$", r"of the \1", words
        )  # not both a column's name and its words
        found[name] = words if variable.units in ("", "1") else f"{words}, {variable.units}"
    return found


def read_mixtures(panel: StoredGroup | None) -> tuple[str, ...]:
    """The lines of the panel that are mixtures of clones, each once."""
    return tuple(dict.fromkeys(panel["clone_of"].texts)) if panel is not None and "clone_of" in panel else ()


def read_schedules(cube: "CubeReader | str | Path | xr.DataTree") -> list[CubeView]:
    """The views of every schedule of a cube; of a cube without schedules its one."""
    reader = reader_of(cube)
    return [read_screen(reader, schedule=k) for k in range(max(1, len(reader.schedules)))]


def partner_labels(
    combinations: tuple[str, ...], drug_1: tuple[str, ...], drug_2: tuple[str, ...], anchor: str
) -> tuple[str, ...]:
    """The partner's name where the anchor is drug 1 and the name is unique, else the combination's name."""
    names = [two if one == anchor else name for name, one, two in zip(combinations, drug_1, drug_2)]
    count = Counter(names)
    return tuple(name if count[name] == 1 else whole for name, whole in zip(names, combinations))


def read_readouts(cube: CubeReader, schedule: int) -> dict[str, Readout]:
    """Every readout under a schedule, with its `_low` and `_high` and with the draws that the cube keeps of it;
    none is read yet. Viability comes first, then the GR value.
    """
    found: dict[str, Readout] = {}
    for name in sorted(cube.readouts, key=lambda name: {"viability": 0, "gr_value": 1}.get(name, 2)):
        low, high = (cube.root.get(f"{name}_{end}") for end in ("low", "high"))
        ends = None if low is None or high is None else (low, high)
        median, kept = cube.root.get(f"{name}_median"), cube.get("ensemble", name)
        found[name] = Readout(name, cube.root[name], ends, kept, schedule, median)
    return found


def read_status(root: StoredGroup, viability: Array, schedule: int) -> Array:
    """Solver status per simulation; without the variable, NaN responses count as failed."""
    status = root.get("status")
    if status is None:
        return np.where(np.isnan(viability).all(axis=-1), FAILED, SOLVED).astype(np.int8)
    return status.array(*DIMS[:4], schedule=schedule).astype(np.int8)
