"""The statistics of evidence tables, each a generator that asks for wells and is sent their samples.

A statement may need one well (`value`), dozens (`bliss`), or wells that depend on what others showed (`ic50_nM`
scans the doses, then refines where the response crosses 0.5). Simulated one statement at a time they would cost
hundreds of small simulations; together they are a handful of large ones, and wells that statements share are
simulated once. So a statistic does not simulate. It is written as if it did, step by step, and stops where it
needs numbers:

    def _ratio(test: Well, reference: Well) -> Steps:
        samples = yield [test, reference]      # stops here; goes on with the samples of these wells
        return samples[test].log_cells / samples[reference].log_cells

`yield` hands out a list of `Well`, and is the mapping from these wells to their `Sample`; `return` is the value;
`yield from` runs another statistic in between; `raise NotRunnable` is the reason why there is no value.

`screen.analysis.evidence.check` drives them. It starts every statement's generator, collects what all of them ask
for, has a `SimulationCache` simulate what it has not simulated before as one batch, sends each generator its
samples, and repeats with those that asked again, until each has returned (Python puts the value into
`StopIteration.value`) or raised:

    statements    round 1                round 2              round 3
    value         asks for 1 well        returns
    ic50_nM       asks for 34 (scan)     asks for 10          asks for 10, ... returns
    bliss         asks for 65 (grid)     returns
                  one batch of wells     one batch            one batch

The batches of a check are those of its longest statement, five for a half-concentration (`1 + REFINE_ROUNDS`),
however many statements there are. A new statistic is a generator here, a line in
`evaluate` and a name in `screen.analysis.evidence.evidence_table`.
"""

import math
from collections.abc import Generator, Mapping, Sequence

import numpy as np

from screen.analysis.evidence.evidence_table import COMPARED, CURVE, GRID, Condition, Statement
from screen.analysis.evidence.wells import Sample, Well, well
from screen.arrays import Floats
from screen.pathway import Pathway
from screen.pathway.growth import gr_value, viability
from screen.synergy import SIMULATED, score_matrices

Samples = Mapping[Well, Sample]
Steps = Generator[list[Well], Samples, float]

LIGAND_RANGE_nM = (0.01, 100.0)
SEARCH_nM = (1e-3, 1e5)
SCAN_POINTS = 33
REFINE_POINTS = 7
REFINE_ROUNDS = 4


class NotRunnable(Exception):
    """A statement that cannot be evaluated; the text says why."""


def evaluate(statement: Statement, pathway: Pathway) -> Steps:
    """The steps that lead to the statement's value; raises NotRunnable inside where there is none."""
    swept = statement.test.treatment.swept
    expected = {COMPARED: 0, CURVE: 1, GRID: 2}
    for statistics, count in expected.items():
        if statement.statistic in statistics and len(swept) != count:
            raise NotRunnable(
                f"{statement.statistic} sweeps {count} drugs, found {len(swept)} without a dose"
            )
    if statement.statistic in COMPARED:
        if statement.reference.treatment.swept:
            raise NotRunnable("ref_treatment holds a drug without a dose")
        return (yield from _compared(statement))
    if statement.statistic in ("ic50_nM", "gr50_nM"):
        return (yield from _half(statement))
    if statement.statistic in CURVE:
        return (yield from _top(statement, pathway))
    return (yield from _excess(statement, pathway))


def standard_doses(pathway: Pathway, agent: str, count: int) -> Floats:
    """`count` log-spaced doses above 0 over the agent's standard range, nM."""
    drug = pathway.drugs.get(agent)
    low, high = drug.range_nM if drug else LIGAND_RANGE_nM
    return np.geomspace(low, high, count)


def _vehicle(condition: Condition) -> Well:
    return well(condition.line, condition.perturbation, {}, condition.time_h)


def _wells(condition: Condition, doses: Sequence[Mapping[str, float]]) -> list[Well]:
    background = condition.treatment.doses
    return [
        well(condition.line, condition.perturbation, {**background, **dose}, condition.time_h)
        for dose in doses
    ]


def _solved(samples: Samples, wells: Sequence[Well]) -> list[Sample]:
    found = [samples[item] for item in wells]
    for sample in found:
        if sample.problem:
            raise NotRunnable(sample.problem)
    return found


def _response(observable: str, samples: Samples, wells: Sequence[Well], vehicle: Well) -> Floats:
    """Viability or GR value of each well against the vehicle."""
    cells = np.array([sample.log_cells for sample in _solved(samples, wells)])
    control = _solved(samples, [vehicle])[0].log_cells
    if observable == "viability":
        return viability(cells, control)
    if control <= 0:
        raise NotRunnable(f"the untreated {vehicle.line} does not grow in {vehicle.time_h:g} h: no GR value")
    return gr_value(cells, control)


def _observed(statement: Statement, condition: Condition) -> Steps:
    [treated] = _wells(condition, [{}])
    vehicle = _vehicle(condition)
    samples = yield [treated, vehicle]
    if statement.observable in ("viability", "gr_value"):
        return float(_response(statement.observable, samples, [treated], vehicle)[0])
    [sample] = _solved(samples, [treated])
    if statement.observable == "growth_rate":
        return sample.log_cells / condition.time_h if condition.time_h > 0 else sample.growth_rate
    return sample.signals[statement.observable]


def _compared(statement: Statement) -> Steps:
    test = yield from _observed(statement, statement.test)
    if statement.statistic == "value":
        return test
    reference = yield from _observed(statement, statement.reference)
    if statement.statistic == "difference":
        return test - reference
    if reference == 0:
        raise NotRunnable("the reference is 0: no ratio")
    return test / reference


def _half(statement: Statement) -> Steps:
    """The smallest concentration at which the response falls to 0.5, by scan and refinement, or inf."""
    condition = statement.test
    [agent] = condition.treatment.swept
    observable = "viability" if statement.statistic == "ic50_nM" else "gr_value"
    vehicle = _vehicle(condition)
    doses = np.geomspace(*SEARCH_nM, SCAN_POINTS)
    for _ in range(1 + REFINE_ROUNDS):
        wells = _wells(condition, [{agent: dose} for dose in doses])
        samples = yield [*wells, vehicle]
        response = _response(observable, samples, wells, vehicle)
        below = np.flatnonzero(response <= 0.5)
        if not below.size:
            return math.inf
        first = int(below[0])
        if first == 0:
            return float(doses[0])
        doses = np.geomspace(doses[first - 1], doses[first], REFINE_POINTS + 2)
    return float(math.sqrt(doses[0] * doses[-1]))


def _top(statement: Statement, pathway: Pathway) -> Steps:
    condition = statement.test
    [agent] = condition.treatment.swept
    doses = standard_doses(pathway, agent, 8)
    if statement.statistic == "gr_max":
        doses = doses[-1:]
    wells = _wells(condition, [{agent: dose} for dose in doses])
    vehicle = _vehicle(condition)
    samples = yield [*wells, vehicle]
    if statement.statistic == "gr_max":
        return float(_response("gr_value", samples, wells, vehicle)[0])
    return float(1.0 - _response("viability", samples, wells, vehicle).min())


def _excess(statement: Statement, pathway: Pathway) -> Steps:
    condition = statement.test
    one, two = condition.treatment.swept
    first = np.concatenate([[0.0], standard_doses(pathway, one, 7)])
    second = np.concatenate([[0.0], standard_doses(pathway, two, 7)])
    wells = _wells(condition, [{one: a, two: b} for a in first for b in second])
    vehicle = _vehicle(condition)
    samples = yield [*wells, vehicle]
    matrix = _response("viability", samples, wells, vehicle).reshape(len(first), len(second))
    model = statement.statistic.removesuffix("_max")
    score = score_matrices(matrix, first, second, models=(model,), options=SIMULATED)[model]
    value = float(score.best if statement.statistic.endswith("_max") else score.mean)
    if math.isnan(value):
        raise NotRunnable(str(score.reason) or f"{model} gives no number")
    return value
