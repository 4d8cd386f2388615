"""Every named line has an untreated state that is reached, stable and grows as fast as the line does."""

import numpy as np
import pytest

from screen.pathway import Assay, load_pathway

PATHWAY = load_pathway()


@pytest.fixture(scope="module")
def steady(assay: Assay):  # type: ignore[no-untyped-def]
    lines = list(PATHWAY.cell_lines.values())
    parameters = assay.parameters(lines)
    return assay.engine.steady_state(parameters, fixed=("log_cells",))


def test_the_untreated_state_is_reached_and_stable_in_every_line(steady) -> None:  # type: ignore[no-untyped-def]
    assert (steady.status <= 2).all()
    assert steady.stable.all()


def test_untreated_lines_double_in_their_doubling_time(assay: Assay) -> None:
    lines = list(PATHWAY.cell_lines.values())
    growth = assay.untreated(lines).growth_rate
    expected = np.array([np.log(2) / line.doubling_h for line in lines if line.doubling_h])
    np.testing.assert_allclose(growth, expected, rtol=0.05)


def test_the_untreated_state_stays_where_it_is(assay: Assay) -> None:
    lines = list(PATHWAY.cell_lines.values())
    untreated = assay.untreated(lines)
    week = assay.dose(untreated, np.arange(len(lines)), {}, np.array([1.0, 168.0]))
    np.testing.assert_allclose(week.values[:, 1], week.values[:, 0], rtol=1e-3)
    np.testing.assert_allclose(week.log_cells[:, 1], 168 * untreated.growth_rate, rtol=1e-3)
