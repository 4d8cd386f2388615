"""A cube from somebody else reads no other file, and ends."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from screen.cube.reader import CubeReader
from screen.cube.tree import open_cube
from screen.errors import InputError


def external_storage(file: h5py.File, secret: Path) -> None:
    file.create_dataset("viability", (4,), "u1", external=[(str(secret), 0, 4)])


def external_link(file: h5py.File, secret: Path) -> None:
    file["viability"] = h5py.ExternalLink(str(secret), "/x")


def soft_link(file: h5py.File, _: Path) -> None:
    file["viability"] = h5py.SoftLink("/nowhere")


def loop(file: h5py.File, _: Path) -> None:
    file.create_group("panel")["loop"] = file["/"]


def inner_loop(file: h5py.File, _: Path) -> None:
    inner = file.create_group("panel/inner")
    inner["again"] = file["panel"]


def virtual_source(file: h5py.File, secret: Path) -> None:
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource(str(secret), "x", (4,))
    file.create_virtual_dataset("viability", layout)


def virtual_source_above(file: h5py.File, _: Path) -> None:
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource("../x.run/shard-000001.h5", "x", (4,))
    file.create_virtual_dataset("viability", layout)


def storage_of_a_shard(file: h5py.File, secret: Path) -> None:
    folder = Path(file.filename).with_suffix(".run")
    folder.mkdir()
    with h5py.File(folder / "shard-000000.h5", "w") as shard:
        shard.create_dataset("x", (4,), "u1", external=[(str(secret), 0, 4)])
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource(f"{folder.name}/shard-000000.h5", "x", (4,))
    file.create_virtual_dataset("viability", layout)


def pipe_for_a_shard(file: h5py.File, _: Path) -> None:
    folder = Path(file.filename).with_suffix(".run")
    folder.mkdir()
    os.mkfifo(folder / "shard-000000.h5")
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource(f"{folder.name}/shard-000000.h5", "x", (4,))
    file.create_virtual_dataset("viability", layout)


def link_for_a_shard(file: h5py.File, secret: Path) -> None:
    folder = Path(file.filename).with_suffix(".run")
    folder.mkdir()
    (folder / "shard-000000.h5").symlink_to(secret)
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource(f"{folder.name}/shard-000000.h5", "x", (4,))
    file.create_virtual_dataset("viability", layout)


def huge_shape(file: h5py.File, _: Path) -> None:
    file.create_dataset("viability", (10**6, 10**6), "f8", chunks=(1000, 1000))


def other_filter(file: h5py.File, _: Path) -> None:
    file.create_dataset("viability", (100,), "f8", chunks=(10,), compression="lzf")


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (external_storage, "stored in another file"),
        (external_link, "link to elsewhere"),
        (soft_link, "link to elsewhere"),
        (loop, "group that holds it"),
        (inner_loop, "group that holds it"),
        (virtual_source, "is a view of"),
        (virtual_source_above, "is a view of"),
        (storage_of_a_shard, "stored in another file"),
        (pipe_for_a_shard, "no file"),
        (link_for_a_shard, "is a view of"),
        (huge_shape, "8e\\+03 GB"),
        (other_filter, "filter 32000"),
    ],
)
def test_a_cube_that_reaches_out_is_refused_at_once(
    tmp_path: Path, attack: Callable[[h5py.File, Path], None], words: str
) -> None:
    inside = tmp_path / "stranger"
    inside.mkdir()
    secret = tmp_path / "secret"
    secret.write_bytes(b"root")
    with h5py.File(inside / "c.h5", "w") as file:
        attack(file, secret)
    begun = time.monotonic()
    for opened in (CubeReader.open, open_cube):
        with pytest.raises(InputError, match=words):
            opened(inside / "c.h5")
    assert time.monotonic() - begun < 20


def test_a_heap_of_texts_that_does_not_add_up_is_refused_before_hdf5_hangs_on_it(tmp_path: Path) -> None:
    path = tmp_path / "c.h5"
    with h5py.File(path, "w") as file:
        for number in range(40):
            file.attrs[f"a{number}"] = "text" * number
    CubeReader.open(path).close()
    content = bytearray(path.read_bytes())
    content[content.index(b"GCOL") + 24] ^= 0x80  # the length of the first text
    path.write_bytes(content)
    with pytest.raises(InputError, match="heap of texts is damaged"):
        CubeReader.open(path)


def test_a_cube_of_our_own_kind_is_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file.create_dataset(
            "packed", data=np.arange(1000.0), chunks=(100,), compression="gzip", fletcher32=True
        )
        layout = h5py.VirtualLayout((4,), "f8")
        layout[:] = h5py.VirtualSource("c.run/shard-000003.h5", "x", (4,))
        file.create_virtual_dataset("viability", layout, fillvalue=np.nan)
    with CubeReader.open(tmp_path / "c.h5") as cube:
        assert cube.root["packed"].values.sum() == 499500
        assert np.isnan(cube.root["viability"].values).all()
