"""Sobol indices tell what matters from what does not."""

from pathlib import Path

import numpy as np
import pytest

from screen.analysis.markers.sobol import _line, sobol
from screen.config.screen import parse_config
from screen.errors import InputError
from screen.pathway.panels.sampled_lines import load_population
from screen.runner import run

pytest.importorskip("SALib", reason="the optional extra `sensitivity`")


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = {
        "name": "indices",
        "cell_lines": ["SKBR3"],
        "combinations": {"anchor": "trastuzumab", "partners": ["lapatinib"]},
        "doses": {"points": 3},
        "times": "72 h",
    }
    return run(parse_config(settings), tmp_path_factory.mktemp("sobol") / "indices.h5")


@pytest.mark.slow
def test_indices_of_every_entity_and_outcome_are_the_same_for_the_same_seed(cube: Path) -> None:
    found = sobol(cube, samples=8, seed=1)
    assert found == sobol(cube, samples=8, seed=1)
    entities = {item.entity for item in found.indices}
    assert {"HER2", "PTEN", "IGF2"} <= entities
    assert {item.outcome for item in found.indices} == {"trastuzumab alone", "trastuzumab+lapatinib"}
    assert found.lines == 8 * (len(entities) + 2)
    assert found.failed == 0
    totals = [item.total for item in found.indices if item.outcome == "trastuzumab alone"]
    assert totals == sorted(totals, reverse=True)


def test_lines_are_drawn_by_quantiles_of_the_population() -> None:
    spreads = load_population()
    middle = _line(spreads, np.full(len(spreads), 0.5)).values
    [her2, pten] = [spread for spread in spreads if spread.entity in ("HER2", "PTEN")]
    assert middle["HER2"] == pytest.approx(her2.median)
    assert middle["p95HER2"] == 0
    altered = _line(spreads, np.full(len(spreads), 0.01)).values
    assert altered["p95HER2"] == 0.2
    assert altered["PTEN"] == pten.amount


@pytest.mark.slow
def test_samples_must_be_a_power_of_two(cube: Path) -> None:
    with pytest.raises(InputError, match="found 12, expected a power of 2"):
        sobol(cube, samples=12)
