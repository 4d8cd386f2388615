"""The groups of a cube beside its responses, read tolerantly: scores, panel, parents and attainable peaks."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from screen import pathway
from screen.arrays import Array
from screen.report.cube_view.view import DIMS, ModelScore
from screen.synergy.models.registry import MODELS

if TYPE_CHECKING:
    import xarray as xr

MODEL_LABELS = {name: model.label for name, model in MODELS.items()}
OF_READOUT = {"gr_value": " (GR value)"}
"""What a score is called beside its model, where it is not of viability."""


def of_draws(name: str, known: Collection[str]) -> bool:
    """Whether a variable only says how another of the `known` ones varies over parameter draws."""
    base, _, end = name.rpartition("_")
    return end in ("low", "high", "mean") and base in known


def texts(variable: "xr.DataArray") -> tuple[str, ...]:
    """A string variable as Python strings; bytes are decoded as UTF-8."""
    flat = np.asarray(variable.values).reshape(-1)
    return tuple(item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in flat)


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

    def probability(model: str) -> "Array | None":
        if f"{model}_probability" in scores:
            return summary(f"{model}_probability")
        if "draw" in scores[model].dims:
            positive = (scores[model] > 0).where(scores[model].notnull()).mean("draw")
            return np.asarray(positive.transpose("cell_line", "combination", "time").values)
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
                label=MODEL_LABELS.get(name, name)
                + OF_READOUT.get(scores[name].attrs.get("readout", ""), ""),
                mean=mean,
                best=summary(f"{name}_max"),
                low=bound("low", name, 0.025),
                high=bound("high", name, 0.975),
                excess=np.asarray(excess.transpose(*DIMS).values, np.float32)
                if set(excess.dims) == set(DIMS)
                else None,
                reason=summary(f"{name}_reason"),
                probability=probability(name),
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
            or of_draws(name, {str(known) for known in panel.variables})
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
