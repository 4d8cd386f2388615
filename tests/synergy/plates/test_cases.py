"""The cases that had gone wrong without a word, with what is right: those kept beside the checkout, and our own."""

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from screen.errors import InputError
from screen.synergy.plate_scores import PlateOptions, PlateScores, score_plates
from screen.synergy.plates.read_plates import Plates, read_plates
from tests.synergy.plates import awkward_cases
from tests.synergy.plates.own_cases import OWN
from tests.synergy.plates.table_of_cases import SHARED, Case, pair, plate

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


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARED)
def test_a_case_kept_beside_the_checkout_is_right(shared: Path, name: str) -> None:
    path = shared / "plates-cases" / name
    if not path.is_file():
        pytest.skip(f"no {name}")
    check(SHARED[name], path, PlateOptions(models=MODELS))


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN)
def test_a_case_of_our_own_is_right(tmp_path: Path, name: str) -> None:
    path, case, options = OWN[name](tmp_path)
    check(case, path, options)


def test_there_are_twenty_cases_of_our_own_and_more() -> None:
    assert len(OWN) >= 20
    assert set(vars(awkward_cases)) & set(OWN)


def test_models_without_curves_fit_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("a curve was fitted")

    monkeypatch.setattr("screen.synergy.curves.single_agent.fit_sigmoids", refuse)
    monkeypatch.setattr("screen.synergy.potency.potency.fit_sigmoids", refuse)
    plate().to_csv(tmp_path / "plate.csv", index=False)
    plates = read_plates(tmp_path / "plate.csv")
    found = score_plates(plates, PlateOptions(models=("hsa", "bliss")))
    assert found.summary.bliss[0] == pytest.approx(5.0)
    assert "ic50_1" not in found.summary
    with pytest.raises(AssertionError, match="a curve was fitted"):
        score_plates(plates, PlateOptions(models=("loewe",)))


@pytest.mark.slow
def test_memory_of_a_scattered_design_follows_its_wells(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    d1, d2 = 10 ** random.uniform(-1, 2, 3000), 10 ** random.uniform(-1, 2, 3000)
    wells = pd.DataFrame({"conc1": d1, "conc2": d2, "response": 100 * pair(d1, d2)})
    single = plate()[["conc1", "conc2", "response"]]
    pd.concat([single[(single.conc1 == 0) | (single.conc2 == 0)], wells]).to_csv(
        tmp_path / "s.csv", index=False
    )
    tracemalloc.start()
    plates = read_plates(tmp_path / "s.csv")
    found = score_plates(plates, PlateOptions(models=MODELS))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert plates.blocks[0].wells.size == 0
    assert found.summary.bliss_wells[0] == 3000
    assert found.summary.bliss[0] == pytest.approx(5.0, abs=1e-2)
    assert peak < 60e6  # a matrix of 3000 x 3000 doses alone takes 72 MB
