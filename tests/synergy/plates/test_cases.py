"""The cases that had gone wrong without a word, with what is right: those kept beside the checkout, and our own."""

from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.synergy.plate_scores import PlateOptions, PlateScores, score_plates
from screen.synergy.plates.read_plates import Plates, read_plates
from tests.synergy.plates.own_cases import OWN
from tests.synergy.plates.table_of_cases import SHARED, Case

MODELS = ("hsa", "bliss", "loewe", "zip")


def check(case: Case, path: Path, options: PlateOptions) -> None:
    """Read, score and compare with what is right."""
    if isinstance(case.right, str):
        with pytest.raises(InputError, match=case.right):
            read_plates(path, reading=options.reading)
        return
    plates = read_plates(path, reading=options.reading)
    found = score_plates(plates, options)
    assert len(found.summary) == case.blocks, list(found.summary.block_id)
    for name, right in case.right.items():
        scale = 1 + np.abs(right) / 10 if name.startswith("ic50") else 1
        shown = found.summary[name].to_numpy(dtype=float)
        wanted = np.broadcast_to(right, shown.shape)
        np.testing.assert_allclose(shown, wanted, atol=6e-3 * np.max(scale), err_msg=name)
    words = _everything(plates, found)
    for word in case.said:
        assert word in words, (word, words)


def _everything(plates: Plates, found: PlateScores) -> str:
    return " | ".join(map(str, [*plates.messages, *found.summary.to_numpy().ravel()]))


@pytest.mark.parametrize("name", SHARED)
def test_a_case_kept_beside_the_checkout_is_right(shared: Path, name: str) -> None:
    path = shared / "plates-cases" / name
    if not path.is_file():
        pytest.skip(f"no {name}")
    check(SHARED[name], path, PlateOptions(models=MODELS))


@pytest.mark.parametrize("name", OWN)
def test_a_case_of_our_own_is_right(tmp_path: Path, name: str) -> None:
    path, case, options = OWN[name](tmp_path)
    check(case, path, options)


def test_there_are_twenty_cases_of_our_own_and_more() -> None:
    assert len(OWN) >= 20
