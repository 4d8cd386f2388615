"""Groups and variables as they are stored: what is looked at when."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from screen.cube.about import About
from screen.cube.stored import of_file


def test_only_variables_that_are_asked_for_are_looked_at_and_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    original = About.of
    monkeypatch.setattr(About, "of", lambda data, paths: (looked.append(data.name), original(data, paths))[1])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("one", "two"):
            file[name] = np.arange(3.0)
            file[name].attrs["units"] = "nM"
        group = of_file(file, "a.h5")
        assert set(group) == {"one", "two"}
        two = group["two"]
        assert looked == []
        assert (two.shape, two.kind, two.units) == ((3,), "f", "nM")
        np.testing.assert_array_equal(two.values, [0, 1, 2])
        assert looked == ["/two"]
