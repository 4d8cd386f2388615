"""What to measure next: the numbers of its sentence are those of its table."""

import re
from collections.abc import Callable

import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.sections.experiment import SECTION


@pytest.mark.parametrize("seed", range(4))
def test_the_difference_is_that_of_the_numbers_printed(
    make_cube: Callable[..., xr.DataTree], seed: int
) -> None:
    content = SECTION.make(Findings(read_screen(make_cube(failures=False, seed=seed))))
    assert content is not None
    both, null, apart = (int(found) for found in re.findall(r"(\d+)\u00a0%", content.sentences[0]))
    assert apart == null - both
    assert content.table[4][2:] == (f"{both}\u00a0%", f"{null}\u00a0%")
