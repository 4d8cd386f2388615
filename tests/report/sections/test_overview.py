"""The sentence of the overview names the largest score that its map shows of a resistant line."""

from collections.abc import Callable
from dataclasses import replace

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


def test_a_screen_without_synergy_has_no_strongest(make_cube: Callable[..., xr.DataTree]) -> None:
    view = read_screen(make_cube(failures=False))
    model = view.main_model
    assert model is not None
    models = tuple(replace(one, mean=-abs(one.mean)) for one in view.models)
    assert "No pair in a resistant line has a mean Bliss excess above 0." in strongest_words(
        Findings(replace(view, models=models))
    )
