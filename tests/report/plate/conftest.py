"""Plates whose answers are known: Bliss independence with some points of extra kill, replicates, and one bad well."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from screen.report.plate.view import PlateView, view_of
from screen.synergy.plate_scores import PlateOptions
from screen.synergy.plates.read_plates import read_plates

NASTY = "<script>alert('drug')</script>"
ONE, TWO = np.array([0.0, 2, 8, 30, 120]), np.array([0.0, 1, 5, 25, 100])


def rows(
    block: object = 1, extra: float = 5.0, noise: float = 0.0, copies: int = 1, **names: object
) -> list[dict[str, Any]]:
    """Wells of a pair whose drugs halve the cells at 12 and 9, in percent viability."""
    random, found = np.random.default_rng(3), []
    for one in ONE:
        for two in TWO:
            left = 100 / (1 + one / 12) / (1 + two / 9) - (extra if one and two else 0.0)
            for _ in range(copies):
                value = left + noise * random.standard_normal()
                well = {
                    "block_id": block,
                    "drug_row": "alpha",
                    "drug_col": "beta",
                    "conc_r": one,
                    "conc_c": two,
                }
                units = {"conc_r_unit": "nM", "conc_c_unit": "nM"}
                found.append(well | {"response": value} | units | names)
    return found


@pytest.fixture(scope="session")
def make_plate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    folder: Iterator[Path] = iter(lambda: tmp_path_factory.mktemp("plate"), None)

    def made(table: list[dict[str, Any]], name: str = "plate.csv") -> Path:
        path = next(folder) / name
        pd.DataFrame(table).to_csv(path, index=False)
        return path

    return made


@pytest.fixture(scope="session")
def plate(make_plate: Callable[..., Path]) -> Path:
    """Three blocks: synergy with three replicates and a bad well, antagonism under names to be escaped, nothing."""
    first = rows(1, 5.0, 2.0, 3, cell_line="SKBR3")
    for well in first:
        if (well["conc_r"], well["conc_c"]) == (30, 5):
            well["response"] = 90.0
    second = rows(2, -6.0, 1.0, drug_row=NASTY, cell_line='"><img src=x onerror=alert(1)>')
    return make_plate([*first, *second, *rows(3, 0.0, 1.0, cell_line="BT474", drug_col="gamma")])


@pytest.fixture(scope="session")
def view(plate: Path) -> PlateView:
    options = PlateOptions(models=("hsa", "bliss", "loewe", "zip"), bootstrap=20)
    return view_of(read_plates(plate, drugs=3), options, plate.name)
