"""How far each partner re-sensitises a line to the anchor drug: the effect gained and the dose that it takes.

With v(a, c) the viability at anchor dose a and partner dose c, the anchor's own effect together with the
partner is 1 - v(a, c) / v(0, c). The re-sensitisation dose is the smallest c at which v(a, c) / v(0, c) in the line is
at most v(a, 0) in its parent; a line without a parent is compared with the median of the screen's
sensitive lines, or with the threshold of sensitivity where there is none. The anchor stands at 10 ug/mL when it is
trastuzumab, else at its Cmax (clinical peak concentration), else at its top dose.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from screen.arrays import Array
from screen.cube.status import FAILED, NOT_SIMULATED
from screen.pathway.growth import SENSITIVE_EFFECT
from screen.report.cube_view.view import CubeView

TRASTUZUMAB_nM = 10e-3 / 148e3 * 1e9
LESS_THAN_PARENT = 0.02
HER2_LOW = 0.1
NO_SENSITIVE_LINE = f"a line that loses {100 * SENSITIVE_EFFECT:.0f} % of its cells"


@dataclass(frozen=True)
class Recovery:
    """Arrays over (cell_line, combination, time) unless said otherwise; fractions of cells and nM.

    `alone` is v(a, 0), (cell_line, time); `reference` the ratio to reach, (cell_line, time), NaN where there
    is none. `dose` is the re-sensitisation dose: 0 already as sensitive, inf not reached on the grid, NaN not
    known (a well before it failed, or no reference); `low`, `high` its interval, or None: over the draws
    where the cube keeps them (`interval_from` is `draws`), else from every well's interval (`bounds`), which
    is wider; `share` of the draws in which it is reached and achievable.
    `gain` is the largest gained effect at achievable partner doses (up to Cmax), reached at `gain_dose` with
    `ratio` and `partner_alone` = v(0, c); `ratios` is the whole course (cell_line, combination, dose_2, time).
    `resistant` and `her2_low` are (cell_line,).
    """

    anchor_nM: float
    alone: Array
    reference: Array
    reference_names: tuple[str, ...]
    dose: Array
    low: Array | None
    high: Array | None
    gain: Array
    gain_dose: Array
    ratio: Array
    partner_alone: Array
    ratios: Array
    resistant: Array
    her2_low: Array
    share: Array | None = None
    interval_from: str = ""


def recovery_of(view: CubeView) -> Recovery:
    """The `Recovery` of a screen, at every assay time."""
    viability = view.readouts["viability"]
    anchor_nM = anchor_dose(view)
    ratios, alone, partner_alone = anchor_ratios(view, with_single_agents(view, viability.values), anchor_nM)
    reference = references(view, alone)
    derived = np.array([parent is not None for parent in view.parents], bool)
    weaker = derived & (alone[:, -1] > reference[:, -1] + LESS_THAN_PARENT)
    resistant = (1 - alone[:, -1] < SENSITIVE_EFFECT) | weaker
    levels = np.broadcast_to(view.concentration_2, (len(view.lines), *view.concentration_2.shape[1:]))
    dose = first_crossing(ratios, levels, reference)
    peaks = np.array([view.peak_nM.get(name, np.inf) for name in view.drug_2])
    low, high, share, source = interval_of(view, anchor_nM, levels, peaks, sensitive_lines(view, alone))
    allowed = (levels <= peaks[:, None] * 1.0001)[..., None] & np.isfinite(ratios)
    gains = np.where(allowed, ratios[:, :, :1] - ratios, -np.inf)
    gains[:, :, 0] = np.where(np.isfinite(ratios[:, :, 0]), 0.0, -np.inf)
    best = gains.argmax(axis=2)
    most = at_dose(gains, best)
    gain = np.where(np.isfinite(most), most, np.nan)
    return Recovery(
        anchor_nM=anchor_nM,
        alone=alone,
        reference=reference,
        reference_names=reference_names(view, alone),
        dose=dose,
        low=low,
        high=high,
        gain=gain,
        gain_dose=at_dose(np.broadcast_to(levels[..., None], ratios.shape), best),
        ratio=at_dose(ratios, best),
        partner_alone=at_dose(partner_alone, best),
        ratios=ratios,
        resistant=resistant,
        her2_low=her2_low(view),
        share=share,
        interval_from=source,
    )


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


def interval_of(
    view: CubeView, anchor_nM: float, levels: Array, peaks: Array, sensitive: Array
) -> tuple[Array | None, Array | None, Array | None, str]:
    """`low`, `high`, `share` and `interval_from` of a `Recovery`."""
    viability, times = view.readouts["viability"], range(len(view.times_h))
    if viability.draws is not None:
        many = []
        for draw in range(viability.draws.shape[-1]):
            course, single, _ = anchor_ratios(view, viability.draws[..., draw], anchor_nM)
            many.append(first_crossing(course, levels, references(view, single)))
        doses = np.stack(many)
        ends = [view.ensemble.low, view.ensemble.high]
        low, high = np.quantile(doses, ends, axis=0, method="nearest")
        share = np.mean((doses > 0) & (doses <= peaks[:, None] * 1.0001), axis=0)
        return low, high, share, "draws"
    bounds = [found for time in times if (found := viability.load_bounds(time)) is not None]
    if len(bounds) < len(times):
        return None, None, None, ""
    least, most = (np.stack(parts, axis=-1) for parts in zip(*bounds, strict=True))
    early, fewest, _ = anchor_ratios(view, least, anchor_nM, partner_alone=most[:, :, 0])
    late, largest, _ = anchor_ratios(view, most, anchor_nM, partner_alone=least[:, :, 0])
    low = first_crossing(early, levels, references(view, largest, sensitive))
    return low, first_crossing(late, levels, references(view, fewest, sensitive)), None, "bounds"


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
    others = "the median sensitive line" if sensitive_lines(view, alone).any() else NO_SENSITIVE_LINE
    return tuple(view.lines[parent] if parent is not None else others for parent in view.parents)


def sensitive_lines(view: CubeView, alone: Array) -> Array:
    """(cell_line,) bool: the anchor alone removes its share at the last time, and HER2 is not low."""
    return np.asarray((1 - alone[:, -1] >= SENSITIVE_EFFECT) & ~her2_low(view))


def her2_low(view: CubeView) -> Array:
    """Lines whose HER2 is below a tenth of the panel's median: named in tables, not counted in the answer."""
    name = next((name for name in ("HER2", "HER2 (factor)") if name in view.markers), None)
    if name is None:
        return np.zeros(len(view.lines), bool)
    values = view.markers[name][1]
    return np.asarray(values < HER2_LOW * np.nanmedian(values))


def at_dose(values: Array, index: Array) -> Array:
    """`values` (cell_line, combination, dose_2, time) at the doses of `index` (cell_line, combination, time)."""
    return np.take_along_axis(values, index[:, :, None], axis=2)[:, :, 0]


def first_crossing(ratios: Array, levels: Array, reference: Array) -> Array:
    """Smallest dose where `ratios` (line, combination, dose_2, time) is at most `reference` (line, time)."""
    goal = reference[:, None, None, :]
    reached = ratios <= goal
    index = reached.argmax(axis=2)
    any_reached = reached.any(axis=2)
    order = np.arange(ratios.shape[2])[None, None, :, None]
    padded = np.isnan(levels)[..., None]
    unknown = (
        np.isnan(ratios) & ~padded & (order < np.where(any_reached, index, ratios.shape[2])[:, :, None])
    ).any(axis=2)
    before = np.maximum(index - 1, 0)
    grid = np.broadcast_to(levels[..., None], ratios.shape)
    r0, r1 = at_dose(ratios, before), at_dose(ratios, index)
    c0, c1 = at_dose(grid, before), at_dose(grid, index)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip((r0 - goal[:, :, 0]) / (r0 - r1), 0, 1)
        between = np.where(c0 > 0, np.exp(np.log(c0) + share * np.log(c1 / c0)), c0 + share * (c1 - c0))
    dose = np.where(index == 0, 0.0, between)
    dose = np.where(any_reached, dose, np.inf)
    return np.where(unknown | np.isnan(reference)[:, None, :], np.nan, dose)
