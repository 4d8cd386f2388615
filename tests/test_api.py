"""The public API as the package's first page shows it."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import screen
import screen.api.cubes
import screen.api.plates
import screen.config
import screen.kinetics
import screen.synergy

SMALL = """\
cell_lines: [SKBR3, JIMT-1]
combinations: {anchor: trastuzumab, partners: [linsitinib]}
doses: {points: 4}
times: 72 h
"""

PUBLIC = {
    screen: {
        "__version__",
        "explore",
        "fit_line",
        "load_config",
        "open_cube",
        "plate_figures",
        "read_plates",
        "run",
        "score",
        "score_plates",
        "write_plate_report",
        "write_report",
    },
    screen.config: {"ScreenConfig", "load_config"},
    screen.kinetics: {
        "Dose",
        "Engine",
        "InvalidModel",
        "Model",
        "Sensitivities",
        "Status",
        "SteadyStates",
        "Trajectories",
        "UnsupportedModel",
        "WeightedGradient",
        "compile_engine",
        "gradient",
        "load_model",
        "sensitivities",
        "simulate",
    },
    screen.synergy: {
        "MEASURED",
        "SIMULATED",
        "Score",
        "ScoringOptions",
        "TensorScore",
        "score_cube",
        "score_matrices",
        "score_tensors",
    },
}
"""What users may import: a name that comes or goes is a change of the API, and is told in the changelog."""


@pytest.mark.parametrize("package", PUBLIC, ids=lambda package: package.__name__)
def test_the_public_names_are_these_and_no_others(package: ModuleType) -> None:
    assert set(package.__all__) == PUBLIC[package]
    assert len(package.__all__) == len(PUBLIC[package])
    assert all(hasattr(package, name) for name in PUBLIC[package])


def test_every_function_of_the_top_is_public() -> None:
    modules = (screen.api.cubes, screen.api.plates)
    functions = {
        name
        for module in modules
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__
    }
    assert functions == PUBLIC[screen] - {"__version__"}


def test_packages_load_when_they_are_first_used() -> None:
    assert all(getattr(screen, name).__name__ == f"screen.{name}" for name in ("runner", "pathway", "report"))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        screen.nothing  # noqa: B018


@pytest.mark.slow
def test_the_first_page_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL)
    config = screen.load_config("small.yaml", ["doses.points=5"])
    cube = screen.run(config, jobs=2)
    assert cube["viability"].shape == (2, 1, 5, 5, 1)
    scores = screen.score(cube, models=["bliss", "loewe"])
    assert scores["bliss"].equals(cube["scores"]["bliss"])
    page = screen.write_report(cube, scores, "results/small.html")
    assert page.stat().st_size > 10_000
    assert "No pair was explained" in page.read_text()
    whole = screen.write_report("results/small.h5", None, "results/small.html", explain=1)
    assert "No pair was explained" not in whole.read_text()
    assert (screen.open_cube("results/small.h5")["status"] == 0).all()


@pytest.mark.slow
def test_a_line_is_fitted_to_a_table_of_wells() -> None:
    doses = np.array([(one, two) for one in (0, 1, 100) for two in (0, 100, 1000)], float)
    wells = pd.DataFrame(doses, columns=["conc1", "conc2"])
    wells = wells.assign(drug1="trastuzumab", drug2="linsitinib", conc_unit="nM", time_h=72)
    wells["viability"] = 100 / (1 + doses[:, 0] / 300) / (1 + doses[:, 1] / 3000)
    found = screen.fit_line(wells, around="AU565", draws=4, particles=32)
    assert found.time_h == 72.0
    assert len(found.posterior) == 4
    assert {"name", "median", "q05", "q95"} <= set(found.quantities)
    assert ("explains" if found.explained else "cannot explain") in str(found)
