"""The virtual assay: cell lines brought to their untreated state, then dosed and simulated in time. A line
that is a population of clones is simulated clone by clone and added up here, so that nobody else need know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics import Model, compile_engine
from screen.pathway.dosing.dosing import SolverOptions, dose_column, simulated
from screen.pathway.dosing.exposure import CONSTANT, Dosing
from screen.pathway.dosing.protocol import begin_dosing, logarithms, refuse_schedules
from screen.pathway.names import RESPONSES
from screen.pathway.panels.mixtures import Members, Shares, grown, mean, members, wells_of
from screen.pathway.pathway import Pathway
from screen.pathway.tables.cell_lines import CellLine, tabulate
from screen.pathway.tables.ensemble import Draw
from screen.pathway.tables.line_table import values_of

if TYPE_CHECKING:
    from screen.kinetics import Engine

FIXED = ("log_cells",)


@dataclass(frozen=True)
class Untreated:
    """Lines at their untreated steady state (L lines of K clones, P parameters, S states, R readouts).
    Without `clones` each line is one, K = L.
    """

    parameters: Floats  # (K, P)
    state: Floats  # (K, S)
    readouts: Floats  # (L, R)
    growth_rate: Floats  # (L,) per hour
    status: NDArray[np.int8]  # (L,) kinetics.Status
    clones: Members | None = None


@dataclass(frozen=True)
class Wells:
    """Dosed wells (N wells, T times, R readouts)."""

    values: Floats  # (N, T, R)
    log_cells: Floats  # (N, T) natural logarithm of cell number relative to dosing
    status: NDArray[np.int8]  # (N,)
    steps: NDArray[np.int32]  # (N,)
    shares: Shares | None = None

    def share(self, clone: str) -> Floats:
        """The fraction (N, T) of each well's cells that are of a clone: 0 in lines that do not have it."""
        if self.shares is None:
            return np.zeros_like(self.log_cells)
        return self.shares.of(clone)


@dataclass(frozen=True)
class Assay:
    """The compiled model with the readouts that it reports. Build it with `Assay.compile`."""

    pathway: Pathway
    engine: "Engine"
    readouts: tuple[str, ...]
    rtol: float
    atol: float

    @classmethod
    def compile(
        cls, pathway: Pathway, readouts: Sequence[str], rtol: float = 1e-6, atol: float = 1e-9
    ) -> "Assay":
        """Compile the pathway's model for these observables (not viability, gr_value or growth_rate) or
        totals of entities.
        """
        totals = pathway.totals.values() if any("_total" in name for name in readouts) else ()
        names = tuple(name if name in totals else pathway.observable(name) for name in readouts)
        for name in names:
            if name in RESPONSES:
                raise InputError(f"{name} is computed from cell numbers, not a readout of the model")
        counted, growth = pathway.protocol.counted, pathway.protocol.growth or pathway.protocol.counted
        symbols = map(pathway.symbol, names)
        engine = compile_engine(Model(pathway.source), (*symbols, counted, growth))
        return cls(pathway, engine, names, rtol, atol)

    def at(self, rtol: float, atol: float) -> "Assay":
        """The same at other tolerances."""
        return replace(self, rtol=rtol, atol=atol)

    @cached_property
    def _column(self) -> dict[str, int]:
        """Where each parameter stands."""
        return {name: index for index, name in enumerate(self.engine.parameters)}

    @property
    def sbml(self) -> str:
        """The model in SBML, as it was compiled."""
        return self.engine.model.sbml

    def parameters(
        self,
        lines: Sequence[CellLine],
        perturbations: Sequence[Mapping[str, float]] | None = None,
        draw: Draw | None = None,
    ) -> Floats:
        """Model parameters (K, P) of the clones of lines under perturbations (factors on entities; amounts
        for mutants), before dosing.
        """
        _, cells, changes = members(lines, perturbations)
        draw = draw or Draw()
        rows = np.tile(np.asarray(self.engine.defaults, dtype=np.float64), (len(cells), 1))
        if self.pathway.protocol.switch is not None:
            rows[:, self._column[self.pathway.protocol.switch]] = 0.0
        for name in draw.values:
            if name not in self._column:
                raise InputError(f"a draw gives a value to '{name}', which is no parameter of the model")
        rows[:, [self._column[name] for name in draw.values]] = list(draw.values.values())
        if draw.moves(cells):
            parents = (self.pathway.cell_lines.get(line.parent or "") for line in cells)
            names, values = tabulate([draw.line_values(line, parent) for line, parent in zip(cells, parents)])
        else:
            names, values = values_of(cells)
        columns = np.array([self._column[self.pathway.column(name)] for name in names], np.intp)
        which, cell = np.nonzero(~np.isnan(values.T))  # by name: the last one of a column counts
        rows[cell, columns[which]] = values[cell, which]
        for row, factors in zip(rows, changes):
            for name, value in (item for some in factors for item in some.items()):
                entity = self.pathway.entity(name)
                where = self._column[self.pathway.column(entity)]
                row[where] = value if entity in self.pathway.amounts else row[where] * value
        return rows

    def untreated(
        self,
        lines: Sequence[CellLine],
        perturbations: Sequence[Mapping[str, float]] | None = None,
        draw: Draw | None = None,
    ) -> Untreated:
        """Bring each line, from its own start, to its untreated steady state (a model that is not screened
        from one: to its start); one row per line.

        `perturbations`, one mapping per line, act from long before time 0; `draw` is another parameter set.
        """
        return self.untreated_under(lines, perturbations, [draw])[0]

    def untreated_under(
        self,
        lines: Sequence[CellLine],
        perturbations: Sequence[Mapping[str, float]] | None,
        draws: Sequence[Draw | None],
    ) -> list[Untreated]:
        """`untreated` under each of some parameter sets, all of them brought to rest together."""
        if perturbations is not None and len(perturbations) != len(lines):
            raise InputError(
                f"{len(perturbations)} perturbations for {len(lines)} lines, expected one per line"
            )
        parts = [self.parameters(lines, perturbations, draw) for draw in draws]
        parameters, each = np.concatenate(parts), len(parts[0])
        if self.pathway.protocol.steady:
            fixed = tuple(name for name in FIXED if name in self.engine.states)
            found = self.engine.steady_state(parameters, fixed=fixed, stability=False)
            state, status = found.state, found.status
        else:
            state, status = self.engine.initial_state(parameters), np.zeros(len(parameters), dtype=np.int8)
        of_draws = (slice(first, first + each) for first in range(0, len(parameters), each))
        return [
            self.settled(lines, part, state[rows], status[rows])
            for part, rows in zip(parts, of_draws, strict=True)
        ]

    def settled(
        self, lines: Sequence[CellLine], parameters: Floats, state: Floats, status: NDArray[np.int8]
    ) -> Untreated:
        """Lines whose clones have these parameters (K, P) and untreated states (K, S)."""
        readouts = self.engine.readout(parameters, state)
        if self.pathway.protocol.growth is None:
            readouts[:, -1] = np.nan
        clones = members(lines, None)[0]
        if not clones.mixed:
            return Untreated(parameters, state, readouts[:, :-2], readouts[:, -1], status, clones)
        readouts = mean(clones.fraction[:, None], readouts, clones.first)
        worst = np.maximum.reduceat(status, clones.first)
        return Untreated(parameters, state, readouts[:, :-2], readouts[:, -1], worst, clones)

    def dose(
        self,
        untreated: Untreated,
        line: NDArray[np.intp],
        doses: Mapping[str, NDArray[np.float64]],
        times: NDArray[np.float64],
        solver: Literal["batch", "scipy"] = "batch",
        rtol: float | None = None,
        atol: float | None = None,
        dosing: Dosing | None = None,
    ) -> Wells:
        """Dose wells at time 0 and simulate them.

        line (N,) is each well's row of `untreated`; doses maps a drug or ligand to its concentration (N,) in
        nM; times (T,) in hours, ascending. `solver="scipy"` is the slow reference solver; `rtol` and `atol`
        replace the assay's own. `dosing` says which drugs are not simply there from time 0 on; one whose
        concentration is curved needs a model that drives it (`screen.kinetics.sbml.forcing`).
        """
        row, begin = line, np.arange(len(line))
        clones = untreated.clones
        mixed = clones is not None and clones.mixed
        if clones is not None and mixed:
            row, begin = wells_of(clones, line)
            many = np.diff(np.append(begin, len(row)))
            doses = {name: np.repeat(dose, many) for name, dose in doses.items()}
            if dosing is not None:
                which = {name: np.repeat(rows, many) for name, rows in dosing.which.items()}
                dosing = Dosing(dosing.table, which)
        parameters = untreated.parameters[row]
        for name, concentration in doses.items():
            values = np.asarray(concentration, dtype=np.float64)
            if not np.all(np.isfinite(values) & (values >= 0)):
                raise InputError(f"doses of {name}: expected finite concentrations of 0 nM or more")
            parameters[:, dose_column(self.engine, self.pathway.dose_parameter(name))] = values
        options = SolverOptions(
            solver,
            self.rtol if rtol is None else rtol,
            self.atol if atol is None else atol,
            self.pathway.protocol.per_hour,
        )
        if dosing is not None and self.pathway.protocol.added_at_dosing:
            refuse_schedules(self.pathway.protocol, self.pathway.drugs, self.engine, dosing)
        start = begin_dosing(
            self.pathway.protocol, self.pathway.drugs, self.engine, parameters, untreated.state[row]
        )
        run = simulated(
            self.engine,
            np.asarray(times, dtype=np.float64),
            parameters,
            start,
            dosing or Dosing((CONSTANT,)),
            {name: self.pathway.dose_parameter(name) for name in doses},
            options,
        )
        values, log_cells = run.values[:, :, :-2], run.values[:, :, -2]
        if not self.pathway.protocol.logarithmic:
            log_cells, status = logarithms(log_cells, run.status, doses)
            run = replace(run, status=status)
        if clones is None:
            return Wells(values, log_cells, run.status, run.steps)
        names = np.array(clones.names, dtype=object)[row]
        if not mixed:
            share = np.ones_like(log_cells)
            return Wells(values, log_cells, run.status, run.steps, Shares(names, begin, share))
        whole, share = grown(clones.fraction[row], log_cells, begin)
        if not self.pathway.protocol.logarithmic:  # what is counted are no cells, whose shares stay
            share = np.broadcast_to(clones.fraction[row][:, None], share.shape)
        return Wells(
            mean(share[:, :, None], values, begin),
            whole,
            np.maximum.reduceat(run.status, begin),
            np.add.reduceat(run.steps, begin).astype(np.int32),
            Shares(names, begin, share),
        )
