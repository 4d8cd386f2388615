"""What the anchor drug itself does on a grid of doses: alone, and beside each dose of a partner, v(a, c) / v(0, c);
and, for cubes that hold no reference wells, the lines of their own panel that others are compared with.
"""

from typing import Any

import numpy as np

from screen.arrays import Array
from screen.cube.status import FAILED, NOT_SIMULATED
from screen.pathway.growth import SENSITIVE_EFFECT
from screen.pathway.omics.levels import NOT_AMPLIFIED
from screen.report.cube_view.custom_model import custom_mapping
from screen.report.cube_view.view import CubeView

TRASTUZUMAB_nM = 10e-3 / 148e3 * 1e9
HER2_LOW = 0.1
NO_SENSITIVE_LINE = f"a line that loses {100 * SENSITIVE_EFFECT:.0f} % of its cells"
MEDIAN_LINE = "the median sensitive line"


def with_single_agents(view: CubeView, viability: Array) -> Array:
    """Viability with single-agent wells that were not simulated interpolated between those that were; every
    other well that was not simulated stays unknown, and so does what failed.
    """
    skipped = view.status == NOT_SIMULATED
    if not skipped.any():
        return viability
    filled = viability.copy()
    edges: tuple[tuple[Any, Array], ...] = (
        (np.s_[:, 0], view.concentration_1),
        (np.s_[0, :], view.concentration_2),
    )
    for line, pair in np.argwhere(skipped.any(axis=(2, 3))):
        for edge, concentration in edges:
            levels = concentration[min(line, len(concentration) - 1), pair]
            missing = skipped[line, pair][edge] & np.isfinite(levels)
            known = (view.status[line, pair][edge] < FAILED) & np.isfinite(levels)
            place = np.log1p(levels / max(float(levels[1]), 1e-12))
            for time in range(viability.shape[-1]) if known.any() else ():
                course = filled[line, pair, :, :, time][edge]
                course[missing] = np.interp(place[missing], place[known], course[known])
    return filled


def anchor_dose(view: CubeView) -> float:
    """The anchor's dose in nM at which re-sensitisation is assessed, never above the screen's top dose."""
    own = np.array([one == view.anchor for one in view.drug_1])
    top = float(np.nanmax(view.concentration_1[:, own])) if own.any() else 0.0
    wanted = TRASTUZUMAB_nM if view.anchor.lower() == "trastuzumab" else view.peak_nM.get(view.anchor, top)
    return min(wanted, top)


def anchor_ratios(
    view: CubeView, viability: Array, anchor_nM: float, partner_alone: Array | None = None
) -> tuple[Array, Array, Array]:
    """v(a, c) / v(0, c), v(a, 0) (cell_line, time), v(0, c); else (cell_line, combination, dose_2, time).
    `partner_alone` stands in for v(0, c).
    """
    levels = np.broadcast_to(view.concentration_1, (len(view.lines), *view.concentration_1.shape[1:]))
    at = interpolate_dose(viability, levels, anchor_nM)
    partner_alone = viability[:, :, 0] if partner_alone is None else partner_alone
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.where(partner_alone > 1e-9, at / partner_alone, np.nan)
    own = np.array([one == view.anchor for one in view.drug_1])
    ratios = np.where(own[None, :, None, None], ratios, np.nan)
    single = np.where(own[None, :, None], ratios[:, :, 0], np.nan)
    filled = np.where(np.isnan(single), -np.inf, single).max(axis=1)
    return ratios, np.where(np.isfinite(filled), filled, np.nan), partner_alone


def interpolate_dose(values: Array, levels: Array, dose: float) -> Array:
    """`values` (..., dose_1, dose_2, time) at `dose`, linear in log dose (linear below the lowest dose)."""
    safe = np.where(np.isfinite(levels), levels, np.inf)
    upper = np.clip((safe < dose * (1 - 1e-9)).sum(axis=-1), 1, levels.shape[-1] - 1)
    low, high = (np.take_along_axis(safe, at[..., None], axis=-1)[..., 0] for at in (upper - 1, upper))
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithmic = np.log(dose / low) / np.log(high / low)
        weight = np.where(low > 0, logarithmic, dose / high)
    weight = np.clip(np.nan_to_num(weight, nan=0.0), 0, 1)[..., None, None, None]
    index = upper[..., None, None, None]
    below = np.take_along_axis(values, index - 1, axis=-3)
    above = np.take_along_axis(values, index, axis=-3)
    mixed = np.where(weight == 0, below, np.where(weight == 1, above, below + (above - below) * weight))
    return np.asarray(mixed[..., 0, :, :])


def references(view: CubeView, alone: Array, sensitive: Array | None = None) -> Array:
    """The ratio that counts as sensitive, (cell_line, time): see `reference_names`. `sensitive` says which
    lines are, when not `alone` itself shall.
    """
    sensitive = sensitive_lines(view, alone) if sensitive is None else sensitive
    others = (
        np.median(alone[sensitive], axis=0)
        if sensitive.any()
        else np.full(alone.shape[1], 1 - SENSITIVE_EFFECT)
    )
    rows = [alone[parent] if parent is not None else others for parent in view.parents]
    return np.array(rows) if rows else np.empty_like(alone)


def reference_names(view: CubeView, alone: Array) -> tuple[str, ...]:
    """What each line is compared with: its parent, the median sensitive line, or the bare threshold."""
    others = MEDIAN_LINE if sensitive_lines(view, alone).any() else NO_SENSITIVE_LINE
    return tuple(view.lines[parent] if parent is not None else others for parent in view.parents)


def sensitive_lines(view: CubeView, alone: Array) -> Array:
    """(cell_line,) bool: the anchor alone removes its share at the last time, and HER2 is not low."""
    return np.asarray((1 - alone[:, -1] >= SENSITIVE_EFFECT) & ~her2_low(view))


def her2_low(view: CubeView) -> Array:
    """Lines in which HER2 is not amplified: those that the pathway's panel has as such, and any whose HER2 is below a
    tenth of the panel's median. Named in tables, not counted in the answer.
    """
    notes = view.line_notes.get("parent", ("",) * len(view.lines))
    own = custom_mapping(view) is None
    normal = np.array(
        [own and not {line, note}.isdisjoint(NOT_AMPLIFIED) for line, note in zip(view.lines, notes)], bool
    )
    name = next((name for name in ("HER2", "HER2 (factor)") if name in view.markers), None)
    if name is None:
        return normal
    values = view.markers[name][1]
    return np.asarray(normal | (values < HER2_LOW * np.nanmedian(values)))


def at_dose(values: Array, index: Array) -> Array:
    """`values` (cell_line, combination, dose_2, time) at the doses of `index` (cell_line, combination, time)."""
    return np.take_along_axis(values, index[:, :, None], axis=2)[:, :, 0]
