"""All wells that tables of evidence and measurements need, laid out once and simulated for many parameter sets.

Backgrounds (a line under a perturbation) are brought to their untreated state, then wells are dosed; a well
that several statements share is simulated once. All parameter sets of a call go through the engine together.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screen.analysis.calibration.division_rates import division_rates
from screen.analysis.calibration.free_values import ModelQuantity
from screen.analysis.evidence.evidence_table import Condition
from screen.arrays import Floats
from screen.pathway import Assay, Pathway
from screen.pathway.assay import FIXED
from screen.pathway.names import AMOUNTS, factor_id

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


@dataclass(frozen=True)
class WellSignals:
    """What wells showed under K parameter sets. A well that failed holds NaN."""

    signals: dict[int, Floats]  # (K, times, readouts) of a well
    cells: dict[int, Floats]  # (K, times)
    growth: Floats  # (K, backgrounds) untreated, per hour
    shortfall: Floats  # (K, lines) growth that no division rate reached, as a share of the line's own
    places: dict[int, dict[float, int]]
    column: dict[str, int]
    row: NDArray[np.intp]  # (wells,) each well's background

    def log_cells(self, well: int, time: float) -> Floats:
        """Natural logarithm of the cell number relative to dosing (K,)."""
        return self.cells[well][:, self.places[well][time]]

    def signal(self, well: int, time: float, name: str) -> Floats:
        """A signal, or the untreated growth rate per hour (K,)."""
        if name == "growth_rate":
            return self.growth[:, self.row[well]]
        return self.signals[well][:, self.places[well][time], self.column[name]]


class SimulatedWells:
    """A layout with the places of quantities in the engine's parameters."""

    def __init__(
        self, assay: Assay, layout: WellLayout, quantities: Sequence[ModelQuantity], rtol: float, atol: float
    ) -> None:
        pathway = assay.pathway
        self.pathway = pathway
        self._engine, self._rtol, self._atol = assay.engine, rtol, atol
        self._column = {name: index for index, name in enumerate(assay.engine.parameters)}
        self._readout = {name: index for index, name in enumerate(assay.readouts)}
        self.lines = tuple(dict.fromkeys(line for line, _ in layout.backgrounds))
        named = [pathway.cell_lines[line] for line in self.lines]
        rows: list[Background] = [(line, ()) for line in self.lines] + list(layout.backgrounds)
        self._base = assay.parameters(
            [pathway.cell_lines[line] for line, _ in rows], [dict(factors) for _, factors in rows]
        )
        self._target = np.array([math.log(2) / (line.doubling_h or math.inf) for line in named])
        self._line_of = np.array([self.lines.index(line) for line, _ in layout.backgrounds], dtype=np.intp)
        self._item, self._where, self._col, self._factor = self._places(pathway, quantities, rows)
        self.row = np.array([background for background, _ in layout.wells], dtype=np.intp)
        self._dosed, self._agent, self._dose = self._doses(pathway, layout)
        ends: dict[float, list[int]] = {}
        for index, times in layout.times.items():
            ends.setdefault(max(times), []).append(index)
        self._groups = [
            (np.array(members, dtype=np.intp), sorted({t for m in members for t in layout.times[m]}))
            for members in ends.values()
        ]
        limits = pathway.parameters["k_birth"]
        self._limits = (limits.lower, limits.upper)

    def _places(
        self, pathway: Pathway, quantities: Sequence[ModelQuantity], rows: list[Background]
    ) -> tuple[NDArray[Any], ...]:
        """Which quantity goes to which row and column, times which perturbation's factor."""
        own = {(item.line, item.name) for item in quantities}
        found: list[tuple[int, int, int, float]] = []
        for number, item in enumerate(quantities):
            entity = item.name in pathway.entities
            column = self._column[factor_id(item.name) if entity else item.name]
            for row, (line, factors) in enumerate(rows):
                known = pathway.cell_lines[line]
                inherits = known.parent == item.line and (line, item.name) not in own
                if item.line and line != item.line and not inherits:
                    continue
                factor = dict(factors).get(item.name) if entity else None
                if factor is None or item.name not in AMOUNTS:
                    found.append((number, row, column, 1.0 if factor is None else factor))
        columns = np.array(found, dtype=float).reshape(-1, 4).T
        return (*columns[:3].astype(np.intp), columns[3])

    def _doses(self, pathway: Pathway, layout: WellLayout) -> tuple[NDArray[Any], ...]:
        found = [
            (index, self._column[pathway.dose_parameter(agent)], dose)
            for (_, doses), index in layout.wells.items()
            for agent, dose in doses
        ]
        columns = np.array(found, dtype=float).reshape(-1, 3).T
        return (*columns[:2].astype(np.intp), columns[2])

    def read(self, values: Floats) -> WellSignals:
        """Simulate every well under quantities (K, Q)."""
        count, lines = len(values), len(self.lines)
        tables = np.repeat(self._base[None], count, axis=0)
        tables[:, self._where, self._col] = values[:, self._item] * self._factor
        birth, shortfall = division_rates(
            self._engine, tables[:, :lines], self._target, self._column["k_birth"], self._limits
        )
        tables = np.ascontiguousarray(tables[:, lines:])
        tables[:, :, self._column["k_birth"]] = birth[:, self._line_of]
        flat = tables.reshape(-1, tables.shape[-1])
        steady = self._engine.steady_state(flat, fixed=FIXED, stability=False)
        state = steady.state.reshape(count, -1, steady.state.shape[-1])
        growth = self._engine.readout(flat, steady.state)[:, -1].reshape(count, -1)
        signals: dict[int, Floats] = {}
        cells: dict[int, Floats] = {}
        places: dict[int, dict[float, int]] = {}
        for members, times in self._groups:
            rows = tables[:, self.row[members]]
            place = np.full(len(self.row), -1, dtype=np.intp)
            place[members] = np.arange(len(members))
            here = place[self._dosed] >= 0
            rows[:, place[self._dosed[here]], self._agent[here]] = self._dose[here]
            start = state[:, self.row[members]]
            run = self._engine.simulate(
                np.array(times),
                rows.reshape(-1, rows.shape[-1]),
                np.nan_to_num(start.reshape(-1, start.shape[-1])),
                rtol=self._rtol,
                atol=self._atol,
            )
            found = run.whole().values.reshape(count, len(members), len(times), -1)
            found[np.isnan(start[..., 0])] = np.nan
            when = {time: number for number, time in enumerate(times)}
            for number, index in enumerate(members.tolist()):
                signals[index] = found[:, number, :, :-2]
                cells[index] = found[:, number, :, -2]
                places[index] = when
        return WellSignals(signals, cells, growth, shortfall, places, self._readout, self.row)
