"""AMICI's side of the comparison of sensitivities, run by the interpreter of AMICI's own environment: compiles the
model `model.xml` of a folder and writes the states and their derivatives by the parameters that `asked.json` names to
`slopes.npz`. Imports nothing of this project.
"""

import json
import sys
from pathlib import Path

import amici
import numpy as np
from amici.importers.sbml import SbmlImporter
from amici.sim.sundials import SensitivityMethod, SensitivityOrder, run_simulation


def main() -> None:
    folder = Path(sys.argv[1])
    asked = json.loads((folder / "asked.json").read_text())
    SbmlImporter(folder / "model.xml").sbml2amici(
        "peer", folder / "peer", compute_conservation_laws=False, verbose=False
    )
    model = amici.import_model_module("peer", folder / "peer").get_model()
    model.set_timepoints(asked["times"])
    solver = model.create_solver()
    solver.set_sensitivity_order(SensitivityOrder.first)
    solver.set_sensitivity_method(SensitivityMethod.forward)
    for setting in (solver.set_relative_tolerance, solver.set_relative_tolerance_fsa):
        setting(asked["rtol"])
    for setting in (solver.set_absolute_tolerance, solver.set_absolute_tolerance_fsa):
        setting(asked["rtol"] * 1e-3)
    run = run_simulation(model, solver)
    ids, states = list(model.get_free_parameter_ids()), list(model.get_state_ids())
    columns, places = [ids.index(name) for name in asked["names"]], [states.index(s) for s in asked["states"]]
    np.savez(folder / "slopes.npz", values=run.x[:, places], slopes=run.sx[:, columns][:, :, places])


if __name__ == "__main__":
    main()
