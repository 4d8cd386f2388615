"""The whole quickstart grid against SciPy at rtol 1e-10: is every readout right, and what does it cost?

Agreement is 1e-4 of the value plus 1e-6 of the readout's largest value. SciPy steps through the same
compiled rates and Jacobian, so the ratio compares solvers, with SciPy's loop over wells in Python.
"""

import time

import numpy as np

from tests.peers.grid import excess_error, quickstart_wells


def main() -> None:
    wells = quickstart_wells()
    wells.batched()
    batched, seconds = min((_timed(wells.batched) for _ in range(3)), key=lambda run: run[1])
    reference, reference_seconds = _timed(wells.scipy)
    count = len(wells.parameters)
    print(f"{count} wells, {len(wells.readouts)} readouts, one core")
    print(f"batched, rtol {wells.assay.rtol:g}   {seconds / count * 1e6:10.1f} us per well")
    print(f"SciPy, rtol 1e-10    {reference_seconds / count * 1e6:10.1f} us per well")
    print(f"ratio {reference_seconds / seconds:.0f}")
    errors = excess_error(batched, reference)
    print("largest error as a share of what is allowed (at most 1 is agreement)")
    for name, error in sorted(zip(wells.readouts, errors), key=lambda pair: -pair[1]):
        print(f"  {name:16s} {error:8.4f}")
    print(f"{int((errors <= 1).sum())} of {len(errors)} readouts agree in all {count} wells")
    if not np.all(errors <= 1):
        raise SystemExit(1)


def _timed(function: object) -> tuple[np.ndarray, float]:
    start = time.perf_counter()
    answer = function()  # type: ignore[operator]
    return answer, time.perf_counter() - start


if __name__ == "__main__":
    main()
