"""Scores of a cube: names, dims, attributes."""

import numpy as np
import pytest
import xarray as xr

from screen.errors import InputError
from screen.synergy import SIMULATED, score_cube, score_matrices
from tests.synergy.known_matrices import doses, independent


@pytest.fixture
def cube() -> xr.Dataset:
    conc = np.stack([doses(), doses(high=1e3)])
    single = np.stack([independent(conc[0], c, (0.5, 30.0, 1.0), (0.1, 300.0, 1.3)) ** 1.1 for c in conc])
    single[:, 1:, 1:] *= 0.9
    viability = np.stack([single, single**1.5])[..., None] ** np.array([0.0, 0.5, 1.0])
    dims = ("cell_line", "combination", "dose_1", "dose_2", "time")
    return xr.Dataset(
        {
            "viability": (dims, viability, {"units": "1"}),
            "gr_value": (dims, 2 * viability - 1),
            "drug_1": ("combination", ["trastuzumab"] * 2),
            "drug_2": ("combination", ["linsitinib", "alpelisib"]),
            "concentration_1": (("combination", "dose_1"), np.stack([doses(), doses()])),
            "concentration_2": (("combination", "dose_2"), conc),
            "status": (dims[:4], np.zeros((2, 2, 8, 8), dtype=np.int8)),
        },
        coords={
            "cell_line": ["SKBR3", "BT474"],
            "combination": ["trastuzumab+linsitinib", "trastuzumab+alpelisib"],
            "time": [0.0, 72.0, 120.0],
        },
    )


def test_scores_have_the_names_and_dims_of_the_design(cube):
    scores = score_cube(cube)
    for model in ("hsa", "bliss", "loewe", "zip"):
        assert scores[f"{model}_excess"].dims == cube.viability.dims
        assert scores[model].dims == scores[f"{model}_max"].dims == ("cell_line", "combination", "time")
        for name in (model, f"{model}_max", f"{model}_excess"):
            assert scores[name].attrs["readout"] == "viability"
            assert scores[name].attrs["sign"] == "positive = synergy"
            assert "percent" in scores[name].attrs["units"]
    assert list(scores.cell_line.values) == ["SKBR3", "BT474"]
    assert (scores.bliss.sel(time=120.0) > 1).all()
    assert (scores.bliss.sel(time=0.0) == 0).all()


def test_each_matrix_is_scored_with_its_own_doses(cube):
    scores = score_cube(cube, ["loewe"])
    one = cube.sel(cell_line="BT474", combination="trastuzumab+alpelisib", time=120.0)
    alone = score_matrices(
        one.viability.values, one.concentration_1.values, one.concentration_2.values, ["loewe"],
        options=SIMULATED,
    )["loewe"]  # fmt: skip
    found = scores.loewe_excess.sel(cell_line="BT474", combination="trastuzumab+alpelisib", time=120.0)
    np.testing.assert_allclose(found.values, alone.excess, atol=1e-9)


def test_growth_values_use_the_generalised_bliss(cube):
    scores = score_cube(cube, ["bliss"], readout="gr_value")
    assert scores.bliss.attrs["readout"] == "gr_value"
    assert np.isfinite(scores.bliss).all()


def test_optional_dims_and_grids_by_line(cube):
    both = cube.expand_dims(draw=2).transpose("draw", ..., "time")
    conc = cube.concentration_1.expand_dims(cell_line=cube.cell_line)
    scores = score_cube(both.assign(concentration_1=conc), ["hsa", "loewe"])
    assert scores.hsa.dims == ("draw", "cell_line", "combination", "time")
    np.testing.assert_allclose(scores.loewe.isel(draw=1), score_cube(cube, ["loewe"]).loewe, atol=1e-9)


def test_failed_wells_are_named(cube):
    cube.viability[0, 0, 3, 3, 2] = np.nan
    scores = score_cube(cube, ["bliss"])
    assert scores.bliss_reason.values[0, 0, 2] == "1 of 49 combination cells have no value"
    assert scores.bliss_reason.values[1, 0, 2] == ""


def test_unknown_readout(cube):
    with pytest.raises(InputError, match="did you mean 'viability'"):
        score_cube(cube, readout="viabilty")
