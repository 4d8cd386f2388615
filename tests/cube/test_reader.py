"""A cube is read the same from its file and from a tree, and what is missing is named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from screen.cube.reader import CubeReader, of_draws
from screen.cube.stored import open_file
from screen.cube.tree import open_cube
from screen.errors import InputError
from tests.cube.conftest import KINDS
from tests.cubes import edited

CubeOf = Callable[[str], Path]
GROUPS = ("", "panel", "scores", "controls", "ensemble", "replicates", "reference", "schedules", "provenance")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_file_and_tree_give_the_same_groups_variables_and_values(cube_of: CubeOf, kind: str) -> None:
    path = cube_of(kind)
    with CubeReader.open(path) as file, open_cube(path) as opened:
        tree = CubeReader.of_tree(opened)
        for where in (*GROUPS, "triples", "triples/scores"):
            one, two = file.group(where), tree.group(where)
            assert (one is None) == (two is None), where
            if one is None or two is None:
                continue
            assert set(one) <= set(two), where
            for name in one:
                assert one[name].dims == two[name].dims, (where, name)
                assert one[name].kind == two[name].kind, (where, name)
                assert one[name].dims or type(one[name][()]) is type(two[name][()]), (where, name)
                np.testing.assert_array_equal(one[name].values, two[name].values, f"{where}/{name}")


@pytest.mark.slow
def test_a_cube_says_what_it_is(cube_of: CubeOf) -> None:
    with CubeReader.open(cube_of("ensemble")) as cube:
        assert cube.cell_lines == ("SKBR3", "BT474", "JIMT-1")
        assert cube.combinations == ("trastuzumab+linsitinib", "trastuzumab+alpelisib")
        assert (cube.drugs(1)[0], cube.drugs(2)[1]) == ("trastuzumab", "alpelisib")
        assert set(cube.readouts) == {"viability", "gr_value", "pAKT_S473"}, "without _mean, _low and _high"
        assert cube.models == ("bliss",)
        assert cube.times_h.tolist() == [24.0, 72.0]
        assert cube.schedules == ()
        assert cube.config["name"] == "small"
        assert set(cube.solver) == {"rtol", "atol"}
        assert len(cube.identity["plan_sha256"]) == 64
        assert [check.name for check in cube.checks] == ["sham", "reference", "status"]
        assert cube.concentrations(1).shape == (1, 2, 4)
        one, two = cube.doses(0, 1)
        assert one[0] == two[0] == 0
        assert len(one) == 4


@pytest.mark.slow
def test_doses_that_differ_by_line_have_a_row_for_each(cube_of: CubeOf) -> None:
    with CubeReader.open(cube_of("centred")) as cube:
        assert cube.concentrations(2).shape[0] == 3
        np.testing.assert_array_equal(cube.doses(1, 0)[1], cube.concentrations(2)[1, 0])


@pytest.mark.slow
def test_an_array_has_the_axes_that_are_asked_for(cube_of: CubeOf) -> None:
    with CubeReader.open(cube_of("pairs")) as cube:
        viability = cube.root["viability"]
        whole = viability.values
        found = viability.array("dose_2", "dose_1", cell_line=1, combination=0, time=-1, schedule=0)
        np.testing.assert_array_equal(found, whole[1, 0, :, :, -1].T)
        one = viability.array(cell_line=0, combination=0, dose_1=0, dose_2=0, time=0)
        assert one.shape == (), "a single value has no axes"
        with pytest.raises(ValueError, match="found the dimensions"):
            viability.array("dose_1")


@pytest.mark.slow
def test_a_dimension_without_a_variable_is_none(cube_of: CubeOf) -> None:
    with CubeReader.open(cube_of("pairs")) as cube:
        assert "dose_1" not in cube.root
        assert cube.root.size("dose_1") == 4


@pytest.mark.slow
def test_what_is_missing_is_named(cube_of: CubeOf, tmp_path: Path) -> None:
    lacking = Path(shutil.copy(cube_of("pairs"), tmp_path / "lacking.h5"))
    with edited(lacking) as file:
        del file["provenance"], file["controls"], file["scores/bliss"]
    with CubeReader.open(lacking) as cube:
        with pytest.raises(InputError, match=r"lacking\.h5: .* found no group /provenance"):
            cube.text("config")
        with pytest.raises(InputError, match=r"lacking\.h5, /scores: .* found no variable 'bliss'"):
            cube.part("scores")["bliss"]
        assert cube.checks == ()
        assert cube.models == ()
        assert cube.get("nowhere", "x") is None


@pytest.mark.parametrize(
    ("content", "words"), [(None, "no such file"), ("text", "found no HDF5 file, expected a cube made by")]
)
def test_what_is_no_cube_is_one_line(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "a.h5"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=words):
        CubeReader.open(path)


@pytest.mark.slow
@pytest.mark.parametrize("locking", [False, True])
def test_a_cube_that_is_open_elsewhere_in_the_process_can_be_read(cube_of: CubeOf, locking: bool) -> None:
    path = cube_of("pairs")
    with h5py.File(path, "r", locking=locking), open_file(path) as file, open_cube(path) as tree:
        np.testing.assert_array_equal(file["scores/bliss"][...], tree["scores/bliss"].values)


@pytest.mark.slow
def test_a_flipped_byte_is_an_error_that_names_the_variable(cube_of: CubeOf, tmp_path: Path) -> None:
    bad = Path(shutil.copy(cube_of("pairs"), tmp_path / "bad.h5"))
    with h5py.File(bad) as file:
        place = file["viability"].id.get_chunk_info(0).byte_offset
    content = bytearray(bad.read_bytes())
    content[place] ^= 1
    bad.write_bytes(content)
    with CubeReader.open(bad) as cube, pytest.raises(InputError, match="'viability' cannot be read"):
        _ = cube.root["viability"].values


def test_only_what_belongs_to_a_known_variable_is_of_draws() -> None:
    assert of_draws("viability_low", ["viability"])
    assert not of_draws("HER2_low", ["viability"])
    assert not of_draws("bliss_max", ["bliss"])


def test_a_file_that_is_no_cube_is_told_in_plain_words(tmp_path):
    with pytest.raises(InputError, match="found a folder; expected a cube"):
        CubeReader.open(tmp_path)
    (tmp_path / "text.h5").write_text("x")
    with pytest.raises(
        InputError, match=r"text\.h5: found no HDF5 file, expected a cube made by `herscreen run`"
    ):
        CubeReader.open(tmp_path / "text.h5")
