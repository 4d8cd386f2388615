"""A cube carries its checks, and can be recomputed from its file alone."""

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from screen.analysis.cubes.cube_model import opened
from screen.analysis.cubes.verify import verify
from screen.config.screen import parse_config
from screen.cube.reader import CubeReader
from screen.cube.status import FAILED
from screen.errors import InputError
from screen.pathway import load_pathway
from screen.report.write_report import write_report
from screen.runner import run
from tests.cubes import edited


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = {
        "name": "checked",
        "cell_lines": [
            "KPL-4",  # no omics: what its row leaves unsaid is as the model has it
            {"name": "low", "parent": "SKBR3", "perturbation": {"IRS1": 0.3, "p95HER2": 1}},
        ],
        "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib"]},
        "doses": {"points": 4, "drugs": {"linsitinib": {"points": 3}}},
        "times": ["24 h", "96 h"],
        "readouts": ["viability", "gr_value", "growth_rate", "pAKT_S473", "pFOXO3A"],
    }
    return run(parse_config(settings), tmp_path_factory.mktemp("verify") / "checked.h5")


@pytest.mark.slow
def test_the_controls_of_a_run_pass(cube: Path) -> None:
    checks = {check.name: check for check in CubeReader.open(cube).checks}
    assert set(checks) == {"sham", "reference", "status"}
    assert all(check.passed for check in checks.values())
    assert checks["sham"].value < 0.5
    assert checks["reference"].value < 1e-5
    with h5py.File(cube) as file:
        controls = file["controls"]
        assert list(controls["sham"].asstr()) == ["trastuzumab+trastuzumab", "linsitinib+linsitinib"]
        excess, on_curve = controls["loewe_excess"][...], controls["on_curve"][...].astype(bool)
        assert np.nanmax(np.abs(excess[:, 0][:, on_curve[0]])) == pytest.approx(
            np.nanmax(controls["loewe_largest"][:, 0])
        )
        assert controls["status_share"][...].sum() == 1
        assert "+".join(["trastuzumab"] * 2) not in list(file["combination"].asstr())


@pytest.mark.slow
def test_a_cube_verifies_from_its_file_alone(cube: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copy(cube, tmp_path / "elsewhere.h5"))
    found = verify(moved, points=6, seed=3)
    assert found.passed
    assert found.deviation.shape == (5, 6)
    assert found.largest < 1e-5


@pytest.mark.slow
def test_what_a_line_leaves_unsaid_stands_in_the_file_as_it_was_simulated(cube: Path) -> None:
    pathway = load_pathway()
    assert "AR" not in pathway.cell_lines["KPL-4"].values
    with opened(cube) as model:
        assert model.lines[0].values["AR"] == pathway.parameters["f_AR"].value != 1


@pytest.mark.slow
def test_a_number_that_was_changed_is_found(cube: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copy(cube, tmp_path / "changed.h5"))
    with edited(changed) as file:
        file["pAKT_S473"][...] *= 1.01
    found = verify(changed, points=4, seed=0)
    assert not found.passed
    assert found.readouts[int(found.deviation.max(axis=1).argmax())] == "pAKT_S473"


@pytest.mark.slow
def test_few_points_of_a_screen_with_triples_are_as_many_as_were_asked(tmp_path: Path) -> None:
    settings = {
        "cell_lines": ["BT474"],
        "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib", "alpelisib"], "triples": "all"},
        "doses": {"points": 2},
        "readouts": ["viability"],
    }
    cube = run(parse_config(settings), tmp_path / "triples.h5")
    for points in (1, 2, 3, 5):
        found = verify(cube, points, seed=1)
        assert found.deviation.shape == (1, points)
        assert found.passed
    drugs = [name.count("+") + 1 for name in verify(cube, 2, seed=1).combination]
    assert drugs == [2, 3]
    with edited(cube) as file:
        for where in ("status", "triples/status"):
            file[where][...] = FAILED
    with pytest.raises(InputError, match="every well that was drawn had failed"):
        verify(cube, 4, seed=1)


@pytest.mark.slow
def test_a_cube_without_its_model_is_an_error(cube: Path, tmp_path: Path) -> None:
    lacking = Path(shutil.copy(cube, tmp_path / "lacking.h5"))
    with edited(lacking) as file:
        del file["provenance"]
    with pytest.raises(InputError, match="a part of the cube is not there"):
        verify(lacking)


@pytest.mark.slow
def test_a_failed_control_is_red_and_first_on_the_page(cube: Path, tmp_path: Path) -> None:
    failing = Path(shutil.copy(cube, tmp_path / "failing.h5"))
    with edited(failing) as file:
        file["controls/passed"][0] = 0
    page = write_report(failing, None, tmp_path / "page.html").read_text()
    banner = page[page.index('class="checks"') :]
    assert banner.index('class="bad"') < banner.index('class="good"')
    assert "A control failed" in banner
