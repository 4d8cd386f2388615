"""The virtual assay: cell lines brought to their untreated state, then dosed and followed in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError
from screen.pathway.cell_lines import CellLine
from screen.pathway.draws import Draw
from screen.pathway.names import AMOUNTS, RESPONSES, factor_id
from screen.pathway.pathway import Pathway

if TYPE_CHECKING:
    from screen.kinetics import Engine

Floats = NDArray[np.float64]
HELD = ("log_cells",)


@dataclass(frozen=True)
class Untreated:
    """Lines at their untreated steady state, one row a line (L lines, P parameters, S states, R readouts)."""

    parameters: Floats  # (L, P)
    state: Floats  # (L, S)
    readouts: Floats  # (L, R)
    growth_rate: Floats  # (L,) per hour
    status: NDArray[np.int8]  # (L,) kinetics.Status


@dataclass(frozen=True)
class Wells:
    """Dosed wells (N wells, T times, R readouts)."""

    values: Floats  # (N, T, R)
    log_cells: Floats  # (N, T) natural logarithm of cell number relative to dosing
    status: NDArray[np.int8]  # (N,)
    steps: NDArray[np.int32]  # (N,)


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
        """Compile the pathway's model for these observables (not viability, gr_value or growth_rate)."""
        from screen.kinetics import compile_engine, load_model

        names = tuple(pathway.observable(name) for name in readouts)
        for name in names:
            if name in RESPONSES:
                raise InputError(f"{name} is computed from cell numbers, not a readout of the model")
        engine = compile_engine(load_model(pathway.source), (*names, "log_cells", "growth"))
        return cls(pathway, engine, names, rtol, atol)

    def parameters(
        self,
        lines: Sequence[CellLine],
        perturbations: Sequence[Mapping[str, float]] | None = None,
        draw: Draw | None = None,
    ) -> Floats:
        """Model parameters (L, P) of lines under perturbations (factors on entities; amounts for mutants)."""
        draw = draw or Draw()
        column = {name: index for index, name in enumerate(self.engine.parameters)}
        rows = np.tile(np.asarray(self.engine.defaults, dtype=np.float64), (len(lines), 1))
        for name, value in draw.values.items():
            rows[:, column[name]] = value
        for row, line in zip(rows, lines):
            parent = self.pathway.cell_lines.get(line.parent or "")
            for name, value in draw.line_values(line, parent).items():
                row[column[factor_id(name) if name in self.pathway.entities else name]] = value
        for row, factors in zip(rows, perturbations or ()):
            for name, value in factors.items():
                entity = self.pathway.entity(name)
                where = column[factor_id(entity)]
                row[where] = value if entity in AMOUNTS else row[where] * value
        return rows

    def untreated(
        self,
        lines: Sequence[CellLine],
        perturbations: Sequence[Mapping[str, float]] | None = None,
        draw: Draw | None = None,
    ) -> Untreated:
        """Bring each line, from its own start, to its untreated steady state; one row per line.

        `perturbations`, one mapping per line, act from long before time 0; `draw` is another parameter set.
        """
        if perturbations is not None and len(perturbations) != len(lines):
            raise InputError(
                f"{len(perturbations)} perturbations for {len(lines)} lines, expected one per line"
            )
        parameters = self.parameters(lines, perturbations, draw)
        steady = self.engine.steady_state(parameters, held=HELD)
        readouts = self.engine.readout(parameters, steady.state)
        return Untreated(parameters, steady.state, readouts[:, :-2], readouts[:, -1], steady.status)

    def dose(
        self,
        untreated: Untreated,
        line: NDArray[np.intp],
        doses: Mapping[str, NDArray[np.float64]],
        times: NDArray[np.float64],
        solver: Literal["batch", "scipy"] = "batch",
        rtol: float | None = None,
        atol: float | None = None,
    ) -> Wells:
        """Dose wells at time 0 and follow them.

        line (N,) is each well's row of `untreated`; doses maps a drug or ligand to its concentration (N,) in
        nM; times (T,) in hours, ascending. `solver="scipy"` is the slow reference solver; `rtol` and `atol`
        replace the assay's own.
        """
        column = {name: index for index, name in enumerate(self.engine.parameters)}
        parameters = untreated.parameters[line]
        for name, concentration in doses.items():
            values = np.asarray(concentration, dtype=np.float64)
            if not np.all(np.isfinite(values) & (values >= 0)):
                raise InputError(f"doses of {name}: expected finite concentrations of 0 nM or more")
            parameters[:, column[self.pathway.dose_parameter(name)]] = values
        run = self.engine.simulate(
            np.asarray(times, dtype=np.float64),
            parameters,
            start=untreated.state[line],
            rtol=self.rtol if rtol is None else rtol,
            atol=self.atol if atol is None else atol,
            solver=solver,
        )
        return Wells(run.values[:, :, :-2], run.values[:, :, -2], run.status, run.steps)
