"""The population view: what independent action explains, and what it does not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.panels.independence import benefits
from screen.report.findings.resensitisation import recovery_of


def test_independent_action_explains_itself_and_an_interaction_is_beyond_it(
    make_cube: Callable[..., xr.DataTree],
) -> None:
    view = read_screen(make_cube(failures=False))
    recovery = recovery_of(view)
    wells = recovery.gap.wells
    better = np.minimum(wells.alone, wells.partner)
    alone = replace(recovery, gap=replace(recovery.gap, wells=replace(wells, both=better)))
    for item in benefits(view, alone):
        assert item.beyond[0] == pytest.approx(0)
        assert item.deeper[0] == pytest.approx(0)
        assert item.independent[0] >= max(item.anchor[0], item.alone[0])
    together = replace(recovery, gap=replace(recovery.gap, wells=replace(wells, both=better / 100)))
    found = benefits(view, together)
    assert len(found) == 4
    assert all(item.both[0] == 1 and item.deeper[0] > 0 for item in found)
    assert found[0].beyond[0] == pytest.approx(1 - found[0].independent[0])


def test_a_few_lines_are_no_population(make_cube: Callable[..., xr.DataTree]) -> None:
    view = read_screen(make_cube(lines=["SKBR3", "JIMT-1"], failures=False))
    assert benefits(view, recovery_of(view)) == ()
