"""The doses of a combination that leave least of the resistant lines while a reference line is spared and no
dose exceeds its cap: a Pareto front for every line, for the panel's mean and for its worst case.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.analysis.optimise.caps import caps_nM
from screen.analysis.optimise.pareto import Lattice, non_dominated, search, spaced
from screen.arrays import Floats
from screen.config.optimisation import Goal
from screen.config.screen import ScreenConfig
from screen.errors import InputError, nearest, plain
from screen.kinetics import Status
from screen.pathway import Assay, CellLine, Drug, Pathway
from screen.pathway.growth import SENSITIVE_EFFECT, viability
from screen.pathway.tables.ensemble import load_draws
from screen.runner.plan.layers import Combination
from screen.runner.plan.plan import make_plan

Progress = Callable[[str, int, int], None]
LOWEST = 1e-3  # of the cap: the lowest dose above 0, unless the standard range begins lower
SHARED = ("worst case", "mean")
MOST_POINTS = 60  # of a front, evenly along it
MOST_FRONTS = 40  # lines with a front of their own
OFF_TIME = 0.05  # of the growth rate: a draw further off does not reach the doubling time


@dataclass(frozen=True)
class Front:
    """The non-dominated doses (point, drug) in nM of one combination for one line, `mean` or `worst case`,
    against the effect on the reference or the total dose; `viability`, `effect` on the reference (share of
    its cells removed) and `total` dose (in clinical peaks, or caps where no peak is known), (point,); `worst`
    (point,) is the line that loses least.
    """

    drugs: tuple[str, ...]
    of: str
    against: str
    doses: Floats
    viability: Floats
    effect: Floats
    total: Floats
    worst: tuple[str, ...]


@dataclass(frozen=True)
class Optimum:
    """All fronts, with what they rest on: lines, reference, caps in nM, peaks (NaN unknown), and notes."""

    name: str
    time_h: float
    lines: dict[str, tuple[str, ...]]
    reference: str
    reference_effect: float
    caps: dict[str, float]
    peaks: dict[str, float]
    fronts: tuple[Front, ...]
    notes: tuple[str, ...]
    simulations: int


def optimise(config: ScreenConfig, pathway: Pathway, progress: Progress | None = None) -> Optimum:
    """Optimise every combination of a configuration at its last assay time.

    Raises `InputError` for a reference or drug that is not known, a cap without a peak, and a configuration
    with schedules.
    """
    goal = config.optimise
    if config.schedules:
        raise config.error("schedules", "optimise gives every drug throughout, expected no schedules")
    plan = make_plan(config, pathway)
    panel = _panel(config, pathway, goal, plan.design.lines, plan.design.perturbations)
    caps = caps_nM(config, pathway, plan.design.drugs)
    peaks = {drug.name: drug.peak_nM or math.nan for drug in plan.design.drugs.values()}
    assay = Assay.compile(pathway, [], rtol=plan.settings.rtol, atol=plan.settings.atol)
    response = Response(assay, panel, plan.outputs.times[-1])
    together = [one for layer in plan.design.layers for one in layer.combinations]
    fronts: list[Front] = []
    counted: dict[str, tuple[str, ...]] = {}
    notes = [*_reference_notes(assay, pathway, panel)]
    for number, combination in enumerate(together):
        rows = _counted(config, goal, panel, response, combination, caps)
        if rows is None:
            rows = np.arange(len(panel.lines) - 1)
            notes.append(f"{combination.name}: no line is resistant to {combination.drugs[0]}: all count.")
        counted[combination.name] = tuple(panel.lines[row].name for row in rows)
        drugs = [plan.design.drugs[name] for name in combination.drugs]
        fronts += _fronts(goal, panel, response, drugs, caps, rows)
        if progress is not None:
            progress("optimise", number + 1, len(together))
    return Optimum(
        name=config.name,
        time_h=plan.outputs.times[-1],
        lines=counted,
        reference=panel.lines[-1].name,
        reference_effect=goal.reference_effect,
        caps=caps,
        peaks=peaks,
        fronts=tuple(fronts),
        notes=tuple(dict.fromkeys(notes)),
        simulations=response.simulations,
    )


@dataclass(frozen=True)
class Panel:
    """The lines of the screen, the reference last, each with what perturbs it."""

    lines: tuple[CellLine, ...]
    perturbations: tuple[dict[str, float], ...]


class Response:
    """Viability of the panel's lines at any doses; settles the lines once."""

    def __init__(self, assay: Assay, panel: Panel, time_h: float) -> None:
        self._assay, self._time = assay, np.array([time_h])
        self._untreated = assay.untreated(panel.lines, panel.perturbations)
        self._lines = len(panel.lines)
        self.simulations = 0
        self._vehicle = self._log_cells({}, 1)

    def __call__(self, drugs: Sequence[str], doses: Floats) -> Floats:
        """Viability (line, N) at doses (N, drug) in nM; NaN where a line or a well failed."""
        columns = {drug: doses[:, k] for k, drug in enumerate(drugs)}
        return viability(self._log_cells(columns, len(doses)), self._vehicle)

    def _log_cells(self, doses: dict[str, Floats], count: int) -> Floats:
        row = np.repeat(np.arange(self._lines), count)
        tiled = {drug: np.tile(dose, self._lines) for drug, dose in doses.items()}
        found = self._assay.dose(self._untreated, row, tiled, self._time)
        self.simulations += len(row)
        failed = (found.status > Status.reference) | (self._untreated.status[row] > Status.reference)
        return np.where(failed, np.nan, found.log_cells[:, 0]).reshape(self._lines, count)


def _panel(
    config: ScreenConfig,
    pathway: Pathway,
    goal: Goal,
    lines: Sequence[CellLine],
    perturbations: Sequence[Mapping[str, float]],
) -> Panel:
    """The plan's lines with the reference at the end."""
    known = {plain(line.name): k for k, line in enumerate(lines)}
    order = list(range(len(lines)))
    if plain(goal.reference) in known:
        place = known[plain(goal.reference)]
        order = [k for k in order if k != place]
        reference, change = lines[place], dict(perturbations[place])
    else:
        try:
            reference, change = pathway.cell_line(goal.reference), {}
        except InputError as error:
            raise config.error("optimise.reference", error) from None
    if not order:
        raise config.error("cell_lines", f"found only the reference {reference.name}, expected other lines")
    return Panel((*(lines[k] for k in order), reference), (*(dict(perturbations[k]) for k in order), change))


def _counted(
    config: ScreenConfig,
    goal: Goal,
    panel: Panel,
    response: Response,
    combination: Combination,
    caps: dict[str, float],
) -> NDArray[np.intp] | None:
    """The rows of the lines that count; None where none is resistant."""
    others = panel.lines[:-1]
    asked = list(map(plain, goal.lines))
    if asked == ["all"]:
        return np.arange(len(others))
    if asked != ["resistant"]:
        known = {plain(line.name): k for k, line in enumerate(others)}
        for name in goal.lines:
            if plain(name) not in known:
                names = [line.name for line in others]
                raise config.error(
                    "optimise.lines", f"the screen has no cell line '{name}'{nearest(name, names)}"
                )
        return np.array([known[name] for name in asked])
    anchor = combination.drugs[0]
    alone = 1 - response([anchor], np.array([[caps[anchor]]]))[:-1, 0]
    names = [line.name for line in others]
    parent = np.array([alone[names.index(line.parent)] if line.parent in names else -1 for line in others])
    rows = np.flatnonzero((alone < SENSITIVE_EFFECT) | (alone < parent))
    return rows if len(rows) else None


def _fronts(
    goal: Goal,
    panel: Panel,
    response: Response,
    drugs: Sequence[Drug],
    caps: dict[str, float],
    rows: NDArray[np.intp],
) -> list[Front]:
    """The fronts of one combination."""
    names = tuple(drug.name for drug in drugs)
    high = np.array([caps[name] for name in names])
    low = np.minimum([drug.range_nM[0] for drug in drugs], LOWEST * high)
    unit = np.array([drug.peak_nM or caps[drug.name] for drug in drugs])
    own = rows if len(rows) <= MOST_FRONTS else rows[:0]
    found: dict[tuple[float, ...], Floats] = {}

    def evaluate(doses: Floats) -> Floats:
        left = response(names, doses)
        found.update(zip(map(tuple, doses.tolist()), left.T))
        effect = 1 - left[-1]
        lines = left[rows]
        kept = np.concatenate([lines.max(axis=0)[None], lines.mean(axis=0)[None], left[own]])
        prices = {"reference": effect, "dose": (doses / unit).sum(axis=1)}
        pairs = [np.stack([gain, prices[price]], axis=-1) for price in goal.against for gain in kept]
        broken = ~(effect <= goal.reference_effect + 1e-9)
        objectives = np.stack(pairs, axis=1)
        objectives[broken | ~np.isfinite(lines).all(axis=0)] = np.inf
        return objectives

    lattice = Lattice.of(low, high, goal.points, goal.rounds)
    searched = search(lattice, evaluate, goal.rounds)
    doses = lattice.doses(searched.index)
    labels = [(of, price) for price in goal.against for of in (*SHARED, *(panel.lines[k].name for k in own))]
    fronts = []
    for k, (of, price) in enumerate(labels):
        members = np.flatnonzero(non_dominated(searched.objectives[:, k]))
        members = members[spaced(searched.objectives[members, k], MOST_POINTS)]
        left = np.array([found[tuple(row)] for row in doses[members].tolist()])
        worst = rows[left[:, rows].argmax(axis=1)] if len(left) else rows[:0]
        fronts.append(
            Front(
                drugs=names,
                of=of,
                against=price,
                doses=doses[members],
                viability=searched.objectives[members, k, 0],
                effect=1 - left[:, -1] if len(left) else np.empty(0),
                total=(doses[members] / unit).sum(axis=1),
                worst=tuple(panel.lines[row].name for row in worst),
            )
        )
    return fronts


def _reference_notes(assay: Assay, pathway: Pathway, panel: Panel) -> list[str]:
    """What is to be known of the reference line before its sparing is believed."""
    line = panel.lines[-1]
    if pathway.is_custom or line.doubling_h is None:
        return []
    notes = []
    if line.note:
        notes.append(f"{line.name} is a rough entry of the model ({line.note}).")
    draws = load_draws()
    goal = math.log(2) / line.doubling_h
    growth = [float(assay.untreated([line], None, draw).growth_rate[0]) for draw in draws]
    short = sum(not abs(rate / goal - 1) <= OFF_TIME for rate in growth)
    if short:
        notes.append(
            f"{short} of the {len(draws)} draws of the ensemble do not reach {line.name}'s doubling time "
            f"({line.doubling_h:g} h): read its sparing as a rank, not as a number."
        )
    return notes
