"""How far a parameter set is from the evidence: every statement's violation, in the units of its tolerance.

The wells of all statements are laid out once and simulated in batches per parameter set: untreated lines,
then dosed wells. Sweeps are judged at the doses that decide them (the ends of the interval for
half-concentrations, the top dose for maxima) and grids at every second dose, at a fraction of a check's cost.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from screen.analysis.evidence_statistics import standard_doses
from screen.analysis.evidence_table import COMPARED, CURVE, Condition, Statement
from screen.pathway import Assay
from screen.pathway.draws import Draw
from screen.pathway.growth import gr_value

Floats = NDArray[np.float64]
Read = Callable[[int, float, str], float]
WORST = 6.0
SETTLE_ROUNDS = 5
SETTLE_POWER = 0.7
SETTLE_REACH = 4.0


@dataclass(frozen=True)
class Energy:
    """Violation (rows,) of each statement in units of its tolerance (0: it holds) and their robust sum."""

    total: float
    violations: Floats


@dataclass(frozen=True)
class Judge:
    """One statement's value as a function of the wells, its interval and its tolerance."""

    value: Callable[[Read], float]
    lower: float
    upper: float
    tolerance: float


class Objective:
    """The evidence as a function of a parameter set. `weights` multiply the statements of a kind."""

    def __init__(
        self,
        assay: Assay,
        statements: Sequence[Statement],
        weights: Mapping[str, float] | None = None,
        rtol: float = 1e-4,
    ) -> None:
        self._assay = replace(assay, rtol=rtol, atol=1e-7)
        self._backgrounds: dict[tuple[str, tuple[tuple[str, float], ...]], int] = {}
        self._wells: dict[tuple[int, tuple[tuple[str, float], ...]], int] = {}
        self._times: dict[int, set[float]] = {}
        self.statements = tuple(statements)
        self._judges = [self._lay_out(statement) for statement in statements]
        table = weights or {}
        self._weights = np.array([table.get(statement.kind, 1.0) for statement in statements])

    def settle(self, draw: Draw, rounds: int = SETTLE_ROUNDS) -> Draw:
        """The draw with each division rate set so that the untreated line has its doubling time."""
        pathway = self._assay.pathway
        lines = [line for line in pathway.cell_lines.values() if line.doubling_h]
        target = np.array([math.log(2) / line.doubling_h for line in lines if line.doubling_h])
        default = pathway.parameters["k_birth"].value
        table = [line.values.get("k_birth", default) for line in lines]
        rates = np.array([draw.lines.get(line.name, {}).get("k_birth", k) for line, k in zip(lines, table)])
        power = SETTLE_POWER
        for _ in range(rounds):
            own = {
                line.name: {**draw.lines.get(line.name, {}), "k_birth": float(rate)}
                for line, rate in zip(lines, rates)
            }
            draw = Draw(draw.values, own)
            growth = self._assay.untreated(lines, None, draw).growth_rate
            factor = target / np.where(growth > target / 3, growth, target / 3)
            rates = rates * np.clip(factor**power, 0.5, 2.0)
            rates = np.clip(rates, np.array(table) / SETTLE_REACH, np.array(table) * SETTLE_REACH)
            power *= 0.97
        own = {
            line.name: {**draw.lines.get(line.name, {}), "k_birth": float(rate)}
            for line, rate in zip(lines, rates)
        }
        return Draw(draw.values, own)

    def __call__(self, draw: Draw) -> Energy:
        """Simulate every well under a draw (settled first)."""
        read = self._simulate(self.settle(draw))
        violations = np.array([self._violation(judge, read) for judge in self._judges])
        return Energy(float(np.sum(self._weights * np.log1p(violations**2))), violations)

    def _violation(self, judge: Judge, read: Read) -> float:
        try:
            value = judge.value(read)
        except (OverflowError, ValueError, ZeroDivisionError):
            return WORST
        if not math.isfinite(value):
            return WORST
        return min(max(judge.lower - value, value - judge.upper, 0.0) / judge.tolerance, WORST)

    def _simulate(self, draw: Draw) -> Read:
        assay = self._assay
        names = [name for name, _ in self._backgrounds]
        lines = [assay.pathway.cell_lines[name] for name in names]
        untreated = assay.untreated(lines, [dict(factors) for _, factors in self._backgrounds], draw)
        wells = list(self._wells)
        agents = sorted({agent for _, doses in wells for agent, _ in doses})
        values: dict[int, tuple[Floats, Floats, dict[float, int], int]] = {}
        by_end: dict[float, list[int]] = {}
        for index in range(len(wells)):
            by_end.setdefault(max(self._times[index]), []).append(index)
        for members in by_end.values():
            times = sorted({time for index in members for time in self._times[index]})
            row = np.array([wells[index][0] for index in members], dtype=np.intp)
            doses = {
                agent: np.array([dict(wells[index][1]).get(agent, 0.0) for index in members])
                for agent in agents
            }
            run = assay.dose(untreated, row, doses, np.array(times))
            place = {time: number for number, time in enumerate(times)}
            for number, index in enumerate(members):
                values[index] = (run.values[number], run.log_cells[number], place, int(row[number]))
        column = {name: number for number, name in enumerate(assay.readouts)}

        def read(index: int, time: float, name: str) -> float:
            signals, cells, place, row_of = values[index]
            if name == "log_cells":
                return float(cells[place[time]])
            if name == "growth_rate":
                return float(untreated.growth_rate[row_of])
            return float(signals[place[time], column[name]])

        return read

    def _well(self, condition: Condition, doses: Mapping[str, float]) -> int:
        key = (condition.line.name, tuple(sorted(condition.perturbation.items())))
        background = self._backgrounds.setdefault(key, len(self._backgrounds))
        well = (background, tuple(sorted(doses.items())))
        index = self._wells.setdefault(well, len(self._wells))
        self._times.setdefault(index, set()).add(condition.time_h)
        return index

    def _lay_out(self, statement: Statement) -> Judge:
        lower = -math.inf if statement.lower is None else statement.lower
        upper = math.inf if statement.upper is None else statement.upper
        if statement.statistic in COMPARED:
            value = self._compared(statement)
            if statement.statistic == "ratio":
                tolerance = 0.06 if statement.observable == "viability" else 0.15
                return Judge(_log(value), _log_bound(lower), _log_bound(upper), tolerance)
            return Judge(
                value, lower, upper, 0.1 * max(abs(b) for b in (lower, upper, 0.1) if math.isfinite(b))
            )
        condition = statement.test
        vehicle = self._well(condition, {})
        background = condition.treatment.doses
        pathway = self._assay.pathway
        if statement.statistic in CURVE:
            [agent] = condition.treatment.swept
            response = _viability if statement.statistic in ("ic50_nM", "max_inhibition") else _gr
            if statement.statistic in ("max_inhibition", "gr_max"):
                top = self._well(
                    condition, {**background, agent: float(standard_doses(pathway, agent, 8)[-1])}
                )
                if statement.statistic == "gr_max":
                    return Judge(lambda read: _gr(read, top, vehicle, condition.time_h), lower, upper, 0.2)
                return Judge(
                    lambda read: 1 - _viability(read, top, vehicle, condition.time_h), lower, upper, 0.1
                )
            ends = [
                (self._well(condition, {**background, agent: dose}), sign)
                for dose, sign in ((statement.lower, 1.0), (statement.upper, -1.0))
                if dose is not None
            ]
            return Judge(
                lambda read: max(
                    sign * (0.5 - response(read, well, vehicle, condition.time_h)) for well, sign in ends
                ),
                -math.inf,
                0.0,
                0.15,
            )
        one, two = condition.treatment.swept
        first = [0.0, *standard_doses(pathway, one, 7)[::2]]
        second = [0.0, *standard_doses(pathway, two, 7)[::2]]
        grid = [[self._well(condition, {**background, one: a, two: b}) for b in second] for a in first]

        def excess(read: Read) -> float:
            hit = 1 - np.array(
                [[_viability(read, w, vehicle, condition.time_h) for w in row] for row in grid]
            )
            expected = np.maximum(hit[:, :1], hit[:1])
            if statement.statistic != "hsa":
                expected = hit[:, :1] + hit[:1] - hit[:, :1] * hit[:1]
            return float(100 * (hit - expected)[1:, 1:].mean())

        return Judge(excess, lower, upper, 2.0)

    def _compared(self, statement: Statement) -> Callable[[Read], float]:
        test = self._observed(statement.observable, statement.test)
        if statement.statistic == "value":
            return test
        reference = self._observed(statement.observable, statement.reference)
        if statement.statistic == "difference":
            return lambda read: test(read) - reference(read)
        return lambda read: test(read) / reference(read)

    def _observed(self, observable: str, condition: Condition) -> Callable[[Read], float]:
        well, vehicle = self._well(condition, condition.treatment.doses), self._well(condition, {})
        time = condition.time_h
        if observable == "viability":
            return lambda read: _viability(read, well, vehicle, time)
        if observable == "gr_value":
            return lambda read: _gr(read, well, vehicle, time)
        if observable == "growth_rate" and time > 0:
            return lambda read: read(well, time, "log_cells") / time
        return lambda read: read(well, time, observable)


def _viability(read: Read, well: int, vehicle: int, time: float) -> float:
    return math.exp(read(well, time, "log_cells") - read(vehicle, time, "log_cells"))


def _gr(read: Read, well: int, vehicle: int, time: float) -> float:
    return float(gr_value(read(well, time, "log_cells"), read(vehicle, time, "log_cells")))


def _log(value: Callable[[Read], float]) -> Callable[[Read], float]:
    return lambda read: math.log(max(value(read), 1e-9))


def _log_bound(bound: float) -> float:
    return bound if math.isinf(bound) else math.log(max(bound, 1e-9))
