"""The calibrated ensemble: enough draws, each one agreeing with most of the evidence."""

import numpy as np
import pytest

from screen.analysis.evidence.check import check
from screen.analysis.evidence.evidence_table import BUILT_IN, read_evidence
from screen.pathway import Assay, load_draws


def test_there_are_enough_draws_and_they_name_what_the_model_holds(assay: Assay) -> None:
    draws = load_draws()
    assert len(draws) >= 128
    for draw in draws:
        assert set(draw.values) <= set(assay.engine.parameters)
        assert set(draw.lines) <= set(assay.pathway.cell_lines)


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 64, 127])
def test_a_draw_holds_three_statements_in_four(assay: Assay, number: int) -> None:
    statements = read_evidence(BUILT_IN, assay.pathway)
    results = check(statements, assay.pathway, assay, draw=load_draws()[number])
    assert np.mean([result.passed for result in results]) >= 0.75


def test_lines_double_in_their_doubling_time_under_a_draw(assay: Assay) -> None:
    lines = [line for line in assay.pathway.cell_lines.values() if line.name != "MCF10A"]
    expected = np.array([np.log(2) / line.doubling_h for line in lines if line.doubling_h])
    for draw in load_draws()[::16]:
        np.testing.assert_allclose(assay.untreated(lines, None, draw).growth_rate, expected, rtol=0.05)
