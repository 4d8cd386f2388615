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

from screen.runner.model import model_sbml
from tests.peers.grid import Wells, excess_error, quickstart_wells


def main() -> None:
    wells = quickstart_wells()
    wells.batched()
    batched, seconds = min((_timed(wells.batched) for _ in range(3)), key=lambda run: run[1])
    count = len(wells.parameters)
    print(f"{count} wells, {len(wells.readouts)} readouts, one core")
    print(f"batched, rtol {wells.assay.rtol:g}: {seconds / count * 1e6:.1f} us per well", flush=True)
    agree = [_compare("SciPy", wells.scipy, wells, batched, seconds)]
    if find_spec("roadrunner") is None:
        print("libRoadRunner is not installed")
    else:
        sbml = model_sbml(wells.assay.pathway)
        agree.append(_compare("libRoadRunner", partial(wells.roadrunner, sbml), wells, batched, seconds))
    if not all(agree):
        raise SystemExit(1)


def _compare(
    name: str, solve: Callable[[], np.ndarray], wells: Wells, batched: np.ndarray, seconds: float
) -> bool:
    reference, its_seconds = _timed(solve)
    count, errors = len(wells.parameters), excess_error(batched, reference)
    per_well, ratio = its_seconds / count * 1e6, its_seconds / seconds
    print(f"{name}, rtol 1e-10: {per_well:.0f} us per well, {ratio:.0f} times ours")
    print("  largest error as a share of what is allowed (at most 1 is agreement):")
    ranked = sorted(zip(wells.readouts, errors), key=lambda pair: -pair[1])
    print("  " + ", ".join(f"{readout} {error:.4f}" for readout, error in ranked))
    print(f"  {int((errors <= 1).sum())} of {len(errors)} readouts agree in all {count} wells", flush=True)
    return bool(np.all(errors <= 1))


def _timed(function: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    start = time.perf_counter()
    answer = function()
    return answer, time.perf_counter() - start


if __name__ == "__main__":
    main()
