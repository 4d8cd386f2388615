"""The section on virtual plates: its excess is Bliss's, and it says whether the replicates suffice."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.sections.replicates import Replicated, bliss, make


def with_plates(cube: xr.DataTree, noise: float, many: int = 3) -> xr.DataTree:
    clean = cube["viability"]
    wells = np.random.default_rng(1).normal(0, noise, (*clean.shape, many))
    plates = xr.DataArray(clean.values[..., None] + wells, dims=(*clean.dims, "replicate"))
    groups = {name: node.to_dataset(inherit=False) for name, node in cube.children.items()}
    own = xr.Dataset({"viability": plates}, coords={"replicate": np.arange(many)})
    return xr.DataTree.from_dict({"/": cube.to_dataset(), **groups, "replicates": own})


def test_the_excess_is_that_of_the_cube(make_cube: Callable[..., xr.DataTree]) -> None:
    cube = make_cube(lines=["SKBR3", "JIMT-1"], failures=False)
    own = bliss(cube["viability"].values[..., -1])
    np.testing.assert_allclose(own, cube["scores/bliss"].values[..., -1], atol=1e-9)


def test_little_noise_tells_every_pair_and_much_noise_none(make_cube: Callable[..., xr.DataTree]) -> None:
    cube = make_cube(lines=["SKBR3", "JIMT-1"], failures=False)
    told = []
    for noise in (1e-6, 3.0):
        content = make(Findings(read_screen(with_plates(cube, noise))))
        assert content is not None
        told.append([row[-1] for row in content.table[1:]].count("yes"))
        assert "Do 3 replicates suffice?" in content.sentences[1]
    assert told[0] >= 6
    assert told[1] <= 2


def test_an_interval_is_students(make_cube: Callable[..., xr.DataTree]) -> None:
    one = Replicated("a", "b", 2.0, np.array([1.0, 2.0, 3.0]))
    assert one.interval == pytest.approx(4.30 / np.sqrt(3), rel=1e-3)
    assert not one.told
    assert make(Findings(read_screen(make_cube(lines=["SKBR3"])))) is None
