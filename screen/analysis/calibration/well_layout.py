"""All wells that tables of evidence and measurements need, laid out once and simulated for many parameter sets.

Backgrounds (a line under a perturbation) are brought to their untreated state, then wells are dosed; a well
that several statements share is simulated once. All parameter sets of a call go through the engine together.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from screen.analysis.calibration.division_rates import division_rates
from screen.analysis.calibration.free_values import ModelQuantity
from screen.analysis.evidence.evidence_table import Condition
from screen.arrays import Bools, Floats, Indices
from screen.pathway import Assay, Pathway
from screen.pathway.assay import FIXED
from screen.pathway.names import AMOUNTS, factor_id

GROWTH = "growth_rate"
"""The untreated growth rate per hour, where a signal is asked for."""
Doses = tuple[tuple[str, float], ...]
Background = tuple[str, tuple[tuple[str, float], ...]]


@dataclass
class WellLayout:
    """Backgrounds and wells in the order in which they were asked for, and the times each well is read at."""

    backgrounds: dict[Background, int] = field(default_factory=dict)
    wells: dict[tuple[int, Doses], int] = field(default_factory=dict)
    times: dict[int, set[float]] = field(default_factory=dict)

    def well(self, condition: Condition, doses: Mapping[str, float]) -> int:
        """The number of the well of a line under a condition with these doses, nM."""
        key = (condition.line.name, tuple(sorted(condition.perturbation.items())))
        background = self.backgrounds.setdefault(key, len(self.backgrounds))
        well = (background, tuple(sorted(doses.items())))
        index = self.wells.setdefault(well, len(self.wells))
        self.times.setdefault(index, set()).add(condition.time_h)
        return index


class Reading(Protocol):
    """What statements are read off, under K parameter sets."""

    def log_cells(self, well: int, time: float) -> Floats:
        """Natural logarithm of the cell number relative to dosing (K,)."""

    def signal(self, well: int, time: float, name: str) -> Floats:
        """A signal, or the untreated growth rate per hour (K,)."""


@dataclass(frozen=True)
class WellSignals:
    """What wells showed under K parameter sets, reading after reading (N of them). A well that failed holds NaN."""

    cells: Floats  # (K, N)
    signals: Floats  # (K, N, readouts)
    growth: Floats  # (K, backgrounds) untreated, per hour
    shortfall: Floats  # (K, lines) growth that no division rate reached, as a share of the line's own
    wells: "SimulatedWells"

    def log_cells(self, well: int, time: float) -> Floats:
        """Natural logarithm of the cell number relative to dosing (K,)."""
        return self.cells[:, self.wells.reading[well, time]]

    def many(self, readings: Indices) -> Floats:
        """The same (K, ...) of readings (...), in an order in memory that does not hang on K: nor do sums, then."""
        return np.ascontiguousarray(self.cells[:, readings])

    def signal(self, well: int, time: float, name: str) -> Floats:
        """A signal, or the untreated growth rate per hour (K,)."""
        if name == GROWTH:
            return self.growth[:, self.wells.row[well]]
        return self.signals[:, self.wells.reading[well, time], self.wells.readouts[name]]


@dataclass(frozen=True, eq=False)
class UntreatedCells:
    """Under K parameter sets: parameters of lines (K, L, P) and of backgrounds (K, B, P) with their division rates,
    states at rest (K, B, S) and growth (K, B) per hour of backgrounds, and lines' `shortfall` as in `WellSignals`.
    """

    of_lines: Floats
    tables: Floats
    state: Floats
    growth: Floats
    shortfall: Floats


@dataclass(frozen=True, eq=False)
class QuantityPlaces:
    """Where quantities go: of which `item`, to which `row` (lines, then backgrounds) and `column`, times a `factor`."""

    item: Indices
    row: Indices
    column: Indices
    factor: Floats


@dataclass(frozen=True, eq=False)
class GivenDoses:
    """What wells are given: the well, the column of the agent's concentration, and this in nM."""

    well: Indices
    agent: Indices
    dose_nM: Floats

    def among(self, members: Indices, wells: int) -> tuple[Bools, Indices]:
        """Which entries are of some wells, and at what place among these."""
        place = np.full(wells, -1, dtype=np.intp)
        place[members] = np.arange(len(members))
        found = place[self.well]
        return found >= 0, found[found >= 0]


class SimulatedWells:
    """A layout with the places of quantities in the engine's parameters."""

    def __init__(
        self, assay: Assay, layout: WellLayout, quantities: Sequence[ModelQuantity], rtol: float, atol: float
    ) -> None:
        pathway = assay.pathway
        self.pathway = pathway
        self.engine, self.rtol, self.atol = assay.engine, rtol, atol
        self.column = {name: index for index, name in enumerate(assay.engine.parameters)}
        self.readouts = {name: index for index, name in enumerate(assay.readouts)}
        self.lines = tuple(dict.fromkeys(line for line, _ in layout.backgrounds))
        named = [pathway.cell_lines[line] for line in self.lines]
        rows: list[Background] = [(line, ()) for line in self.lines] + list(layout.backgrounds)
        self._base = assay.parameters(
            [pathway.cell_lines[line] for line, _ in rows], [dict(factors) for _, factors in rows]
        )
        self.target = np.array([math.log(2) / (line.doubling_h or math.inf) for line in named])
        self.line_of = np.array([self.lines.index(line) for line, _ in layout.backgrounds], dtype=np.intp)
        self.quantities = len(quantities)
        self.places = self._places(pathway, quantities, rows)
        self.row = np.array([background for background, _ in layout.wells], dtype=np.intp)
        self.doses = self._doses(pathway, layout)
        ends: dict[float, list[int]] = {}
        for index, times in layout.times.items():
            ends.setdefault(max(times), []).append(index)
        self.groups = [
            (np.array(members, dtype=np.intp), sorted({t for m in members for t in layout.times[m]}))
            for members in ends.values()
        ]
        every = [(int(well), time) for members, times in self.groups for well in members for time in times]
        self.reading = {read: number for number, read in enumerate(every)}
        limits = pathway.parameters["k_birth"]
        self.birth, self.limits = self.column["k_birth"], (limits.lower, limits.upper)

    def _places(
        self, pathway: Pathway, quantities: Sequence[ModelQuantity], rows: list[Background]
    ) -> QuantityPlaces:
        """Which quantity goes to which row and column, times which perturbation's factor."""
        own = {(item.line, item.name) for item in quantities}
        found: list[tuple[int, int, int, float]] = []
        for number, item in enumerate(quantities):
            entity = item.name in pathway.entities
            column = self.column[factor_id(item.name) if entity else item.name]
            for row, (line, factors) in enumerate(rows):
                known = pathway.cell_lines[line]
                inherits = known.parent == item.line and (line, item.name) not in own
                if item.line and line != item.line and not inherits:
                    continue
                factor = dict(factors).get(item.name) if entity else None
                if factor is None or item.name not in AMOUNTS:
                    found.append((number, row, column, 1.0 if factor is None else factor))
        columns = np.array(found, dtype=float).reshape(-1, 4).T
        item, row, column = columns[:3].astype(np.intp)
        return QuantityPlaces(item, row, column, columns[3])

    def _doses(self, pathway: Pathway, layout: WellLayout) -> GivenDoses:
        found = [
            (index, self.column[pathway.dose_parameter(agent)], dose)
            for (_, doses), index in layout.wells.items()
            for agent, dose in doses
        ]
        columns = np.array(found, dtype=float).reshape(-1, 3).T
        well, agent = columns[:2].astype(np.intp)
        return GivenDoses(well, agent, columns[2])

    def read(self, values: Floats) -> WellSignals:
        """Simulate every well under quantities (K, Q)."""
        return self.dosed(self.untreated(values))

    def untreated(self, values: Floats) -> UntreatedCells:
        """Lines and backgrounds at rest under quantities (K, Q), each line at its own division rate."""
        count, lines = len(values), len(self.lines)
        tables = np.repeat(self._base[None], count, axis=0)
        tables[:, self.places.row, self.places.column] = values[:, self.places.item] * self.places.factor
        birth, shortfall = division_rates(
            self.engine, tables[:, :lines], self.target, self.birth, self.limits
        )
        of_lines, tables = tables[:, :lines], np.ascontiguousarray(tables[:, lines:])
        of_lines[:, :, self.birth], tables[:, :, self.birth] = birth, birth[:, self.line_of]
        flat = tables.reshape(-1, tables.shape[-1])
        steady = self.engine.steady_state(flat, fixed=FIXED, stability=False)
        state = steady.state.reshape(count, -1, steady.state.shape[-1])
        growth = self.engine.readout(flat, steady.state)[:, -1].reshape(count, -1)
        return UntreatedCells(of_lines, tables, state, growth, shortfall)

    def dosed(self, untreated: UntreatedCells) -> WellSignals:
        """Every well, from its background's state at rest."""
        tables, state = untreated.tables, untreated.state
        count = len(tables)
        parts = []
        for members, times in self.groups:
            rows = tables[:, self.row[members]]
            here, place = self.doses.among(members, len(self.row))
            rows[:, place, self.doses.agent[here]] = self.doses.dose_nM[here]
            start = state[:, self.row[members]]
            run = self.engine.simulate(
                np.array(times),
                rows.reshape(-1, rows.shape[-1]),
                np.nan_to_num(start.reshape(-1, start.shape[-1])),
                rtol=self.rtol,
                atol=self.atol,
            )
            found = run.whole().values.reshape(count, len(members), len(times), -1)
            found[np.isnan(start[..., 0])] = np.nan
            parts.append(found.reshape(count, len(members) * len(times), -1))
        values = np.concatenate(parts, axis=1) if parts else np.empty((count, 0, len(self.readouts) + 2))
        return WellSignals(
            np.ascontiguousarray(values[:, :, -2]),
            values[:, :, :-2],
            untreated.growth,
            untreated.shortfall,
            self,
        )
