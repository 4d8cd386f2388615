"""The objective: what it depends on, and that it agrees with the evidence check."""

from dataclasses import replace

import numpy as np
import pytest

from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.objective import Objective
from screen.analysis.calibration.priors import nominal_draw
from screen.analysis.evidence.check import check
from screen.analysis.evidence.table import BUILT_IN, read_evidence
from screen.config.calibration import CalibrationConfig
from screen.pathway import Assay, Pathway


def shifted(pathway: Pathway) -> Pathway:
    """The pathway as if another calibration had been shipped: every calibrated number is another one."""
    parameters = {
        name: replace(p, value=(p.lower * p.upper) ** 0.5) if p.kind == "calibrated" and p.lower > 0 else p
        for name, p in pathway.parameters.items()
    }
    drugs = {name: replace(drug, potency_nM=drug.measured_nM) for name, drug in pathway.drugs.items()}
    lines = {
        name: replace(line, values={key: value * 1.3 for key, value in line.values.items()})
        for name, line in pathway.cell_lines.items()
    }
    return replace(pathway, parameters=parameters, drugs=drugs, cell_lines=lines)


@pytest.mark.slow
def test_nothing_that_a_calibration_found_before_reaches_the_objective(
    assay: Assay, whole: Objective
) -> None:
    """Shipped parameters, potencies, line abundances and division rates may be what they like."""
    statements = read_evidence(BUILT_IN, shifted(assay.pathway))
    _, other = lay_out(shifted(assay.pathway), statements, CalibrationConfig())
    assert other.priors == whole.priors
    scores = whole.priors.sample(np.random.default_rng(5), 2)
    np.testing.assert_allclose(other.evaluate(scores).values, whole.evaluate(scores).values, atol=2e-3)


def test_the_objective_agrees_with_the_evidence_check_at_the_nominal_set(
    assay: Assay, whole: Objective
) -> None:
    nominal = nominal_draw(assay.pathway)
    found = whole.holds(whole.evaluate(whole.priors.scores(nominal)[None]).values)[0]
    held = np.array([result.passed for result in check(whole.statements, assay.pathway, assay)])
    assert (found == held).mean() > 0.97


def test_parameter_sets_are_evaluated_alike_alone_and_together_and_by_threads(whole: Objective) -> None:
    scores = whole.priors.sample(np.random.default_rng(3), 5)
    together = whole.evaluate(scores)
    np.testing.assert_array_equal(replace(whole, jobs=2).evaluate(scores).values, together.values)
    np.testing.assert_array_equal(whole.evaluate(scores[2:3]).values[0], together.values[2])
    far = scores[0] + 10
    assert np.isinf(whole.energies(far[None], 5.0)).all()
