"""The groups of a cube other than its responses, read tolerantly: scores, panel, parents and peak concentrations."""

from collections.abc import Mapping

import numpy as np

from screen.arrays import Array
from screen.cube.reader import of_draws
from screen.cube.stored import StoredGroup
from screen.pathway import load_pathway
from screen.report.cube_view.view import DIMS, ModelScore
from screen.synergy.models.registry import MODELS

MODEL_LABELS = {name: model.label for name, model in MODELS.items()}
OF_READOUT = {"gr_value": " (GR value)"}
"""What a score is called after its model, where it is not of viability."""


def read_scores(
    scores: StoredGroup | None, shape: tuple[int, int, int], schedule: int
) -> tuple[tuple[ModelScore, ...], dict[str, Array]]:
    """The synergy models of `/scores` and its further summaries, with the `shape` (cell_line, combination,
    time), under a schedule.
    """
    if scores is None:
        return (), {}
    used: set[str] = set()

    def summary(name: str) -> Array | None:
        variable = scores.get(name)
        if variable is None:
            return None
        used.add(name)
        dims = [dim for dim in ("cell_line", "combination", "time") if dim in variable.dims]
        if set(variable.dims) - {*dims, "schedule"} or not {"cell_line", "combination"} <= set(dims):
            return None
        values = variable.array(*dims, schedule=schedule)
        return np.broadcast_to(values if "time" in dims else values[..., None], shape)

    models: list[ModelScore] = []
    names = [name.removesuffix("_excess") for name in scores if name.endswith("_excess")]
    for name in sorted(
        names, key=lambda item: list(MODEL_LABELS).index(item) if item in MODEL_LABELS else 99
    ):
        mean = summary(name)
        best, median, best_median = (summary(f"{name}{end}") for end in ("_max", "_median", "_max_median"))
        used |= {f"{name}_excess"}
        if mean is None:
            continue
        excess = scores.get(f"{name}_excess_median") or scores[f"{name}_excess"]
        models.append(
            ModelScore(
                name=name,
                label=MODEL_LABELS.get(name, name)
                + OF_READOUT.get(scores[name].attributes.get("readout", ""), ""),
                mean=mean if median is None else median,
                best=best if best_median is None else best_median,
                low=summary(f"{name}_low"),
                high=summary(f"{name}_high"),
                of_doses=(excess, schedule) if set(excess.dims) - {"schedule"} == set(DIMS) else None,
                reason=summary(f"{name}_reason"),
                probability=summary(f"{name}_probability"),
                nominal=mean,
                nominal_best=best,
            )
        )
    extra: dict[str, Array] = {}
    for name in scores:
        if name not in used and scores[name].kind == "f" and (values := summary(name)) is not None:
            extra[name] = values
    return tuple(models), extra


def read_panel(panel: StoredGroup | None) -> tuple[dict[str, tuple[str, Array]], dict[str, tuple[str, ...]]]:
    """Numbers per line as name -> (units, (cell_line,)), and texts per line as name -> (cell_line,)."""
    markers: dict[str, tuple[str, Array]] = {}
    notes: dict[str, tuple[str, ...]] = {}
    if panel is None:
        return markers, notes
    for name in panel:
        if name in ("cell_line", "status") or of_draws(name, panel.names):
            continue
        variable = panel[name]
        if "cell_line" not in variable.dims:
            continue
        other = [dim for dim in variable.dims if dim != "cell_line"]
        if variable.kind in "fiu" and not other:
            markers[name] = variable.units, np.asarray(variable.values, float)
        elif variable.kind in "fiu" and len(other) == 1 and other[0] in panel:
            columns = np.asarray(variable.array("cell_line", other[0]), float)
            for column, values in zip(panel[other[0]].texts, columns.T, strict=True):
                markers[f"{column} ({name})"] = "", values
        elif not other and variable.kind == "O":
            notes[name] = variable.texts
    return markers, notes


def read_parents(lines: tuple[str, ...], notes: Mapping[str, tuple[str, ...]]) -> tuple[int | None, ...]:
    """The row of each line's parent, from the panel's variable `parent`, else from the pathway's table."""
    names = dict(zip(lines, notes["parent"])) if "parent" in notes else parents_of_pathway(lines)
    row = {name: index for index, name in enumerate(lines)}
    return tuple(row.get(names.get(line, "")) for line in lines)


def parents_of_pathway(lines: tuple[str, ...]) -> dict[str, str]:
    """Parents of the named lines that the pathway knows; empty where the pathway cannot be read."""
    try:
        known = load_pathway().cell_lines
    except (ImportError, AttributeError, OSError):
        return {}
    return {line: str(known[line].parent) for line in lines if line in known and known[line].parent}


def read_peaks(provenance: StoredGroup | None) -> dict[str, float]:
    """Peak concentration of each drug in nM, of those that have one."""
    if provenance is None or "peak_nM" not in provenance or "drug" not in provenance:
        return {}
    peaks = zip(provenance["drug"].texts, np.asarray(provenance["peak_nM"].values, float), strict=True)
    return {drug: float(peak) for drug, peak in peaks if np.isfinite(peak) and peak > 0}
