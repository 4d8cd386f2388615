"""Wells of any lines, drugs, knock-downs and readouts, laid out once and simulated for many members at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.subjects import SubjectLine
from screen.analysis.methods.batches import in_batches
from screen.arrays import Floats, Indices
from screen.pathway import Assay
from screen.pathway.assay import FIXED
from screen.pathway.dosing.dosing import dose_column
from screen.pathway.growth import viability

RTOL, ATOL = 1e-4, 1e-7
BATCH = 16
"""Members that are simulated in one call."""
VIABILITY = "viability"


@dataclass(frozen=True)
class LearnWell:
    """A well: a line under `doses` (drug, nM; none of 0 nM) read at `time_h`, as viability or as an observable, which
    is compared as the natural logarithm of its ratio to the vehicle's.
    """

    line: str
    doses: tuple[tuple[str, float], ...]
    time_h: float
    readout: str = VIABILITY

    @property
    def drugs(self) -> frozenset[str]:
        """The drugs in it."""
        return frozenset(drug for drug, _ in self.doses)


def well(line: str, doses: Mapping[str, float], time_h: float, readout: str = VIABILITY) -> LearnWell:
    """A well from doses by drug, nM, in any order, zeros among them."""
    given = tuple(sorted((drug, float(dose)) for drug, dose in doses.items() if dose > 0))
    return LearnWell(line, given, time_h, readout)


class Simulator:
    """The wells (N,) as functions of members' scores. Vehicle wells are simulated beside them."""

    def __init__(self, assay: Assay, prior: LearnPrior, wells: Sequence[LearnWell]) -> None:
        self._assay, self._prior, self.wells = assay, prior, tuple(wells)
        engine, pathway = assay.engine, assay.pathway
        column = {name: index for index, name in enumerate(engine.parameters)}
        names = list(dict.fromkeys(one.line for one in wells))
        self._subjects: list[SubjectLine] = [prior.subjects[name] for name in names]
        self._base = assay.parameters(
            [one.line for one in self._subjects], [dict(one.perturbation) for one in self._subjects]
        )
        self._places = prior.places(self._subjects, pathway, column)
        self._row = {name: index for index, name in enumerate(names)}
        self._groups = [self._group(time) for time in sorted({one.time_h for one in wells})]

    def _group(self, time_h: float) -> "_Together":
        members = np.array([k for k, one in enumerate(self.wells) if one.time_h == time_h], dtype=np.intp)
        unique: dict[tuple[str, tuple[tuple[str, float], ...]], int] = {}
        asked = [self.wells[k] for k in members]
        at = [unique.setdefault((one.line, one.doses), len(unique)) for one in asked]
        vehicle = [unique.setdefault((one.line, ()), len(unique)) for one in asked]
        pathway, engine = self._assay.pathway, self._assay.engine
        given = [
            (number, dose_column(engine, pathway.dose_parameter(drug)), dose)
            for (_, doses), number in unique.items()
            for drug, dose in doses
        ]
        table = np.array(given, dtype=float).reshape(-1, 3).T
        readout = {name: index for index, name in enumerate(self._assay.readouts)}
        return _Together(
            time_h=time_h,
            members=members,
            line=np.array([self._row[line] for line, _ in unique], dtype=np.intp),
            dosed=table[0].astype(np.intp),
            column=table[1].astype(np.intp),
            dose=table[2],
            at=np.array(at, dtype=np.intp),
            vehicle=np.array(vehicle, dtype=np.intp),
            readout=np.array([readout.get(one.readout, -1) for one in asked], dtype=np.intp),
        )

    @property
    def simulations(self) -> int:
        """Wells that one member costs, vehicle wells among them."""
        return sum(len(group.line) for group in self._groups)

    def predict(
        self, scores: Floats, jobs: int = 1, progress: Callable[[int, int], None] | None = None
    ) -> Floats:
        """Viability, or ln of the ratio to the vehicle, of each well (K, N) at scores (K, D); NaN where a simulation
        failed. The same bits for any `jobs`; `progress` hears of members done and in all.
        """
        return in_batches(self._predict, scores, BATCH, jobs, progress)

    def _predict(self, scores: Floats) -> Floats:
        engine, count, lines = self._assay.engine, len(scores), len(self._subjects)
        tables = np.repeat(self._base[None], count, axis=0)
        item, row, column, factor = self._places
        tables[:, row, column] = self._prior.natural(scores)[:, item] * factor
        flat = tables.reshape(-1, tables.shape[-1])
        steady = engine.steady_state(flat, fixed=FIXED, stability=False)
        state = steady.state.reshape(count, lines, -1)
        found = np.full((count, len(self.wells)), np.nan)
        for group in self._groups:
            rows = tables[:, group.line]
            rows[:, group.dosed, group.column] = group.dose
            start = state[:, group.line]
            run = engine.simulate(
                np.array([group.time_h]),
                rows.reshape(-1, rows.shape[-1]),
                np.nan_to_num(start.reshape(-1, start.shape[-1])),
                rtol=RTOL,
                atol=ATOL,
            )
            values = run.whole().values[:, 0].reshape(count, len(group.line), -1)
            values[np.isnan(start[..., 0])] = np.nan
            found[:, group.members] = group.read(values)
        return found


@dataclass(frozen=True)
class _Together:
    """Wells read at one time: `members` of all wells, and the unique (line, doses) that they are simulated as."""

    time_h: float
    members: Indices
    line: Indices
    dosed: Indices
    column: Indices
    dose: Floats
    at: Indices
    vehicle: Indices
    readout: Indices

    def read(self, values: Floats) -> Floats:
        """The group's wells (K, n) from all that the engine reports (K, unique, readouts)."""
        cells = values[:, :, -2]
        found = np.asarray(viability(cells[:, self.at], cells[:, self.vehicle]))
        for k in np.flatnonzero(self.readout >= 0):
            signal = values[:, :, self.readout[k]]
            with np.errstate(divide="ignore", invalid="ignore"):
                found[:, k] = np.log(signal[:, self.at[k]] / signal[:, self.vehicle[k]])
        return np.where(np.isfinite(found), found, np.nan)
