"""From what sums of readings count back to the quantities that a calibration moves: through dosed wells by the adjoint
of their trajectories, through the state at rest and the division rate by the implicit function.

The wells are simulated without drugs, under the pressure on each target (`Pathway.source_under_pressure`): a potency
is felt through that alone, and one number a target stands for those of some hundred drugs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from screen.analysis.calibration.well_layout import SimulatedWells, UntreatedCells, WellSignals
from screen.arrays import Floats, Indices
from screen.kinetics.backwards import sum_slopes
from screen.kinetics.engine import Engine, kept_engine
from screen.kinetics.model import Model
from screen.kinetics.solvers.slopes.settled_back import settled_back
from screen.pathway import Assay
from screen.pathway.assay import FIXED
from screen.pathway.tables.assemble import pressures
from screen.pathway.tables.drugs import potency_id


@dataclass(frozen=True, eq=False)
class Pressing:
    """Which given dose (an entry of the wells' `doses`) presses on a target, `column` of the model under pressure, with
    the potency in `potency` of the tables, to the power `hill`.
    """

    entry: Indices
    column: Indices
    potency: Indices
    hill: Floats

    def part(self, given: Indices) -> tuple["Pressing", Indices]:
        """Of the chosen entries of doses (n,), and each one's place among them."""
        place = np.full(1 + max(self.entry.max(initial=-1), given.max(initial=-1)), -1, dtype=np.intp)
        place[given] = np.arange(len(given))
        here = place[self.entry] >= 0
        chosen = Pressing(self.entry[here], self.column[here], self.potency[here], self.hill[here])
        return chosen, place[chosen.entry]


@dataclass(frozen=True, eq=False)
class ReadingWeights:
    """Of log cell numbers (K, N), signals (K, N, readouts) and untreated growth (K, B), as in `WellSignals`."""

    cells: Floats
    signals: Floats
    growth: Floats

    @classmethod
    def nought(cls, reading: WellSignals) -> "ReadingWeights":
        """Nothing counts yet."""
        return cls(*(np.zeros(one.shape) for one in (reading.cells, reading.signals, reading.growth)))

    def add_cells(self, reads: Indices, weights: Floats) -> None:
        """Adds weights (K, ...) of log cell numbers at readings (...); what is not finite counts for nothing."""
        flat = np.where(np.isfinite(weights), weights, 0.0).reshape(len(weights), -1)
        for mine, one in zip(self.cells, flat, strict=True):
            mine += np.bincount(reads.ravel(), one, minlength=len(mine))

    def part(self, readings: slice) -> Floats:
        """Of some readings (n), by readout of the engine (K, n, readouts + 2)."""
        cells = self.cells[:, readings, None]
        return np.concatenate([self.signals[:, readings], cells, np.zeros_like(cells)], axis=2)


class WellsBack:
    """Wells with the model under pressure, compiled with its adjoint."""

    def __init__(self, assay: Assay, wells: SimulatedWells) -> None:
        pathway = assay.pathway
        self.wells = wells
        targets = pressures(pathway.network)
        moved = {assay.engine.parameters[column] for column in {*wells.places.column.tolist(), wells.birth}}
        model = Model(pathway.source_under_pressure)
        self.plain: Engine = kept_engine(model, assay.engine.readouts)
        place = {name: number for number, name in enumerate(self.plain.parameters)}
        self.names = tuple(name for name in self.plain.parameters if name in moved or name in targets)
        self.adjoint: Engine = kept_engine(model, assay.engine.readouts, self.names, adjoint=True)
        if self.adjoint.states != assay.engine.states:
            raise AssertionError("the model under pressure has other states")
        shared = [name for name in assay.engine.parameters if name in place]
        self.here = np.array([place[name] for name in shared], dtype=np.intp)
        self.there = np.array([wells.column[name] for name in shared], dtype=np.intp)
        known = [
            (number, wells.column[name]) for number, name in enumerate(self.names) if name in wells.column
        ]
        self.known, self.known_column = np.array(known, dtype=np.intp).reshape(-1, 2).T
        self.pressing = self._pressing(assay, place)
        # drugs are no parameters of this model, ligands are
        agents = [assay.engine.parameters[column] for column in wells.doses.agent.tolist()]
        self.ligand = np.array([place.get(agent, -1) for agent in agents], dtype=np.intp)
        self.name_of = np.full(len(self.plain.parameters), -1, dtype=np.intp)
        self.name_of[[place[name] for name in self.names]] = np.arange(len(self.names))

    def _pressing(self, assay: Assay, place: Mapping[str, int]) -> Pressing:
        column = self.wells.column
        drugs = {column[drug.parameter]: drug for drug in assay.pathway.drugs.values()}
        found = [
            (entry, place[f"u_{target}"], column[potency_id(drugs[agent], target)], drugs[agent].hill)
            for entry, agent in enumerate(self.wells.doses.agent.tolist())
            if agent in drugs
            for target in drugs[agent].potency_nM
        ]
        columns = np.array(found, dtype=float).reshape(-1, 4).T
        entry, target, potency = columns[:3].astype(np.intp)
        return Pressing(entry, target, potency, columns[3])

    def pulled(self, untreated: UntreatedCells, weights: ReadingWeights) -> Floats:
        """The derivatives (K, Q) of weighted sums of readings by quantities. Wells that failed count for nothing."""
        wells, tables = self.wells, untreated.tables
        by_table = np.zeros_like(tables)
        at_rest = np.zeros_like(untreated.state)
        first = 0
        for members, times in wells.groups:
            last = first + len(members) * len(times)
            self._dosed(untreated, members, times, weights.part(slice(first, last)), by_table, at_rest)
            first = last
        lines = np.zeros_like(untreated.of_lines)
        by_table += self._settled(tables, untreated.state, at_rest, weights.growth)
        self._divided(untreated, by_table, lines)
        whole = np.concatenate([lines, by_table], axis=1)
        mine = whole[:, wells.places.row, wells.places.column] * wells.places.factor
        return np.stack([np.bincount(wells.places.item, one, minlength=wells.quantities) for one in mine])

    def _dosed(
        self,
        untreated: UntreatedCells,
        members: Indices,
        times: Sequence[float],
        weights: Floats,
        by_table: Floats,
        at_rest: Floats,
    ) -> None:
        """Adds what dosed wells of one group count, by `weights` (K, members * times, readouts), by their background's
        table and state at rest. Wells that no weight asks about are not simulated.
        """
        wells, tables = self.wells, untreated.tables
        parts = weights.reshape(len(tables), len(members), len(times), -1)
        asked = parts.any(axis=(0, 2, 3))
        members, parts = members[asked], np.ascontiguousarray(parts[:, asked])
        if not len(members):
            return
        count, row = len(tables), wells.row[members]
        here, place = wells.doses.among(members, len(wells.row))
        given = np.flatnonzero(here)
        pressing, at = self.pressing.part(given)
        well = place[at]
        rows = self._rows(tables)[:, row]
        ligand = self.ligand[given]
        rows[:, place[ligand >= 0], ligand[ligand >= 0]] = wells.doses.dose_nM[given][ligand >= 0]
        potency = tables[:, row[well], pressing.potency]
        pressure = (wells.doses.dose_nM[pressing.entry] / potency) ** pressing.hill
        for chain in range(count):
            np.add.at(rows[chain], (well, pressing.column), pressure[chain])
        flat = rows.reshape(count * len(members), -1)
        when = [*times, *([0.5] if times[-1] == 0 else [])]  # a trajectory needs a length
        weight = np.zeros((len(flat), len(when), 1, len(self.plain.readouts)))
        weight[:, : len(times), 0] = parts.reshape(len(flat), len(times), -1)
        start = np.nan_to_num(untreated.state[:, row]).reshape(len(flat), -1)
        problem = self.plain.problem(when, flat, np.ascontiguousarray(start), wells.rtol, wells.atol)
        found = sum_slopes(self.plain, self.names, problem, None, (), (1, lambda _, some: [weight[some]]))
        slopes = np.nan_to_num(found.slopes[:, 0]).reshape(count, len(members), -1)
        at_start = np.nan_to_num(found.at_start[:, 0]).reshape(count, len(members), -1)
        shape = (tables.shape[1], len(row))
        of_background = sparse.csr_array((np.ones(len(row)), (row, np.arange(len(row)))), shape=shape)
        for chain in range(count):
            by_table[chain][:, self.known_column] += (of_background @ slopes[chain])[:, self.known]
            at_rest[chain] += of_background @ at_start[chain]
            felt = slopes[chain][well, self.name_of[pressing.column]]
            turn = -pressing.hill * pressure[chain] / potency[chain]
            np.add.at(by_table[chain], (row[well], pressing.potency), felt * turn)

    def _rows(self, tables: Floats) -> Floats:
        """Parameters of the model under pressure (K, B, P'), where no drug is given."""
        rows = np.zeros((*tables.shape[:2], len(self.plain.parameters)))
        rows[:, :, self.here] = tables[:, :, self.there]
        return rows

    def _settled(self, tables: Floats, state: Floats, counts: Floats, growth: Floats) -> Floats:
        """What states at rest (K, B, S) and growth there (K, B) count, by tables' columns (K, B, P)."""
        found = settled_back(
            self.adjoint,
            self._rows(tables).reshape(-1, len(self.plain.parameters)),
            np.ascontiguousarray(state.reshape(-1, state.shape[-1])),
            counts.reshape(-1, counts.shape[-1]),
            FIXED,
            growth.reshape(-1, 1),
        )
        by_table = np.zeros_like(tables)
        by_table[:, :, self.known_column] = np.nan_to_num(found).reshape(*tables.shape[:2], -1)[
            :, :, self.known
        ]
        return by_table

    def _divided(self, untreated: UntreatedCells, by_table: Floats, lines: Floats) -> None:
        """Moves what division rates count on to what else decides how fast an untreated line grows."""
        wells, of_lines = self.wells, untreated.of_lines
        count, number = of_lines.shape[:2]
        counted = np.zeros((count, number))
        for mine, of_birth in zip(counted, by_table[:, :, wells.birth], strict=True):
            mine += np.bincount(wells.line_of, of_birth, minlength=number)
        by_table[:, :, wells.birth] = 0.0
        flat = of_lines.reshape(-1, of_lines.shape[-1])
        state = wells.engine.steady_state(flat, fixed=FIXED, stability=False).state.reshape(count, number, -1)
        turn = self._settled(of_lines, state, np.zeros_like(state), np.ones((count, number)))
        rate = of_lines[:, :, wells.birth]
        low, high = wells.limits
        free = (wells.target > 0) & (rate > low) & (rate < high) & (turn[:, :, wells.birth] != 0)
        share = np.divide(-counted, turn[:, :, wells.birth], out=np.zeros_like(counted), where=free)
        lines += share[:, :, None] * turn
        lines[:, :, wells.birth] = 0.0
