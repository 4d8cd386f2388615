"""The section on rays: the combination index where half the cells are left, and the excess along each."""

import numpy as np

from screen.arrays import Array
from screen.cube.stored import StoredVariable
from screen.report.cube_view.groups import MODEL_LABELS
from screen.report.cube_view.number_text import dose_text, hours, points
from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section

ROWS = 60


def make(findings: Findings) -> Content | None:
    """What is seen along rays of fixed ratio, for a cube that has them."""
    cube = findings.view.cube
    if cube is None:
        return None
    group = cube.group("scores")
    if group is None or "ray_ci50" not in group:
        return None
    found = {name: _last(group[name]) for name in group if name.startswith("ray_")}
    lines, pairs, ratios = cube.cell_lines, cube.combinations, group["ray"].values
    index = found["ray_ci50"]
    models = [name for name in MODEL_LABELS if f"ray_{name}" in found]
    order = np.argsort(np.nan_to_num(index, nan=np.inf), axis=None, kind="stable")[:ROWS]
    places = [tuple(map(int, np.unravel_index(k, index.shape))) for k in order]
    rows = [
        (
            "cell line",
            "combination",
            "ray",
            "combination index",
            "drug 1 there",
            "drug 2 there",
            *(f"{MODEL_LABELS[name]} along the ray" for name in models),
        )
    ]
    for place in places:
        line, pair, ray = place
        known = np.isfinite(index[place])
        rows.append(
            (
                lines[line],
                pairs[pair],
                f"{ratios[ray]:g}",
                f"{index[place]:.2f}" if known else "half is not reached",
                *(dose_text(float(found[f"ray_ic50_{k}"][place])) if known else "" for k in (1, 2)),
                *(points(float(found[f"ray_{name}"][place])) for name in models),
            )
        )
    time_h = float(cube.times_h[-1])
    return Content(
        lead=(
            f"{len(ratios)} rays of fixed ratio at {hours(time_h)}: ray 1 pairs the doses of both drugs in "
            "order, another ratio multiplies those of drug 2. The Loewe combination index is read where "
            "half the cells are left; below 1 is synergy."
        ),
        sentences=(_strongest(index, lines, pairs, ratios, places[0]),),
        table=tuple(rows),
    )


def _last(values: StoredVariable) -> Array:
    """(cell_line, combination, ray) at the last time, of the first schedule."""
    return np.asarray(values.array("cell_line", "combination", "ray", time=-1, schedule=0), float)


def _strongest(
    index: Array, lines: tuple[str, ...], pairs: tuple[str, ...], ratios: Array, place: tuple[int, ...]
) -> str:
    known = np.isfinite(index)
    if not known.any():
        return "No ray leaves half the cells, so none has an index."
    line, pair, ray = place
    return (
        f"The index is below 1 on {int((index[known] < 1).sum())} of {int(known.sum())} rays that leave half "
        f"the cells; lowest in {lines[line]} with {pairs[pair]} on ray {ratios[ray]:g}, {index[place]:.2f}."
    )


SECTION = Section(id="rays", heading="Along the rays", order=90, make=make)
