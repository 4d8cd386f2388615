"""A PEtab problem as an engine, rows of parameters and measurements."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from screen.arrays import Floats, Indices
from screen.errors import InputError
from screen.kinetics.engine import Engine
from screen.kinetics.errors import UnsupportedModel
from screen.kinetics.gradients import gradient
from screen.kinetics.petab.conditions import Simulation, refuse_changes, settings_of
from screen.kinetics.petab.likelihood import LN10, negative_log_likelihood
from screen.kinetics.petab.model import NOISE, OBSERVABLE
from screen.kinetics.petab.periods import given, in_periods, sets_of
from screen.kinetics.petab.problem_tables import ProblemTables
from screen.kinetics.petab.settings import Setting, names_in, slope_of, value_of
from screen.kinetics.status import Status

if TYPE_CHECKING:
    import pandas as pd

Rule = Callable[[float], float]
POWERS: dict[str, Rule] = {"lin": float, "log": np.exp, "log10": lambda v: 10.0**v}
STEP = 1e-4  # of an estimated parameter on its scale, in central differences


@dataclass(frozen=True)
class PetabProblem:
    """A problem ready to be solved. `names` are the K estimated parameters, `nominal` (K,) their values on their
    `scales`, with bounds `lower` and `upper`; `rtol` and `atol` bound the error of a step.
    """

    tables: ProblemTables
    engine: Engine
    groups: Sequence[Simulation]
    names: tuple[str, ...]
    scales: tuple[str, ...]
    nominal: Floats
    lower: Floats
    upper: Floats
    fixed: Mapping[str, float]
    rtol: float = 1e-8
    atol: float = 1e-12

    # ---- parameters ---------------------------------------------------------------------------------
    def unscaled(self, x: ArrayLike) -> Floats:
        """Values (K,) from those on their scales."""
        found = np.asarray(x, dtype=float)
        if found.shape != (len(self.names),):
            raise InputError(f"expected {len(self.names)} parameters, found an array of shape {found.shape}")
        return np.array([POWERS[scale](value) for scale, value in zip(self.scales, found)])

    @property
    def nominal_values(self) -> dict[str, float]:
        """Every parameter of the parameter table by name, as a value."""
        return self._known(self.unscaled(self.nominal))

    def _slope(self, x: ArrayLike) -> Floats:
        """The derivatives of the values by those on their scales."""
        values, factor = self.unscaled(x), {"log": 1.0, "log10": LN10}
        return np.array([factor[s] * v if s in factor else 1.0 for s, v in zip(self.scales, values)])

    @cached_property
    def _common(self) -> dict[str, Setting]:
        """What every condition sets."""
        return {name: name for name in (*self.names, *self.fixed) if name in self.engine.parameters}

    @cached_property
    def _settings(self) -> tuple[list[dict[str, Setting]], list[dict[str, Setting] | None]]:
        """What each group sets during and before."""
        common, table = self._common, self.tables.conditions
        during = [settings_of(g.during, table, common) | g.placeholders for g in self.groups]
        before = [
            settings_of(g.before, table, common) | g.placeholders if g.before else None for g in self.groups
        ]
        return during, before

    def settings_in(self, conditions: Sequence[str], groups: Indices) -> list[list[dict[str, Setting]]]:
        """What each of some conditions sets in some groups."""
        table = self.tables.conditions
        return [
            [settings_of(name, table, self._common) | self.groups[k].placeholders for k in groups.tolist()]
            for name in conditions
        ]

    def _known(self, values: Floats) -> dict[str, float]:
        return {**self.fixed, **dict(zip(self.names, values.tolist()))}

    def _rows(self, settings: Sequence[Mapping[str, Setting]], values: Floats) -> Floats:
        known = self._known(values)
        rows = np.tile(self.engine.defaults, (len(settings), 1))
        for row, mine in zip(rows, settings):
            for name, value in mine.items():
                row[self.engine.index(name)] = value_of(name, value, known)
        return rows

    # ---- simulation ---------------------------------------------------------------------------------
    def simulate(self, x: ArrayLike) -> "pd.DataFrame":
        """The measurement table with a column `simulation` in place of `measurement`, as PEtab writes it."""
        simulated, _ = self._simulated(self.unscaled(x))
        table = self.tables.own.drop(columns="measurement")
        result: pd.DataFrame = table.assign(simulation=simulated)
        return result

    def _simulated(self, values: Floats) -> tuple[Floats, Floats]:
        """Simulated values and standard deviations (M,) of the measurements; NaN where a simulation failed."""
        during, before = self._settings
        rows = self._rows(during, values)
        found = np.full((len(self.tables.measurements), 2), np.nan)
        start: Floats = self.engine.initial_state(rows)
        good = np.ones(len(rows), dtype=bool)
        first = np.flatnonzero([each is not None for each in before])
        if len(first):
            settled = self._rows([each for each in before if each is not None], values)
            rest = self.engine.steady_state(settled, rtol=self.rtol, atol=self.atol, stability=False)
            good[first] = rest.status <= Status.reference
            start[first] = self._reset(rest.state, start[first], [self.groups[k] for k in first.tolist()])
        for times, members in self._by_times():
            some = members[good[members]]
            if not len(some):
                continue
            out = self._read(np.array(times), some, rows[some], np.ascontiguousarray(start[some]), values)
            for k, block in zip(some.tolist(), out):
                for m in self.groups[k].measurements:
                    found[m] = block[times.index(self._time[m]), self._columns[m]]
        return found[:, 0], found[:, 1]

    def _read(self, times: Floats, groups: Indices, rows: Floats, start: Floats, values: Floats) -> Floats:
        """Readouts (N, T, R) of groups that share their times and periods; at an infinite time those of the steady
        state.
        """
        finite = times[np.isfinite(times)]
        out = np.full((len(rows), len(times), len(self.engine.readouts)), np.nan)
        periods = self.tables.periods.get(self.groups[groups[0]].during)
        if periods is not None:
            settings = self.settings_in([name for _, name in periods], groups)
            tables = [self._rows(each, values) for each in settings]
            sets = sets_of(self.tables.conditions, periods, self.engine.states)
            begins, tolerances = [time for time, _ in periods], (self.rtol, self.atol)
            run, start = in_periods(self.engine, finite, begins, tables, sets, start, tolerances)
            out[:, : len(finite)], rows = run, tables[-1]
        elif len(finite):
            run = self.engine.simulate(finite, rows, start, rtol=self.rtol, atol=self.atol).whole().values
            out[:, : len(finite)] = run
        if len(finite) < len(times):
            rest = self.engine.steady_state(rows, start, rtol=self.rtol, atol=self.atol, stability=False)
            solved = np.flatnonzero(rest.status <= Status.reference)
            out[solved, -1] = self.engine.readout(rows[solved], np.ascontiguousarray(rest.state[solved]), 1e8)
        return out

    def _reset(self, state: Floats, start: Floats, groups: Sequence[Simulation]) -> Floats:
        """Settled states with those species that the condition after it sets again."""
        table = self.tables.conditions
        for row, own, group in zip(state, start, groups):
            for name, value in table.loc[group.during].items():
                if name in self.engine.states and given(value):
                    place = self.engine.states.index(str(name))
                    row[place] = own[place]
        return state

    @cached_property
    def _time(self) -> list[float]:
        return [float(time) for time in self.tables.measurements["time"]]

    @cached_property
    def _columns(self) -> Indices:
        """The readouts (M, 2) of each measurement: observable and noise."""
        names = [str(name) for name in self.tables.measurements["observableId"]]
        where = self.engine.readouts.index
        return np.array([(where(OBSERVABLE + name), where(NOISE + name)) for name in names])

    def _by_times(self) -> Iterator[tuple[tuple[float, ...], Indices]]:
        """Groups that share their times, and their condition where others follow it, to be simulated together."""
        found: dict[tuple[tuple[float, ...], str], list[int]] = {}
        for k, group in enumerate(self.groups):
            times = tuple(sorted({self._time[m] for m in group.measurements}))
            own = group.during if group.during in self.tables.periods else ""
            found.setdefault((times, own), []).append(k)
        for (times, _), members in found.items():
            yield times, np.array(members)

    # ---- objective ----------------------------------------------------------------------------------
    def objective(self, x: ArrayLike) -> float:
        """The negative log-likelihood of all measurements, without priors; infinite where a simulation failed."""
        value, _, _ = self._likelihood(*self._simulated(self.unscaled(x)))
        total = float(np.sum(value))
        return total if np.isfinite(total) else float("inf")

    def _likelihood(self, simulated: Floats, sigma: Floats) -> tuple[Floats, Floats, Floats]:
        table, observables = self.tables.measurements, self.tables.observables
        names = table["observableId"]

        def column(name: str, default: str) -> list[str]:
            if name not in observables.columns:
                return [default] * len(names)
            given = observables[name].reindex(names)
            return [value if isinstance(value, str) else default for value in given]

        scales, noises = column("observableTransformation", "lin"), column("noiseDistribution", "normal")
        return negative_log_likelihood(table["measurement"].to_numpy(float), simulated, sigma, scales, noises)

    def gradient(self, x: ArrayLike) -> Floats:
        """The derivatives (K,) of the objective by the estimated parameters on their scales: by sensitivities, or by
        central differences where a settled start is changed, or given by other parameters, before the simulation.
        """
        values = self.unscaled(x)
        _, *by_readouts = self._likelihood(*self._simulated(values))
        try:
            return self._gradient(values, np.stack(by_readouts, axis=1)) * self._slope(x)
        except (InputError, UnsupportedModel):
            return self._differences(np.asarray(x, dtype=float))

    def _differences(self, x: Floats) -> Floats:
        found = np.zeros(len(x))
        for k in range(len(x)):
            step = np.zeros(len(x))
            step[k] = STEP * max(abs(x[k]), 1.0)
            found[k] = (self.objective(x + step) - self.objective(x - step)) / (2 * step[k])
        return found

    def _gradient(self, values: Floats, by_readouts: Floats) -> Floats:
        """The derivatives (K,) by the values of the estimated parameters, from those by simulated values and deviations
        (M, 2).
        """
        during, before = self._settings
        if any(group.during in self.tables.periods for group in self.groups):
            raise InputError("a condition that others follow")
        refuse_changes(self.groups, during, before, self.names, self.engine.states)
        chosen, known = set(self.names), self._known(values)
        columns = sorted(
            {name for mine in during for name, value in mine.items() if names_in(value) & chosen}
        )
        result = np.zeros(len(self.names))
        if not columns:
            return result
        rows = self._rows(during, values)
        first = [each for each in before if each is not None]
        settled = np.array([each is not None for each in before])
        earlier = rows.copy()
        if first:
            earlier[settled] = self._rows(first, values)
        share = np.array(
            [[[slope_of(mine.get(c), n, known) for n in self.names] for c in columns] for mine in during]
        )
        for times, members in self._by_times():
            finite = [time for time in times if np.isfinite(time)]
            for rest in (False, True):
                some = members[settled[members] == rest]
                for part in (finite, [np.inf] * (len(finite) < len(times))):
                    if not len(some) or not part:
                        continue
                    if rest and part != finite:
                        raise InputError("a steady state that begins at another one")
                    start = earlier[some] if rest else (None if part == finite else rows[some])
                    weights = self._weights(some, part, by_readouts)
                    result += np.einsum(
                        "nc,nck->k", self._weighted(columns, part, rows[some], weights, start), share[some]
                    )
        return result

    def _weighted(
        self, columns: list[str], times: list[float], rows: Floats, weights: Floats, settled: Floats | None
    ) -> Floats:
        """The derivatives (N, C) of weighted readouts; an infinite time is the begin of what is settled."""
        when = [time if np.isfinite(time) else 0.0 for time in times]
        found = gradient(
            self.engine.model,
            self.engine.readouts,
            columns,
            when,
            rows,
            weights,
            self.rtol,
            self.atol,
            settled,
        )
        return found.slopes

    def _weights(self, groups: Indices, times: list[float], by_readouts: Floats) -> Floats:
        """What each readout (N, T, R) counts in the objective."""
        result = np.zeros((len(groups), len(times), len(self.engine.readouts)))
        for row, k in enumerate(groups.tolist()):
            for m in self.groups[k].measurements:
                if self._time[m] in times:
                    result[row, times.index(self._time[m]), self._columns[m]] += by_readouts[m]
        return result
