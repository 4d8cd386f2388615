"""Dose grids: multiples of the clinical peak, and of each line's own GR50."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from screen.errors import InputError
from screen.pathway import Assay, load_pathway
from screen.runner import open_cube, run, run_part
from screen.runner.plan.dose_scales import centres
from screen.runner.plan.plan import make_plan
from screen.runner.simulate.gr50 import find_gr50
from tests.cubes import data_of
from tests.runner.conftest import small

PATHWAY = load_pathway()


@pytest.mark.parametrize(
    ("doses", "words"),
    [
        ({"points": 1}, "doses.points: found 1, a grid of one dose"),
        ({"peak": [0]}, "doses.peak: found 0, expected multiples above 0"),
        ({"peak": [1, 0.3]}, "doses.peak: found 1, 0.3, expected multiples .* ascending"),
        ({"gr50": []}, "doses.gr50: found nothing"),
        ({"peak": [1], "gr50": [1]}, "doses: found peak together with gr50"),
        (
            {"drugs": {"alpelisib": {"peak": [1], "points": 4}}},
            "alpelisib: found low, high or points together with peak",
        ),
    ],
)
def test_a_bad_grid_is_one_line_with_its_place(doses: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        small(doses=doses)
    assert "\n" not in str(error.value)


def test_doses_are_multiples_of_the_clinical_peak() -> None:
    plan = make_plan(small(doses={"peak": [0.1, 1], "drugs": {"alpelisib": [5]}}), PATHWAY)
    linsitinib, alpelisib = plan.design.combinations
    peak = PATHWAY.drug("linsitinib").peak_nM
    assert peak is not None
    assert linsitinib.doses_2 == (0, 0.1 * peak, peak)
    assert alpelisib.doses_2 == (0, 5)


@pytest.mark.parametrize("key", ["peak", "drugs.torin2"])
def test_a_drug_without_a_peak_is_named(key: str) -> None:
    doses = {"peak": [1]} if key == "peak" else {"drugs": {"torin2": {"peak": [1]}}}
    changes = {"combinations": {"pairs": [["trastuzumab", "torin2"]]}, "doses": doses}
    with pytest.raises(InputError, match=f"doses.{key}: .* peak of torin2, which has none"):
        make_plan(small(**changes), PATHWAY)


def gr50_by_hand(assay: type, line: str, drug: str) -> float:
    """Where the stand-in's growth falls to the rate of GR 0.5: log2(1.5) of the untreated one."""
    midpoint, share = 50.0 + len(drug), (1 - np.log2(1.5)) / 0.7
    return midpoint * share / (1 - share)


@pytest.mark.slow
def test_the_grid_is_centred_on_each_line_s_gr50(assay: type, home: Path) -> None:
    cube = open_cube(run(small(doses={"gr50": [0.5, 1, 2]})))
    assert cube["concentration_2"].dims == ("cell_line", "combination", "dose_2")
    expected = gr50_by_hand(assay, "SKBR3", "linsitinib")
    assert cube["panel"]["gr50"].values[0, 1] == pytest.approx(expected, rel=1e-4)
    assert cube["concentration_2"].values[0, 0] == pytest.approx(
        np.array([0, 0.5, 1, 2]) * expected, rel=1e-4
    )
    last = cube["gr_value"].isel(time=-1)
    assert last.values[:, :, 0, 2] == pytest.approx(0.5, abs=1e-4)
    assert last.values[:, :, 2, 0] == pytest.approx(0.5, abs=1e-4)


@pytest.mark.slow
def test_shards_find_the_centres_of_their_own_lines(assay: type, home: Path) -> None:
    config = small(doses={"gr50": [0.5, 1, 2]}, shard_simulations=16)
    whole = data_of(run(config, home / "whole.h5"))
    for part in range(3):
        run_part(config, (part, 3), home / "parts.h5")
    assert data_of(run(config, home / "parts.h5")) == whole


def test_where_the_gr50_is_not_reached_the_range_s_middle_stands_in(assay: type, home: Path) -> None:
    def never(untreated: Any, line: Any, doses: Any, times: Any, **rest: Any) -> Any:
        return dose(untreated, line, {name: 0.1 * np.minimum(dose, 1) for name, dose in doses.items()}, times)

    made = assay.compile(None, ["pAKT_S473"])
    dose = made.dose
    made.dose = never
    plan = make_plan(small(doses={"gr50": [1]}), PATHWAY)
    found = find_gr50(made, plan.design.centred, plan.outputs.times[-1], made.untreated(plan.design.lines))
    assert np.isinf(found).all()
    assert centres(plan.design, found)[0, 1] == pytest.approx(100.0)


@pytest.mark.slow
def test_a_dose_only_one_drug_is_centred_on(assay: type, home: Path) -> None:
    path = run(small(doses={"points": 4, "drugs": {"linsitinib": {"gr50": [1]}}}))
    with xr.open_dataset(path, engine="h5netcdf", group="panel") as panel:
        assert list(panel["centred_drug"].values) == ["linsitinib"]
    cube = open_cube(path)
    assert cube["concentration_1"].values[0] == pytest.approx(cube["concentration_1"].values[1])


@pytest.mark.slow
def test_gr50_agrees_with_the_evidence_s_search() -> None:
    plan = make_plan(
        small(combinations={"pairs": [["lapatinib", "neratinib"]]}, doses={"gr50": [1]}, times=["72 h"]),
        PATHWAY,
    )
    assay = Assay.compile(PATHWAY, [])
    found = find_gr50(assay, plan.design.centred, plan.outputs.times[-1], assay.untreated(plan.design.lines))
    fine = np.geomspace(*PATHWAY.drug("lapatinib").range_nM, 4000)
    untreated = assay.untreated(plan.design.lines[:1])
    rows = np.zeros(len(fine) + 1, np.intp)
    cells = assay.dose(untreated, rows, {"lapatinib": np.append(0, fine)}, np.array([72.0])).log_cells[:, 0]
    gr = 2 ** (cells[1:] / cells[0]) - 1
    assert found[0, 0] == pytest.approx(fine[np.argmax(gr <= 0.5)], rel=3e-3)
