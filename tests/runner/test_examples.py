"""The example configurations: `herscreen plan` accepts each, and those of designs run, reduced."""

from pathlib import Path

import numpy as np
import pytest

from screen.config.screen import load_config, parse_config
from screen.cube.tree import triples_of
from screen.runner import open_cube, run
from screen.runner.execution.prepared import prepare
from tests.paths import ROOT, tracked

CONFIGS = ROOT / "configs"
ALL = tracked("configs", "*.yaml")
LINES = "cell_lines=[SKBR3, BT474-HR20]"


@pytest.mark.slow
@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_plan_accepts_every_example(path: Path) -> None:
    prepared = prepare(load_config(path))
    assert prepared.plan.design.simulations > 0


@pytest.mark.slow
def test_triples_tell_what_lies_beyond_the_pairs(tmp_path: Path) -> None:
    config = load_config(CONFIGS / "triples.yaml", [LINES, "doses.points=4", "synergy=[bliss, hsa]"])
    cube = open_cube(run(config, tmp_path / "x.h5"))
    triples, scores = triples_of(cube), triples_of(cube, "scores")
    assert triples is not None
    assert scores is not None
    assert list(scores["combination"].values) == [
        "trastuzumab+linsitinib+alpelisib",
        "trastuzumab+linsitinib+everolimus",
    ]
    assert np.isfinite(scores["bliss_beyond"].values).all()
    one = list(cube["combination"].values).index("trastuzumab+linsitinib")
    face = triples["viability"].isel(combination=0, dose_3=0).values
    assert (face == cube["viability"].isel(combination=one).values).all()


@pytest.mark.slow
def test_permuting_three_drugs_permutes_the_cube_bit_for_bit(tmp_path: Path) -> None:
    drugs, order = ["trastuzumab", "linsitinib", "alpelisib"], [2, 0, 1]
    settings = {
        "cell_lines": "BT474-HR20",
        "doses": {"points": 4},
        "times": "120 h",
        "synergy": ["bliss", "loewe"],
    }
    found = []
    for number, names in enumerate((drugs, [drugs[k] for k in order])):
        config = parse_config(settings | {"combinations": {"triples": [names]}})
        cube = open_cube(run(config, tmp_path / f"{number}.h5"))
        found.append((triples_of(cube), triples_of(cube, "scores")))
    (here, scores_here), (there, scores_there) = found
    axes = ["cell_line", "combination", *(f"dose_{order.index(k) + 1}" for k in range(3)), "time"]
    assert (there["viability"].transpose(*axes).values == here["viability"].values).all()
    for name in ("bliss_excess", "loewe_beyond_excess"):
        swapped = scores_there[name].transpose(*axes).values
        assert swapped == pytest.approx(scores_here[name].values, abs=1e-8)


@pytest.mark.slow
def test_clinical_doses_are_multiples_of_the_peaks(tmp_path: Path) -> None:
    config = load_config(CONFIGS / "clinical-doses.yaml", [LINES, "synergy=[bliss]"])
    cube = open_cube(run(config, tmp_path / "x.h5"))
    provenance = cube["provenance"]
    peaks = dict(zip(provenance["drug"].values, provenance["peak_nM"].values, strict=True))
    assert cube["concentration_2"].values[0] == pytest.approx(
        np.array([0, 0.01, 0.03, 0.1, 0.3, 1, 3]) * peaks["linsitinib"]
    )


@pytest.mark.slow
def test_grids_are_centred_where_each_line_responds(tmp_path: Path) -> None:
    config = load_config(CONFIGS / "gr50-centred.yaml", [LINES, "synergy=[bliss]"])
    cube = open_cube(run(config, tmp_path / "x.h5"))
    gr50, names = cube["panel"]["gr50"].values, list(cube["panel"]["centred_drug"].values)
    lapatinib = names.index("lapatinib")
    assert np.isfinite(gr50[:, lapatinib]).all()
    assert gr50[0, lapatinib] != gr50[1, lapatinib]
    assert cube["gr_value"].values[:, 0, 4, 0, 0] == pytest.approx(0.5, abs=1e-3)
