"""The sentence of the overview names the largest score that its map shows of a resistant line."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.sections.overview import strongest_words


def test_the_strongest_synergy_is_the_largest_of_the_resistant_lines(
    make_cube: Callable[..., xr.DataTree],
) -> None:
    findings = Findings(read_screen(make_cube(failures=False)))
    view, recovery = findings.view, findings.recovery
    assert view.main_model is not None
    mean = view.main_model.mean[recovery.resistant & ~recovery.her2_low, :, -1]
    best = f"{np.nanmax(mean):+.1f}"
    assert f"mean Bliss excess {best} percent points" in strongest_words(findings)
