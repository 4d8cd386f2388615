"""What is said of two screens: settings as one writes them, and the best of the partners that both have."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from screen.report.findings.panels.compare import compare, setting_words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (None, "none"),
        ([{"name": "viability", "expression": None}, {"name": "x", "expression": "2 * y"}],
         "viability, x (expression: 2 * y)"),
        (["hsa", "bliss"], "hsa, bliss"),
        (0.5, "0.5"),
    ],
)  # fmt: skip
def test_a_setting_is_said_as_one_writes_it(value: object, words: str) -> None:
    assert setting_words(value) == words


def test_a_partner_of_one_screen_alone_is_not_another_best(
    make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    whole = make_cube(size=4, times=(72.0,), failures=False, lines=["BT474", "BT474-HR20", "JIMT-1"])
    names = ["lapatinib", "MK-2206", "alpelisib", "linsitinib"]
    for count in (4, 2):
        kept = whole.isel(combination=[list(whole["drug_2"].values).index(name) for name in names[:count]])
        kept.to_netcdf(tmp_path / f"{count}.h5", engine="h5netcdf")
    found = compare(tmp_path / "4.h5", tmp_path / "2.h5")
    assert {item.partner for line in found.lines for item in line.answers if item} <= set(names[:2])
    assert " the best is another one in 0 of " in found.sentences[0]
    assert all(line.moved == pytest.approx(0, abs=1e-9) for line in found.lines)
    assert np.isfinite([item.closed for line in found.lines for item in line.answers if item]).all()
