"""AMICI's side of the comparison, run by the interpreter of AMICI's own environment: reads a model and
conditions from a folder, compiles, then solves once for every tolerance that it is told on standard input.

Imports nothing of this project. Time counts parameters, start, integration and copying of the end states; `alone`, what
its solver says that it took.
"""

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import amici
import numpy as np
from amici.importers.sbml import SbmlImporter
from amici.sim.sundials import SensitivityOrder, run_simulation


def compiled(path: Path) -> Any:
    """The model as AMICI's compiled extension; kept in AMICI's environment, since that takes a minute."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    name, target = f"model_{digest}", Path(sys.prefix) / "compared" / digest
    if not (target / name).is_dir():
        SbmlImporter(path).sbml2amici(
            name, target, compute_conservation_laws=False, generate_sensitivity_code=False, verbose=False
        )
    return amici.import_model_module(name, target).get_model()


def main() -> None:
    folder = Path(sys.argv[1])
    given = np.load(folder / "conditions.npz")
    model = compiled(folder / "model.xml")
    model.set_timepoints([float(given["end"])])
    solver = model.create_solver()
    solver.set_sensitivity_order(SensitivityOrder.none)
    solver.set_max_steps(1_000_000)
    ids, states = list(model.get_free_parameter_ids()), list(model.get_state_ids())
    defaults, initial = np.array(model.get_free_parameters()), np.array(model.get_initial_state())
    names, symbols = given["names"].tolist(), given["states"].tolist()
    varied = [k for k, name in enumerate(names) if name in ids]
    columns = [ids.index(names[k]) for k in varied]
    still = [k for k, name in enumerate(names) if name in states and name not in symbols]  # boundary species
    kept = [states.index(names[k]) for k in still]
    place = [states.index(name) for name in symbols]
    unknown = sorted(set(names) - {*ids, *states})
    print(json.dumps({"unknown": unknown}), flush=True)
    if unknown:
        return
    for line in sys.stdin:
        rtol = float(line)
        solver.set_relative_tolerance(rtol)
        solver.set_absolute_tolerance(rtol * 1e-3)
        found = np.full((len(given["rows"]), len(symbols)), np.nan)
        begin, alone = time.process_time(), 0.0
        for k, (row, first) in enumerate(zip(given["rows"], given["first"])):
            parameters, start = defaults.copy(), initial.copy()
            parameters[columns], start[kept], start[place] = row[varied], row[still], first
            model.set_free_parameters(parameters)
            model.set_initial_state(start)
            run = run_simulation(model, solver)
            alone += run.cpu_time / 1e3
            if run.status == 0:
                found[k] = run.x[-1][place]
        seconds = time.process_time() - begin
        np.save(folder / "found.npy", found)
        print(json.dumps({"seconds": seconds, "alone": alone}), flush=True)


if __name__ == "__main__":
    main()
