"""A cube says when it is damaged or was edited: every text, number, unit and dimension has a checksum."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from screen.analysis.cubes.verify import check_whole
from screen.cube.digests import CHECKSUMS, _of_own, of_values
from screen.cube.reader import CubeReader
from screen.cube.tree import open_cube
from screen.errors import InputError
from screen.runner.results.rescore import rescore
from tests.cube.conftest import KINDS
from tests.hardening.flips import FOUND, SAME, bits_of, everything, flip

CubeOf = Callable[[str], Path]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_variable_of_every_kind_of_cube_has_a_checksum(cube_of: CubeOf, kind: str) -> None:
    path = cube_of(kind)
    variables: list[str] = []
    with h5py.File(path) as file:
        file.visititems(lambda name, item: variables.append(name) if isinstance(item, h5py.Dataset) else None)
        assert file.id.get_create_plist().get_version()[0] == 3, "the superblock that has a checksum"
    assert check_whole(path) == len(variables) - 1, "all but the checksums themselves"


def edit_unit(file: h5py.File) -> None:
    file["viability"].attrs["units"] = "percent"


def edit_text(file: h5py.File) -> None:
    file["provenance/host"][()] = "elsewhere"


def edit_name(file: h5py.File) -> None:
    file["cell_line"][0] = "MCF7"


def edit_attribute(file: h5py.File) -> None:
    file["scores"].attrs["readout"] = "gr_value"
    file.attrs["title"] = "another"


def edit_seed(file: h5py.File) -> None:
    file["provenance/seed"][()] = 8


def edit_dimensions(file: h5py.File) -> None:
    data = file["concentration_1"]
    data.dims[0].detach_scale(file["combination"])
    data.dims[0].attach_scale(file["cell_line"])


def swap(file: h5py.File) -> None:
    file.move("viability", "kept")
    file.move("gr_value", "viability")
    file.move("kept", "gr_value")


def lose(file: h5py.File) -> None:
    del file["viability"]


def lose_group(file: h5py.File) -> None:
    del file["controls"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    [edit_unit, edit_text, edit_name, edit_attribute, edit_seed, edit_dimensions, swap, lose, lose_group],
)
def test_what_was_edited_is_not_read(
    cube_of: CubeOf, tmp_path: Path, edit: Callable[[h5py.File], None]
) -> None:
    path = Path(shutil.copy(cube_of("pairs"), tmp_path / "c.h5"))
    with h5py.File(path, "r+") as file:
        edit(file)
    words = r"c\.h5.*(changed since the cube was written|is not there)"
    with pytest.raises(InputError, match=words), open_cube(path):
        pass
    with pytest.raises(InputError, match=words):
        everything(path, ["", "controls", "scores", "provenance"])


def test_numbers_that_were_edited_are_found_by_verify(cube_of: CubeOf, tmp_path: Path) -> None:
    path = Path(shutil.copy(cube_of("pairs"), tmp_path / "c.h5"))
    with h5py.File(path, "r+") as file:
        file["scores/bliss"][0, 0, 0] += 1
    with pytest.raises(InputError, match=r"c\.h5, /scores: the variable 'bliss' changed since"):
        check_whole(path)


@pytest.mark.slow
def test_a_cube_of_before_has_no_checksums_and_is_read(cube_of: CubeOf, tmp_path: Path) -> None:
    path = Path(shutil.copy(cube_of("pairs"), tmp_path / "c.h5"))
    with h5py.File(path, "r+") as file:
        del file[CHECKSUMS]
        file["viability"].attrs["units"] = "percent"
    assert check_whole(path) is None
    with CubeReader.open(path) as cube, open_cube(path):
        assert cube.root["viability"].units == "percent"


def test_damaged_checksums_are_one_line(cube_of: CubeOf, tmp_path: Path) -> None:
    for text in ("", "[]", "{", '{"a": 1}'):
        path = Path(shutil.copy(cube_of("pairs"), tmp_path / "c.h5"))
        with h5py.File(path, "r+") as file:
            file[CHECKSUMS][()] = text
            file[CHECKSUMS].attrs["sha256"] = _of_own(file[CHECKSUMS])
        with pytest.raises(InputError, match="checksums is damaged"):
            CubeReader.open(path)


@pytest.mark.slow
def test_a_cube_that_is_scored_again_is_whole_and_keeps_the_other_checksums(
    cube_of: CubeOf, tmp_path: Path
) -> None:
    path = Path(shutil.copy(cube_of("triples"), tmp_path / "c.h5"))
    with h5py.File(path) as file:
        before = file[CHECKSUMS].asstr()[()]
    rescore(path, ("hsa", "bliss"), "viability")
    with h5py.File(path) as file:
        after = file[CHECKSUMS].asstr()[()]
    assert before != after
    assert check_whole(path)
    with h5py.File(path, "r+") as file:
        file["viability"].attrs["units"] = "percent"
    with pytest.raises(InputError, match="'viability' changed"):
        rescore(path, ("hsa",), "viability")


def test_a_digest_knows_the_values_and_not_how_they_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.arange(600.0).reshape(60, 10)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        one = file.create_dataset("one", data=values)
        two = file.create_dataset("two", data=values, chunks=(7, 3))
        other = file.create_dataset("other", data=values + (values == 599))
        texts = [file.create_dataset(f"t{k}", data=each) for k, each in enumerate((["a", "bc"], ["ab", "c"]))]
        whole = of_values(one)
        assert whole == of_values(two) != of_values(other)
        assert of_values(texts[0]) != of_values(texts[1])
        monkeypatch.setattr("screen.cube.digests.BLOCK_BYTES", 300)
        assert whole == of_values(one) == of_values(two)


@pytest.mark.slow
def test_no_flipped_bit_goes_unseen(cube_of: CubeOf) -> None:
    path = cube_of("pairs")
    bits = bits_of(path, 30, random.Random(7))
    wrong = [found for found in flip(path, bits) if found[1] not in (SAME, FOUND)]
    assert not wrong
