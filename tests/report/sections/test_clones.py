"""A cube with a mixture: what its page says of the clones."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.page.html import render
from screen.report.sections.clones import SECTION


@pytest.fixture
def tree(make_cube: Callable[..., xr.DataTree]) -> xr.DataTree:
    """A resistant tenth that the first drug alone takes to 0.4, and drug 2 holds at 0.1."""
    cube = make_cube(lines=["SKBR3", "mixed <line>"], partners=("linsitinib",), size=4, failures=False)
    root, panel = cube.to_dataset(), cube["panel"].to_dataset(inherit=False)
    share = np.full(root["viability"].shape, 0.1)
    share[1, 0, :, 0, :] = np.linspace(0.1, 0.4, 4)[:, None]
    share[0] = 0.0
    root["share_SKBR3-pool2"] = (root["viability"].dims, share, {"units": "1", "clone": "SKBR3-pool2"})
    root["share_SKBR3-pool2_mean"] = root["share_SKBR3-pool2"]
    panel["clone"] = ("member", ["SKBR3", "SKBR3-pool2"])
    panel["clone_of"] = ("member", ["mixed <line>"] * 2)
    panel["clone_fraction"] = ("member", [0.9, 0.1])
    groups = {name: child.to_dataset(inherit=False) for name, child in cube.children.items()}
    return xr.DataTree.from_dict({"/": root, **groups, "panel": panel})


def test_the_section_says_which_clone_grows_out(tree: xr.DataTree) -> None:
    section = SECTION.make(Findings(read_screen(tree)))
    assert section is not None
    assert (
        "takes SKBR3-pool2 in mixed <line> from 10\u00a0% of the cells to 40\u00a0%" in section.sentences[0]
    )
    (row,) = section.table[1:]
    assert row[:4] == ("mixed <line>", "SKBR3-pool2", "10\u00a0%", "10\u00a0%")
    assert row[6] == "10\u00a0%", "with both"


def test_names_of_lines_are_text(tree: xr.DataTree) -> None:
    text = render(Findings(read_screen(tree)))
    assert "Which clone is left" in text
    assert "mixed <line>" not in text


def test_a_cube_without_mixtures_has_no_such_section(make_cube: Callable[..., xr.DataTree]) -> None:
    assert SECTION.make(Findings(read_screen(make_cube(lines=["SKBR3"], partners=("linsitinib",))))) is None
