"""The whole quickstart grid against SciPy and libRoadRunner at rtol 1e-10: is every readout right, and what
does it cost?

Agreement is 1e-4 of the value plus 1e-6 of the readout's largest value. SciPy steps through the same
compiled rates and Jacobian, with its loop over wells in Python; libRoadRunner reads the exported SBML.
"""

import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import numpy as np

from screen.runner.simulate.model import model_sbml
from tests.benchmarks.tables import installed, machine, table
from tests.peers.grid import Wells, excess_error, quickstart_wells

SHOWN = ("libroadrunner", "scipy")


def main() -> None:
    wells = quickstart_wells()
    wells.batched()
    batched, seconds = sorted((_timed(wells.batched) for _ in range(3)), key=lambda run: run[1])[1]
    count = len(wells.parameters)
    print(f"{machine()}; {installed(SHOWN)}.\n")
    rows = [[f"batched, rtol {wells.assay.rtol:g}", f"{seconds / count * 1e6:.1f}", "", "", ""]]
    rows.append(_compared("SciPy, our compiled rates, loop in Python", wells.scipy, wells, batched, seconds))
    if find_spec("roadrunner"):
        solve = partial(wells.roadrunner, model_sbml(wells.assay.pathway))
        rows.append(_compared("libRoadRunner, exported SBML", solve, wells, batched, seconds))
    print(
        table(
            ["solver", "us per well", "times ours", "largest error, share of what is allowed", "agree"], rows
        )
    )
    if any(float(row[3].split()[0]) > 1 for row in rows[1:]):
        raise SystemExit(1)


def _compared(
    name: str, solve: Callable[[], np.ndarray], wells: Wells, batched: np.ndarray, seconds: float
) -> list[str]:
    reference, its_seconds = _timed(solve)
    errors = excess_error(batched, reference)
    worst = int(np.argmax(errors))
    return [
        name,
        f"{its_seconds / len(wells.parameters) * 1e6:,.0f}",
        f"{its_seconds / seconds:,.0f}",
        f"{errors[worst]:.3f} ({wells.readouts[worst]})",
        f"{int((errors <= 1).sum())} of {len(errors)} readouts",
    ]


def _timed(function: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    start = time.process_time()
    answer = function()
    return answer, time.process_time() - start


if __name__ == "__main__":
    main()
