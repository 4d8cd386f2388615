"""Cubes that the runner really writes, one of each kind, from responses in closed form."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screen.runner import run
from tests.runner.conftest import ClosedForm, small

KINDS: dict[str, dict[str, Any]] = {
    "pairs": {},
    "triples": {"combinations": {"triples": [["trastuzumab", "linsitinib", "alpelisib"]]}},
    "schedules": {"schedules": ["concurrent", {"name": "anchor first", "partner": {"start": "24 h"}}]},
    "ensemble": {"ensemble": {"draws": 3, "keep": True}},
    "adaptive": {"doses": {"points": 16, "adaptive": {"wells": 40}}},
    "rays": {"doses": {"points": 4, "rays": [0.5, 1]}},
    "centred": {"doses": {"gr50": [0.5, 1, 2]}},
    "replicates": {"replicates": {"number": 2, "noise": {"additive": 0.02}}},
    "mixtures": {
        "cell_lines": ["SKBR3", {"mixture": {"SKBR3": 0.9, "SKBR3-pool2": 0.1}, "name": "mixed"}],
        "readouts": ["viability", "share_SKBR3_pool2"],
    },
}


@pytest.fixture(scope="session")
def cube_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The path of the cube of a kind, made once."""
    folder, made = tmp_path_factory.mktemp("cubes"), dict[str, Path]()

    def path_of(kind: str) -> Path:
        if kind not in made:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("screen.runner.simulate.model.Assay", ClosedForm)
                made[kind] = run(small(**KINDS[kind]), folder / f"{kind}.h5")
        return made[kind]

    return path_of
