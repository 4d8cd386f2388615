"""Wells of the quickstart screen solved by the batched engine and, from the same untreated states, by two
others: SciPy's solver at rtol 1e-10, which steps through our rates, and libRoadRunner, which has only the
exported SBML.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from screen.config.screen import load_config
from screen.pathway import Assay, load_pathway
from screen.runner import make_plan
from tests.paths import ROOT
from tests.peers.roadrunner_peer import quickly_compiled

Array = np.ndarray[Any, Any]
CONFIG = ROOT / "configs" / "quickstart.yaml"


@dataclass(frozen=True)
class Wells:
    """N wells: the compiled assay, model parameters (N, P), untreated state (N, S) and hours (T,)."""

    assay: Assay
    parameters: Array
    start: Array
    times: Array

    @property
    def readouts(self) -> tuple[str, ...]:
        return self.assay.engine.readouts

    def batched(self) -> Array:
        """Readouts (N, T, R) as the screen computes them."""
        run = self.assay.engine.simulate(
            self.times, self.parameters, self.start, rtol=self.assay.rtol, atol=self.assay.atol
        )
        return np.asarray(run.values)

    def scipy(self) -> Array:
        """Readouts (N, T, R) by SciPy's stiff solver."""
        engine = self.assay.engine
        run = engine.simulate(self.times, self.parameters, self.start, rtol=1e-10, atol=1e-13, solver="scipy")
        return np.asarray(run.values)

    def roadrunner(self, sbml: str) -> Array:
        """Readouts (N, T, R) by libRoadRunner's CVODE, from its own reading of the SBML."""
        runner = quickly_compiled(sbml)
        integrator = runner.getIntegrator()
        integrator.setValue("relative_tolerance", 1e-10)
        integrator.setValue("absolute_tolerance", 1e-13)
        integrator.setValue("maximum_num_steps", 200_000)
        engine = self.assay.engine
        runner.timeCourseSelections = list(engine.readouts)
        constants = [name for name in engine.parameters if name not in engine.states]
        columns = [engine.parameters.index(name) for name in constants]
        answers = np.empty((len(self.parameters), len(self.times), len(engine.readouts)))
        for row, (parameters, start) in enumerate(zip(self.parameters, self.start)):
            runner.resetAll()
            for name, value in zip(constants, parameters[columns]):
                runner[name] = value
            for name, value in zip(engine.states, start):
                runner[name] = value
            path = runner.simulate(times=[0.0, *self.times])
            answers[row] = np.asarray(path)[1:]
        return answers


def quickstart_wells(count: int | None = None, seed: int = 20210511) -> Wells:
    """`count` wells drawn without replacement from the quickstart's grid, or all of it."""
    pathway = load_pathway()
    plan = make_plan(load_config(CONFIG), pathway)
    names = [name for name in plan.outputs.readouts if name in plan.outputs.markers]
    assay = Assay.compile(pathway, names, plan.settings.rtol, plan.settings.atol)
    untreated = assay.untreated(plan.design.lines)
    grid = [
        (line, pair, one, two)
        for line in range(len(plan.design.lines))
        for pair in plan.design.combinations
        for one in pair.doses_1
        for two in pair.doses_2
    ]
    if count is not None:
        drawn = np.random.default_rng(seed).choice(len(grid), size=count, replace=False)
        grid = [grid[index] for index in sorted(drawn)]
    lines = np.array([line for line, *_ in grid])
    parameters = untreated.parameters[lines]
    column = {name: index for index, name in enumerate(assay.engine.parameters)}
    for row, (_, pair, one, two) in enumerate(grid):
        parameters[row, column[pathway.dose_parameter(pair.drug_1)]] = one
        parameters[row, column[pathway.dose_parameter(pair.drug_2)]] = two
    return Wells(assay, parameters, untreated.state[lines], np.array(plan.outputs.times))


def excess_error(answer: Array, reference: Array) -> Array:
    """Largest error of each readout (R,) as a multiple of what is allowed: 1e-4 of its value plus 1e-6 of the
    readout's largest value. At most 1 is agreement.
    """
    largest = np.abs(reference).max(axis=(0, 1))
    allowed = 1e-4 * np.abs(reference) + 1e-6 * largest
    return np.asarray((np.abs(answer - reference) / np.where(allowed > 0, allowed, np.inf)).max(axis=(0, 1)))
