"""What the wells hold, and their excess over each reference model: matrices for grids, dots for other designs."""

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import points
from screen.report.drawing.dose_surface import cell_text
from screen.report.drawing.style import DIVERGING, SEQUENTIAL, nice
from screen.report.plate.pictures.dose_matrix import Marks, Paint, dots_picture, matrix_picture
from screen.report.plate.pictures.picture import Picture
from screen.report.plate.view import BlockView, DosePlane, dose_label
from screen.synergy.models.registry import MODELS
from screen.synergy.plates.block import DISAGREE
from screen.synergy.plates.designs import points_of

REPLICATES_SHOWN = 8


def response_pictures(view: BlockView) -> list[Picture]:
    """Viability, with the spread of replicates and the wells that lie far from their row and column."""
    paint = response_paint(view)
    if not view.grid:
        wells = points_of(view.block)

        def tip(k: int) -> str:
            return f"{_where(view, wells.conc_1[k], wells.conc_2[k])}: {100 * wells.viability[k]:.1f} %"

        doses, names = (wells.conc_1, wells.conc_2), (view.axis_names[0], view.axis_names[1])
        if not _drawable(*doses):
            return []
        svg = dots_picture(100 * wells.viability, doses, names, paint, f"response of {view.heading}", tip)
        caption = f"Each dot is the mean of a dose pair; {_design(view)}."
        return [Picture("response", "Response", caption, svg)]
    return [_response(view, layer, paint, k) for k, layer in enumerate(view.layers)]


def _response(view: BlockView, layer: DosePlane, paint: Paint, place: int) -> Picture:
    known = ~np.isnan(layer.wells)
    count = known.sum(axis=2)
    several = count >= 2
    spread, apart = np.full(count.shape, np.nan), np.zeros(count.shape, dtype=bool)
    if several.any():
        spread[several] = 100 * np.nanstd(layer.wells[several], axis=1, ddof=1)
        ends = np.nanmax(layer.wells[several], axis=1), np.nanmin(layer.wells[several], axis=1)
        apart[several] = ends[0] - ends[1] > DISAGREE

    def tip(i: int, j: int) -> str:
        seen = layer.wells[i, j][known[i, j]]
        odd = layer.apart[i, j][known[i, j]]
        shown = ", ".join(
            f"{100 * value:.1f}{' (far from the others)' if far else ''}"
            for value, far in zip(seen[:REPLICATES_SHOWN], odd)
        )
        words = f"{shown} %" if len(seen) else "no well"
        more = "; far from its row and column" if layer.far[i, j] else ""
        return f"{_where(view, view.block.conc_1[i], view.block.conc_2[j])}: {words}{more}"

    said = (
        [f"Mean of up to {view.block.replicates} wells, ± their standard deviation."] if several.any() else []
    )
    if layer.far.any():
        said.append("Ringed: far from its row and column (kept).")
    if layer.apart.any():
        said.append("Corner: a well far from its replicates (kept).")
    if apart.any():
        said.append(f"Dashed: replicates differ by more than {100 * DISAGREE:.0f} points.")
    if np.isnan(layer.viability).any():
        said.append("– no well.")
    svg = matrix_picture(
        100 * layer.viability, (view.block.conc_1, view.block.conc_2), (view.axis_names[0], view.axis_names[1]),
        paint, f"response of {view.heading} {layer.at}".rstrip(),
        Marks(spread, layer.far, apart, tip, np.asarray(layer.apart.any(axis=2))),
    )  # fmt: skip
    name = "response" if not layer.at else f"response-{place + 1}"
    return Picture(name, f"Response{f' at {layer.at}' if layer.at else ''}", " ".join(said), svg)


def excess_pictures(view: BlockView) -> list[Picture]:
    """The excess over each model, all on one scale."""
    top = excess_limit(view)
    if not view.grid:
        return [
            picture for model in view.models if (picture := _scattered_excess(view, model, top)) is not None
        ]
    found = []
    for model in view.models:
        for k, layer in enumerate(view.layers):
            values = inner(layer.excess[model])
            if np.isnan(values).all() or (layer.at and not np.nan_to_num(values).any()):
                continue  # a plane without a further drug holds no excess of all
            svg = matrix_picture(
                layer.excess[model], (view.block.conc_1, view.block.conc_2),
                (view.axis_names[0], view.axis_names[1]), excess_paint(top),
                f"{MODELS[model].label} excess of {view.heading} {layer.at}".rstrip(),
            )  # fmt: skip
            name = f"excess-{model}" if not layer.at else f"excess-{model}-{k + 1}"
            title = f"{MODELS[model].label} excess{f' at {layer.at}' if layer.at else ''}"
            found.append(Picture(name, title, _excess_caption(view, model), svg, model))
    return found


def _scattered_excess(view: BlockView, model: str, top: float) -> Picture | None:
    wells = view.scattered
    values = wells.excess.get(model)
    if values is None or np.isnan(values).all() or not _drawable(wells.conc_1, wells.conc_2):
        return None

    def tip(k: int) -> str:
        return f"{_where(view, wells.conc_1[k], wells.conc_2[k])}: {points(float(values[k]))} points"

    doses, names = (wells.conc_1, wells.conc_2), (view.axis_names[0], view.axis_names[1])
    label = MODELS[model].label
    svg = dots_picture(values, doses, names, excess_paint(top), f"{label} excess of {view.heading}", tip)
    return Picture(f"excess-{model}", f"{label} excess", _excess_caption(view, model), svg, model)


def _excess_caption(view: BlockView, model: str) -> str:
    mean = view.number_of(model)
    return f"Mean {points(mean)} points." if np.isfinite(mean) else ""


def response_paint(view: BlockView) -> Paint:
    """Viability in percent from 0, or from -100 where values below 0 are death."""
    low = -100.0 if view.block.growth else 0.0
    ticks = (f"{low:.0f}".replace("-", "−"), f"{(low + 100) / 2:.0f}", "100")
    return Paint(SEQUENTIAL, low, 100.0, ticks, view.quantity, _whole)


def excess_paint(top: float) -> Paint:
    ticks = (f"−{top:g}", "0", f"+{top:g}")
    return Paint(
        DIVERGING, -top, top, ticks, "percent points; positive = synergy", lambda v: cell_text(v, True)
    )


def excess_limit(view: BlockView) -> float:
    """A round number that covers the excess of the block over every model."""
    found = [inner(values) for layer in view.layers for values in layer.excess.values()]
    if not view.grid and view.cells:
        found = list(view.scattered.excess.values())
    return nice(max((float(np.nanmax(np.abs(v))) for v in found if np.isfinite(v).any()), default=1.0))


def inner(values: Array) -> Array:
    return values[1:, 1:]


def _whole(value: float) -> str:
    return f"{round(value) or 0:d}".replace("-", "−")


def _where(view: BlockView, one: float, two: float) -> str:
    return (
        f"{view.drugs[0]} {dose_label(float(one), view.units[0])}, "
        f"{view.drugs[1]} {dose_label(float(two), view.units[1])}"
    )


def _design(view: BlockView) -> str:
    return f"design: {view.block.reading.get('design') or 'scattered'}"


def _drawable(one: Array, two: Array) -> bool:
    """Whether both axes have a dose above 0, which a logarithmic axis needs."""
    return bool((one > 0).any() and (two > 0).any())
