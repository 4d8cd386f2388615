"""AMICI's side of the comparison of PEtab problems, run by the interpreter of AMICI's own environment (which has
`petab` too): `python amici_petab_worker.py PROBLEM.yaml RTOL FACTOR` prints the log-likelihood where the estimated
parameters are FACTOR times their nominal values, and its derivatives by them, on their scales, as one line of JSON.
Imports nothing of this project.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import petab.v1
import petab.v2
from amici.importers.petab import PetabImporter
from amici.importers.petab.v1 import import_petab_problem
from amici.sim.sundials import SensitivityMethod, SensitivityOrder, SteadyStateSensitivityMode
from amici.sim.sundials.petab.v1 import simulate_petab


def tight(solver: Any, rtol: float) -> Any:
    """The solver with forward sensitivities, all of it as exact as `rtol` says."""
    solver.set_sensitivity_order(SensitivityOrder.first)
    solver.set_sensitivity_method(SensitivityMethod.forward)
    solver.set_max_steps(10_000_000)
    for part in ("", "_fsa"):
        getattr(solver, f"set_relative_tolerance{part}")(rtol)
        getattr(solver, f"set_absolute_tolerance{part}")(rtol * 1e-4)
    return solver


def main(path: Path, rtol: float, factor: float) -> None:
    files = sorted(file for file in path.parent.iterdir() if file.is_file())
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    kept = Path(sys.prefix) / "compared" / f"petab_{digest}"  # compiling takes minutes
    if "format_version: 2" in path.read_text():
        problem = petab.v2.Problem.from_yaml(str(path))
        importer = PetabImporter(problem, module_name=f"petab_{digest}", output_dir=kept, verbose=False)
        simulator = importer.create_simulator()
        simulator.model.set_steady_state_sensitivity_mode(SteadyStateSensitivityMode.integrateIfNewtonFails)
        tight(simulator.solver, rtol)
        found = simulator.simulate({k: factor * problem.get_x_nominal_dict()[k] for k in problem.x_free_ids})
        likelihood, slopes = found.llh, found.sllh
    else:
        first = petab.v1.Problem.from_yaml(str(path))
        if petab.v1.measurement_table_has_timepoint_specific_mappings(first.measurement_df):
            petab.v1.flatten_timepoint_specific_output_overrides(first)  # AMICI knows no other way
        model = import_petab_problem(first, kept, model_name=f"petab_{digest}", verbose=False)
        free = set(first.x_free_ids)
        values = {k: v * factor if k in free else v for k, v in zip(first.x_ids, first.x_nominal)}
        result = simulate_petab(
            first,
            amici_model=model,
            solver=tight(model.create_solver(), rtol),
            problem_parameters=values,
            scaled_gradients=True,
        )
        likelihood, slopes = result["llh"], result["sllh"]
    print(json.dumps({"llh": float(likelihood), "slopes": {k: float(v) for k, v in slopes.items()}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
