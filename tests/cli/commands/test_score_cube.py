"""`herscreen score` on a cube that `herscreen run` made: scores, strength of the drugs and parameter draws in
its group /scores."""

import shutil

import numpy as np
import pytest
import xarray as xr

from screen.cli.main import invoke
from screen.synergy.potency.gr_metrics import growth_metrics

CONFIG = """
cell_lines: [SKBR3, JIMT-1]
combinations: {anchor: trastuzumab, partners: [linsitinib]}
doses: {points: 5}
times: 72 h
readouts: [viability, gr_value]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "tiny.yaml").write_text(CONFIG)
    assert invoke(["run", str(folder / "tiny.yaml"), "-o", str(folder / "tiny.h5")]) == 0
    return folder / "tiny.h5"


@pytest.fixture
def cube(made, tmp_path):
    return shutil.copy(made, tmp_path / "cube.h5")


def read(cube, group=None):
    with xr.open_dataset(cube, group=group, engine="h5netcdf") as data:
        return data.load()


@pytest.mark.slow
def test_scores_are_written_back(cube, tmp_path, capsys):
    before, root = read(cube, "scores"), read(cube)
    out, cells = tmp_path / "scores.csv", tmp_path / "cells.csv"
    arguments = [
        "score",
        str(cube),
        "--models",
        "bliss,musyc",
        "--force",
        "-o",
        str(out),
        "--cells",
        str(cells),
    ]
    assert invoke(arguments) == 0
    assert "/scores replaced (bliss, musyc)" in capsys.readouterr().err
    after = read(cube, "scores")
    assert "loewe" in before
    assert "loewe" not in after
    np.testing.assert_array_equal(after.bliss, before.bliss)
    assert after.bliss.dims == ("cell_line", "combination", "time")
    assert {"musyc_beta", "bliss_excess", "bliss_reason", "ic50_1", "css"} <= set(after.data_vars)
    assert after.ic50_1.attrs["units"] == "nM"
    assert len(out.read_text().splitlines()) == 3
    assert len(cells.read_text().splitlines()) == 1 + 2 * 5 * 5
    xr.testing.assert_identical(root, read(cube))


@pytest.mark.slow
def test_growth_metrics_stand_with_growth_scores(cube):
    assert invoke(["score", str(cube), "--models", "bliss", "--readout", "gr_value", "--force"]) == 0
    scores, root = read(cube, "scores"), read(cube)
    assert scores.bliss.attrs["readout"] == "gr_value"
    one = root.isel(cell_line=1, combination=0, time=0)
    expected = growth_metrics(one.concentration_2.values[None], one.gr_value.values[:1])
    found = scores.isel(cell_line=1, combination=0, time=0)
    assert found.gr50_2 == expected.gr50[0]
    assert found.gr_max_2 == expected.gr_max[0] == one.gr_value.values[0, -1]
    assert found.gr_aoc_2 == expected.gr_aoc[0]
    assert "ic50_1" not in scores


@pytest.mark.slow
def test_draws_that_the_cube_keeps_become_intervals_and_probabilities(cube):
    root = read(cube)
    factor = xr.DataArray([0.7, 1.0, 1.3, 1.6], dims="draw")
    inner = xr.DataArray(np.pad(np.ones((4, 4)), ((1, 0), (1, 0))), dims=("dose_1", "dose_2"))
    drawn = (root.viability * (1 + 0.2 * (1 - factor) * inner)).transpose(*root.viability.dims, "draw")
    with xr.open_datatree(cube, engine="h5netcdf") as tree:
        whole = tree.load()
    provenance = whole["provenance"].to_dataset().drop_vars("checksums")  # an edited cube says so
    whole["provenance"] = xr.DataTree(provenance)
    kept = xr.Dataset({"viability": drawn, "status": root.status.expand_dims(draw=4, axis=-1)})
    whole["ensemble"] = xr.DataTree(kept.assign_coords({name: root[name] for name in root.coords}))
    whole.to_netcdf(cube, engine="h5netcdf")
    assert invoke(["score", str(cube), "--models", "hsa,bliss", "--force"]) == 0
    scores = read(cube, "scores")
    assert scores.bliss.dims == scores.bliss_low.dims == ("cell_line", "combination", "time")
    assert scores.bliss_excess.dims == root.viability.dims
    assert (scores.bliss_low < scores.bliss).all()
    assert (scores.bliss < scores.bliss_high).all()
    share = scores.bliss_probability
    assert ((share > 0) & (share < 1)).any()
    assert share.attrs["readout"] == "viability"
    assert "5 % quantile over 4 draws" in scores.bliss_low.attrs["long_name"]
    assert scores.bliss_low.attrs["quantile"] == 0.05
    assert "ic50_1_low" not in scores, "the draws of single agents are not scored"


@pytest.mark.slow
def test_a_plate_of_the_simulated_wells_stands_beside_its_cube(cube, tmp_path):
    """Drugs the other way round, the line spelt another way, other units."""
    import pandas as pd

    one = read(cube).sel(cell_line="SKBR3").isel(combination=0, time=0)
    first, second = np.meshgrid(one.concentration_1, one.concentration_2, indexing="ij")
    table = {"drug_row": "linsitinib", "drug_col": "Herceptin", "conc_r": second.ravel() / 1000}
    table |= {"conc_c": first.ravel(), "conc_r_unit": "uM", "conc_c_unit": "nM"}
    table |= {"response": 100 * one.viability.values.ravel(), "cell_line": "SK-BR-3"}
    pd.DataFrame(table).to_csv(tmp_path / "plate.csv", index=False)
    out = tmp_path / "out.csv"
    arguments = ["--models", "hsa,bliss", "--against", str(cube), "-o", str(out)]
    assert invoke(["score", str(tmp_path / "plate.csv"), *arguments]) == 0
    found = pd.read_csv(out).iloc[0]
    assert found.bliss == pytest.approx(found.sim_bliss, abs=1e-9)
    assert found.hsa_max == pytest.approx(found.sim_hsa_max, abs=1e-9)
    assert np.isnan(found.sim_reason) or found.sim_reason == ""
    fewer = pd.DataFrame(table)[lambda rows: rows.conc_c < rows.conc_c.max()]
    fewer.to_csv(tmp_path / "plate.csv", index=False)
    assert invoke(["score", str(tmp_path / "plate.csv"), *arguments]) == 0
    found = pd.read_csv(out).iloc[0]
    assert found.sim_reason.startswith("other doses of Herceptin: 4 up to ")
    assert np.isfinite(found.sim_bliss)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--models", "blis"], "unknown model 'blis'; did you mean 'bliss'?"),
        (["--readout", "viabilty"], "did you mean 'viability'?"),
        (
            ["--models", "bliss,zip"],
            "scores by hsa, loewe would be lost, expected --models bliss,zip,hsa,loewe",
        ),
        (
            ["--readout", "gr_value"],
            "scores of viability would be lost, expected --readout viability, or --force",
        ),
        (["--bootstrap", "10"], "--bootstrap: for plates"),
        (["--response", "viability"], "--response: for plates, found a cube"),
        (["-j", "0"], "greater than or equal to 1"),
    ],
)
def test_wrong_arguments_end_in_one_line(cube, capsys, arguments, words):
    before = cube.read_bytes()
    assert invoke(["score", str(cube), *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.splitlines()) == 1
    assert cube.read_bytes() == before
