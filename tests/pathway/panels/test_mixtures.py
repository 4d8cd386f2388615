"""A line as a mixture of clones."""

import numpy as np
import pytest

from screen.pathway import Assay, CellLine, Clone, load_pathway
from screen.pathway.panels.mixtures import grown

PATHWAY = load_pathway()
TIMES = np.array([0.0, 24.0, 120.0])
DOSES = {"trastuzumab": np.array([0.0, 68.0])}


@pytest.fixture(scope="module")
def assay() -> Assay:
    return Assay.compile(PATHWAY, ["pAKT_S473", "pFOXO3A"])


def mixture(**fractions: float) -> CellLine:
    names = {"sensitive": "SKBR3", "same": "SKBR3", "resistant": "SKBR3-pool2"}
    clones = tuple(Clone(PATHWAY.cell_line(names[name]), share) for name, share in fractions.items())
    return CellLine("mixture", {}, clones=clones)


@pytest.mark.slow
def test_a_mixture_of_identical_clones_changes_nothing(assay: Assay) -> None:
    lines = [PATHWAY.cell_line("SKBR3"), mixture(sensitive=0.3, same=0.7)]
    untreated = assay.untreated(lines)
    np.testing.assert_allclose(untreated.readouts[1], untreated.readouts[0], rtol=1e-12)
    np.testing.assert_allclose(untreated.growth_rate[1], untreated.growth_rate[0], rtol=1e-12)
    pure, mixed = (assay.dose(untreated, np.full(2, row), DOSES, TIMES) for row in (0, 1))
    np.testing.assert_allclose(mixed.log_cells, pure.log_cells, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(mixed.values, pure.values, rtol=1e-12)


@pytest.mark.slow
def test_a_line_beside_a_mixture_is_what_it_is_alone_to_the_bit(assay: Assay) -> None:
    line = PATHWAY.cell_line("SKBR3")
    alone = assay.dose(assay.untreated([line]), np.zeros(2, int), DOSES, TIMES)
    together = assay.untreated([mixture(sensitive=0.5, resistant=0.5), line])
    beside = assay.dose(together, np.ones(2, int), DOSES, TIMES)
    np.testing.assert_array_equal(beside.log_cells, alone.log_cells)
    np.testing.assert_array_equal(beside.values, alone.values)


@pytest.mark.slow
def test_the_resistant_share_grows_under_the_drug(assay: Assay) -> None:
    untreated = assay.untreated([mixture(sensitive=0.95, resistant=0.05)])
    wells = assay.dose(untreated, np.zeros(2, int), DOSES, TIMES)
    vehicle, dosed = wells.share("SKBR3-pool2")
    np.testing.assert_allclose([vehicle[0], dosed[0]], 0.05)
    assert abs(vehicle[-1] - 0.05) < 0.001
    assert dosed[-1] > 1.15 * vehicle[-1]
    np.testing.assert_allclose(wells.share("SKBR3") + wells.share("SKBR3-pool2"), 1.0)


@pytest.mark.slow
def test_cells_add_and_observables_are_means_over_the_cells(assay: Assay) -> None:
    lines = [PATHWAY.cell_line("SKBR3"), PATHWAY.cell_line("SKBR3-pool2")]
    untreated = assay.untreated([*lines, mixture(sensitive=0.6, resistant=0.4)])
    one, two, both = (assay.dose(untreated, np.full(2, row), DOSES, TIMES) for row in range(3))
    cells = 0.6 * np.exp(one.log_cells), 0.4 * np.exp(two.log_cells)
    np.testing.assert_allclose(np.exp(both.log_cells), sum(cells), rtol=1e-12)
    weighed = [cells[k][..., None] * well.values for k, well in enumerate((one, two))]
    np.testing.assert_allclose(both.values, sum(weighed) / sum(cells)[..., None], rtol=1e-12)


def test_a_clone_that_was_killed_leaves_the_others_their_numbers() -> None:
    log_cells, share = grown(np.array([0.5, 0.5]), np.array([[-2000.0], [1.0]]), np.array([0]))
    assert log_cells[0, 0] == pytest.approx(1.0 + np.log(0.5))
    assert share[:, 0].tolist() == [0.0, 1.0]
