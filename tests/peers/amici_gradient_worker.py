"""AMICI's side of the comparison of gradients, run by the interpreter of AMICI's own environment: compiles the model
`model.xml` of a folder with the observables that `asked.json` names, and writes, for each tolerance, the gradient of
half their sum of squares at the end by its adjoint method, and the seconds that its solver counted, to `gradients.npz`.
Imports nothing of this project.
"""

import hashlib
import json
import sys
from pathlib import Path

import amici
import numpy as np
from amici import MeasurementChannel
from amici.importers.sbml import SbmlImporter
from amici.sim.sundials import ExpData, SensitivityMethod, SensitivityOrder, run_simulation


def main() -> None:
    folder = Path(sys.argv[1])
    asked = json.loads((folder / "asked.json").read_text())
    channels = [MeasurementChannel(f"observed_{name}", formula=name, sigma=1.0) for name in asked["readouts"]]
    text = (folder / "model.xml").read_bytes() + json.dumps(asked["readouts"]).encode()
    digest = hashlib.sha256(text).hexdigest()[:16]
    name, target = f"slopes_{digest}", Path(sys.prefix) / "compared" / f"slopes_{digest}"
    if not (target / name).is_dir():
        SbmlImporter(folder / "model.xml").sbml2amici(
            name, target, observation_model=channels, compute_conservation_laws=False, verbose=False
        )
    model = amici.import_model_module(name, target).get_model()
    model.set_timepoints([asked["end"]])
    data = ExpData(model)
    data.set_measurements([0.0] * len(channels))
    ids, defaults = list(model.get_free_parameter_ids()), np.array(model.get_free_parameters())
    columns = [ids.index(name) for name in asked["names"]]
    model.set_parameter_list(columns)
    gradients, seconds = [], []
    for rtol in asked["tolerances"]:
        solver = model.create_solver()
        solver.set_sensitivity_order(SensitivityOrder.first)
        solver.set_sensitivity_method(SensitivityMethod.adjoint)
        solver.set_max_steps(1_000_000)
        for part in ("", "_b", "_quadratures"):
            getattr(solver, f"set_relative_tolerance{part}")(rtol)
            getattr(solver, f"set_absolute_tolerance{part}")(rtol * 1e-3)
        spent, found = 0.0, []
        for row in asked["rows"]:
            parameters = defaults.copy()
            parameters[columns] = row
            model.set_free_parameters(parameters)
            run = run_simulation(model, solver, data)
            spent += (run.cpu_time + run.cpu_time_b) / 1e3
            found.append(-np.array(run.sllh) if run.status == 0 else np.full(len(columns), np.nan))
        gradients.append(found)
        seconds.append(spent)
    np.savez(folder / "gradients.npz", gradients=gradients, seconds=seconds)


if __name__ == "__main__":
    main()
