"""A cube with rays: what its page says of them."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.page.html import render, size_of
from screen.report.sections.made import made_words, statuses_of
from screen.report.sections.rays import SECTION
from screen.report.sections.why import grid_words


@pytest.fixture
def tree(make_cube: Callable[..., xr.DataTree]) -> xr.DataTree:
    """Two rays; the lowest index is BT474-HR20's on the second, SKBR3 never loses half its cells."""
    plain = make_cube(
        lines=["SKBR3", "BT474-HR20"], partners=("linsitinib", "alpelisib"), size=4, failures=False
    )
    root, scores = plain.to_dataset(), plain["scores"].to_dataset(inherit=False)
    shape = (2, 2, plain.sizes["time"], 2)
    dims = ("cell_line", "combination", "time", "ray")
    index = np.full(shape, np.nan)
    index[1] = [[[1.5, 1.2]], [[0.8, 0.25]]]
    scores = scores.assign(
        ray_ci50=(dims, index),
        ray_ic50_1=(dims, np.full(shape, 12.0)),
        ray_ic50_2=(dims, np.full(shape, 3000.0)),
        ray_bliss=(dims, np.full(shape, 7.5)),
    ).assign_coords(ray=[0.5, 1.0])
    status = root["status"].copy()
    status[:, :, 2, 3] = 3
    groups = {name: child.to_dataset(inherit=False) for name, child in plain.children.items()}
    return xr.DataTree.from_dict({"/": root.assign(status=status), **groups, "scores": scores})


def test_the_section_gives_the_index_of_every_ray(tree: xr.DataTree) -> None:
    section = SECTION.make(Findings(read_screen(tree)))
    assert section is not None
    assert "below 1 on 2 of 4 rays" in section.sentences[0]
    assert "BT474-HR20 with trastuzumab+alpelisib on ray 1, 0.25" in section.sentences[0]
    assert section.table[1][:6] == (
        "BT474-HR20",
        "trastuzumab+alpelisib",
        "1",
        "0.25",
        "12\u00a0nM",
        "3\u00a0µM",
    )
    assert section.table[1][6] == "+7.5"
    assert section.table[-1][3] == "half is not reached"
    assert "Along the rays" in render(Findings(read_screen(tree)))


def test_wells_outside_the_design_are_not_counted(tree: xr.DataTree) -> None:
    screen = read_screen(tree)
    assert ("60", "simulations") in size_of(screen)
    assert ("not simulated", "4", "", "none needed: the design leaves these wells out") in statuses_of(screen)
    assert "4 × 4 doses, of which the design simulates 60 wells" in made_words(screen, "rays.h5")[0]
    assert statuses_of(screen)[0][2] == "100.00 %"


def test_an_explanation_says_that_it_simulates_a_whole_grid(tree: xr.DataTree, cube: xr.DataTree) -> None:
    assert grid_words(read_screen(tree)).startswith("For this 4 × 4 doses are simulated as a whole grid")
    assert grid_words(read_screen(cube)) == ""


def test_a_cube_without_rays_has_no_such_section(cube: xr.DataTree) -> None:
    assert SECTION.make(Findings(read_screen(cube))) is None
