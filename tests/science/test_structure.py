"""The model holds together: HER2 addiction, two outputs of mTORC1, payloads; at most eighty states."""

import numpy as np
import pytest

from screen.pathway import Assay


def test_every_line_settles_in_at_most_eighty_states(assay: Assay) -> None:
    untreated = assay.untreated(list(assay.pathway.cell_lines.values()))
    assert (untreated.status == 0).all()
    assert len(assay.engine.states) <= 80


@pytest.mark.parametrize("her2", [0.1, 1.0, 4.0, 16.0])
def test_an_antibody_parts_the_same_share_of_dimers_however_much_her2_there_is(
    assay: Assay, her2: float
) -> None:
    line = assay.pathway.cell_line("SKBR3")
    untreated = assay.untreated([line], [{"HER2": her2, "p95HER2": 0.0}])
    wells = assay.dose(
        untreated, np.zeros(2, np.intp), {"trastuzumab": np.array([0.0, 6800.0])}, np.array([0.01])
    )
    left = (
        wells.values[1, 0, assay.readouts.index("pHER2")] / wells.values[0, 0, assay.readouts.index("pHER2")]
    )
    assert 0.05 < left < 0.7


def test_a_rapalog_spares_the_second_output_of_mtorc1(assay: Assay) -> None:
    line = assay.pathway.cell_line("BT474")
    untreated = assay.untreated([line])
    doses = {"everolimus": np.array([0.0, 1000.0, 0.0]), "sapanisertib": np.array([0.0, 0.0, 1000.0])}
    wells = assay.dose(untreated, np.zeros(3, np.intp), doses, np.array([72.0]))
    vehicle, rapalog, both_outputs = wells.log_cells[:, 0]
    assert both_outputs < rapalog < vehicle


@pytest.mark.parametrize("name", ["SKBR3", "BT474", "AU565"])
@pytest.mark.parametrize("drug", ["trastuzumab", "pertuzumab"])
def test_cells_with_more_her2_lose_more_to_antibodies_and_with_a_tenth_nearly_none(
    assay: Assay, name: str, drug: str
) -> None:
    lines = [assay.pathway.cell_line(name)] * 4
    untreated = assay.untreated(lines, [{"HER2": factor} for factor in (0.1, 0.3, 1.0, 4.0)])
    rows = np.repeat(np.arange(4), 2)
    wells = assay.dose(untreated, rows, {drug: np.tile([0.0, 68.0], 4)}, np.array([120.0]))
    cells = wells.log_cells[:, 0].reshape(4, 2)
    left = np.exp(cells[:, 1] - cells[:, 0])
    assert (np.diff(left) < 0).all(), left
    assert left[0] > 0.75


def test_payloads_kill_what_the_antibody_alone_leaves(assay: Assay) -> None:
    line = assay.pathway.cell_line("BT474")
    untreated = assay.untreated([line])
    doses = {"trastuzumab": np.array([100.0, 0.0]), "trastuzumab emtansine": np.array([0.0, 100.0])}
    wells = assay.dose(untreated, np.zeros(2, np.intp), doses, np.array([120.0]))
    assert wells.log_cells[1, 0] < wells.log_cells[0, 0]
