"""Lines double in their own time, whatever division rate the search starts from."""

import numpy as np

from screen.analysis.calibration.division_rates import settled
from screen.pathway import Assay
from screen.pathway.tables.ensemble import Draw


def test_lines_double_in_their_time_from_any_division_rate(assay: Assay) -> None:
    lines = [assay.pathway.cell_line(name) for name in ("SKBR3", "BT474", "HCC1954")]
    wrong = Draw({}, {line.name: {"k_birth": 0.3} for line in lines})
    [draw] = settled(assay, lines, [wrong])
    growth = assay.untreated(lines, None, draw).growth_rate
    np.testing.assert_allclose(np.log(2) / growth, [line.doubling_h for line in lines], rtol=1e-3)
