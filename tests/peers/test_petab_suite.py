"""The PEtab Test Suite (`pip install --no-deps petabtests`): likelihoods and simulations as its authors derived them,
in version 1 and in what the `petab` library makes of them in version 2.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from screen.kinetics.petab import load_petab

pytest.importorskip("petab.v2", reason="petab is not installed")
suite = find_spec("petabtests")
PLACES = () if suite is None else suite.submodule_search_locations or ()
CASES = sorted(case for place in PLACES for case in Path(place).glob("cases/v1.0.0/sbml/0*"))


@pytest.mark.skipif(not CASES, reason="petabtests is not installed")
@pytest.mark.slow
def test_every_case_has_the_likelihood_and_the_simulations_of_the_suite() -> None:
    wrong = []
    for case in CASES:
        solution = yaml.safe_load((case / f"_{case.name}_solution.yaml").read_text())
        problem = load_petab(case / f"_{case.name}.yaml")
        likelihood = -problem.objective(problem.nominal)
        if abs(likelihood - solution["llh"]) > solution["tol_llh"] * 1e-4:
            wrong.append(f"{case.name}: {likelihood} not {solution['llh']}")
        expected = pd.read_csv(case / solution["simulation_files"][0], sep="\t")["simulation"]
        found = problem.simulate(problem.nominal)["simulation"]
        if not np.allclose(found, expected, rtol=1e-6, atol=1e-7):
            wrong.append(f"{case.name}: simulations")
        gradient = problem.gradient(problem.nominal)
        for k, step in enumerate(1e-4 * np.eye(len(problem.names))):
            slope = (
                problem.objective(problem.nominal + step) - problem.objective(problem.nominal - step)
            ) / 2e-4
            if abs(gradient[k] - slope) > 1e-5 * (np.abs(gradient).max() + 1):
                wrong.append(f"{case.name}: gradient by {problem.names[k]}, {gradient[k]} not {slope}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(not CASES, reason="petabtests is not installed")
@pytest.mark.slow
def test_every_case_that_the_library_converts_keeps_its_likelihood(tmp_path: Path) -> None:
    from petab.v2.petab1to2 import petab_files_1to2

    wrong, converted = [], 0
    for case in CASES:
        path, folder = case / f"_{case.name}.yaml", tmp_path / case.name
        one = load_petab(path)
        if "observableTransformation" in one.tables.observables.columns:
            continue  # the library loses it (petab 0.8)
        try:
            petab_files_1to2(path, folder)
        except (ValueError, NotImplementedError):
            continue
        converted += 1
        two = load_petab(folder / path.name)
        values = dict(zip(one.names, one.unscaled(one.nominal)))
        there = two.objective([values[name] for name in two.names])
        if abs(there - one.objective(one.nominal)) > 1e-6:
            wrong.append(f"{case.name}: {there} not {one.objective(one.nominal)}")
    assert not wrong, "\n".join(wrong)
    assert converted >= 12
