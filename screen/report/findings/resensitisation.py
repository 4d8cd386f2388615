"""How far each partner re-sensitises a line to the anchor drug: the gap that it closes (`gap`), and over the grid of
doses the smallest that closes enough of it.

With v(a, c) the viability at anchor dose a and partner dose c, the anchor's own effect together with the partner is
1 - v(a, c) / v(0, c). The re-sensitisation dose is the smallest c of the grid at which at least `CLOSED` of the gap to
the line's reference is closed. The anchor stands at 10 ug/mL when it is trastuzumab, else at its Cmax (clinical peak
concentration), else at its top dose.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Array
from screen.pathway.growth import SENSITIVE_EFFECT
from screen.report.cube_view.view import CubeView
from screen.report.findings.anchor_effect import (
    anchor_dose,
    anchor_ratios,
    at_dose,
    her2_low,
    interpolate_dose,
    reference_names,
    references,
    sensitive_lines,
    with_single_agents,
)
from screen.report.findings.gap import CLOSED, Gap, GapWells, gap_from, quantile, stored_wells

LESS_THAN_PARENT = 0.02


@dataclass(frozen=True)
class Recovery:
    """Arrays over (cell_line, combination, time) unless said otherwise; fractions of cells and nM.

    `gap` is the measure of the answer. `alone` is v(a, 0) and `reference` that of the line compared with, (cell_line,
    time), medians over the draws where there are any. `dose` is the re-sensitisation dose: 0 in a line that is
    sensitive, inf not reached on the grid, NaN not known (a well before it failed or was not simulated); `low`, `high`
    its interval, NaN in a line that is sensitive, or None: over the draws where the cube keeps them (`interval_from` is
    `draws`), else from every well's interval (`bounds`), which is wider. `ratios` is the course of v(a, c) / v(0, c)
    over the grid (cell_line, combination, dose_2, time). `resistant` and `her2_low` are (cell_line,).
    """

    gap: Gap
    anchor_nM: float
    alone: Array
    reference: Array
    reference_names: tuple[str, ...]
    dose: Array
    low: Array | None
    high: Array | None
    ratios: Array
    resistant: Array
    her2_low: Array
    interval_from: str = ""

    @property
    def gain(self) -> Array:
        """By how much of the cells the anchor's own effect grows beside the partner."""
        return self.gap.gain

    @property
    def counted(self) -> Array:
        """(cell_line,) the resistant lines that the answer counts: those with HER2."""
        return np.asarray(self.resistant & ~self.her2_low)


def recovery_of(view: CubeView) -> Recovery:
    """The `Recovery` of a screen, at every assay time."""
    viability, grid_anchor_nM = view.readouts["viability"], anchor_dose(view)
    filled = with_single_agents(view, viability.values)
    ratios, _, _ = anchor_ratios(view, filled, grid_anchor_nM)
    gap = gap_from(view, stored_wells(view) or grid_wells(view, grid_anchor_nM))
    alone, reference = own_pairs(view, gap.alone), own_pairs(view, gap.compared)
    weaker = derived(view) & (alone[:, -1] > reference[:, -1] + LESS_THAN_PARENT)
    resistant = (1 - alone[:, -1] < SENSITIVE_EFFECT) | weaker
    levels = np.broadcast_to(view.concentration_2, (len(view.lines), *view.concentration_2.shape[1:]))
    dose = first_crossing(ratios, levels, goal(alone, reference))
    low, middle, high, source = interval_of(view, gap, grid_anchor_nM, levels)
    dose = dose if middle is None else middle
    dose = np.where(resistant[:, None, None] | np.isnan(dose), dose, 0.0)
    if low is not None and high is not None:  # nothing is to be re-sensitised in a sensitive line
        low, high = (np.where(resistant[:, None, None], end, np.nan) for end in (low, high))
    return Recovery(
        gap=gap,
        anchor_nM=gap.wells.anchor_nM,
        alone=alone,
        reference=reference,
        reference_names=gap.wells.names,
        dose=dose,
        low=low,
        high=high,
        ratios=ratios,
        resistant=resistant,
        her2_low=her2_low(view),
        interval_from=source,
    )


def goal(alone: Array, reference: Array) -> Array:
    """The ratio at which at least `CLOSED` of the gap is closed."""
    return np.asarray(reference + (1 - CLOSED) * np.maximum(alone - reference, 0))


def derived(view: CubeView) -> Array:
    """(cell_line,) whether a line has a parent, in the panel or not."""
    notes = view.line_notes.get("parent", ("",) * len(view.lines))
    pairs = zip(notes, view.parents, strict=True)
    return np.array([bool(name) or parent is not None for name, parent in pairs], bool)


def own_pairs(view: CubeView, values: Array) -> Array:
    """(cell_line, time) of what is the same for every pair that begins with the anchor: the first that is known."""
    own = np.array([drug == view.anchor for drug in view.drug_1])
    kept = np.where(own[None, :, None] & np.isfinite(values), values, -np.inf).max(axis=1)
    return np.asarray(np.where(np.isfinite(kept), kept, np.nan))


def grid_wells(view: CubeView, anchor_nM: float) -> GapWells:
    """The wells of the gap, read from the grid of a cube that does not hold them: interpolated between its doses, and
    compared with lines of its own panel.
    """
    viability = view.readouts["viability"]
    sets = [viability.values] if viability.draws is None else list(np.moveaxis(viability.draws, -1, 0))
    levels = np.broadcast_to(view.concentration_2, (len(view.lines), *view.concentration_2.shape[1:]))
    tops = np.nanmax(levels, axis=(0, 2)) if levels.size else np.zeros(len(view.drug_2))
    peaks = np.array([view.peak_nM.get(name, np.inf) for name in view.drug_2])
    doses, first = np.minimum(peaks, tops), None
    found: dict[str, list[Array]] = {"alone": [], "partner": [], "both": [], "compared": []}
    for values in sets:
        ratios, alone, partner_alone = anchor_ratios(view, with_single_agents(view, values), anchor_nM)
        first = alone if first is None else first
        partner, ratio = (
            np.stack([at_level(part[:, k], levels[:, k], dose) for k, dose in enumerate(doses)], axis=1)
            for part in (partner_alone, ratios)
        )
        found["partner"].append(partner)
        found["both"].append(ratio * partner)
        for name, lines in (("alone", alone), ("compared", references(view, alone))):
            found[name].append(np.broadcast_to(lines[:, None], partner.shape))
    assert first is not None
    stacked = {name: np.stack(parts, axis=-1) for name, parts in found.items()}
    names = reference_names(view, first)
    return GapWells(
        **stacked, anchor_nM=anchor_nM, doses=doses, at_peak=peaks <= tops, names=names, stored=False
    )


def at_level(values: Array, levels: Array, dose: float) -> Array:
    """`values` (cell_line, dose, time) at one dose of `levels` (cell_line, dose), as `interpolate_dose` does."""
    return interpolate_dose(values[:, :, None, :], levels, dose)[:, 0]


def interval_of(
    view: CubeView, gap: Gap, anchor_nM: float, levels: Array
) -> tuple[Array | None, Array | None, Array | None, str]:
    """`low`, the median, `high` and `interval_from` of a re-sensitisation dose; the median where draws are kept."""
    viability, times = view.readouts["viability"], range(len(view.times_h))
    alone, compared = (
        np.stack([own_pairs(view, part) for part in np.moveaxis(draws, -1, 0)], axis=-1)
        for draws in (gap.wells.alone, gap.wells.compared)
    )
    if viability.draws is not None:
        many = []
        for draw in range(viability.draws.shape[-1]):
            course, single, _ = anchor_ratios(view, viability.draws[..., draw], anchor_nM)
            own = gap.wells.stored or alone.shape[-1] > 1
            aim = goal(alone[..., draw], compared[..., draw]) if own else references(view, single)
            many.append(first_crossing(course, levels, aim))
        ends = [view.ensemble.low, 0.5, view.ensemble.high]
        low, middle, high = np.quantile(np.stack(many), ends, axis=0, method="nearest")
        return low, middle, high, "draws"
    bounds = [found for time in times if (found := viability.load_bounds(time)) is not None]
    if len(bounds) < len(times):
        return None, None, None, ""
    least, most = (np.stack(parts, axis=-1) for parts in zip(*bounds, strict=True))
    early, fewest, _ = anchor_ratios(view, least, anchor_nM, partner_alone=most[:, :, 0])
    late, largest, _ = anchor_ratios(view, most, anchor_nM, partner_alone=least[:, :, 0])
    if gap.wells.stored:
        ends_of = (view.ensemble.high, view.ensemble.low)
        high_aim, low_aim = (goal(quantile(alone, end), quantile(compared, end)) for end in ends_of)
    else:
        sensitive = sensitive_lines(view, own_pairs(view, gap.alone))
        high_aim = goal(largest, references(view, largest, sensitive))
        low_aim = goal(fewest, references(view, fewest, sensitive))
    return first_crossing(early, levels, high_aim), None, first_crossing(late, levels, low_aim), "bounds"


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
