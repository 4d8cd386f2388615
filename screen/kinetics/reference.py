"""The reference solver: SciPy's LSODA, then Radau, one trajectory after the other, on the compiled rates and
Jacobian.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from .status import Status
from .straight import BELOW_ZERO

if TYPE_CHECKING:
    from .engine import Engine, Floats, Trajectories


def solve_rows(
    engine: "Engine",
    times: "Floats",
    rows: "Floats",
    start: "Floats | None",
    rtol: float,
    atol: float,
    max_steps: int,
    start_time: float = 0.0,
) -> "Trajectories":
    """Solves every row; status `reference`, or why it failed (values NaN). Shapes as `Engine.simulate`."""
    from .engine import Trajectories

    count, width = len(rows), len(engine.readouts)
    first = engine.initial_state(rows) if start is None else start
    result = Trajectories(
        np.full((count, len(times), width), np.nan),
        np.full((count, len(engine.states)), np.nan),
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=np.int32),
    )
    for k in range(count):
        states, status, steps = _solve(
            engine, times, rows[k : k + 1], first[k], rtol, atol, max_steps, start_time
        )
        result.status[k], result.steps[k] = status, steps
        if states is not None:
            for index, time in enumerate(times):
                result.values[k, index] = engine.readout(rows[k : k + 1], states[index : index + 1], time)[0]
            result.state[k] = states[-1]
    return result


def _solve(
    engine: "Engine",
    times: "Floats",
    row: "Floats",
    start: "Floats",
    rtol: float,
    atol: float,
    max_steps: int,
    start_time: float,
) -> tuple["Floats | None", Status, int]:
    from scipy.integrate import LSODA, Radau

    if not len(engine.states):
        return np.empty((len(times), 0)), Status.reference, 0
    if not np.all(np.isfinite(start)) or not np.all(np.isfinite(engine.rates(row, start[None], start_time))):
        return None, Status.not_finite, 0
    status = Status.step_too_small
    total = 0
    for method in (LSODA, Radau):
        states, status, steps = _attempt(method, engine, times, row, start, rtol, atol, max_steps, start_time)
        total += steps
        if states is not None or status == Status.max_steps:
            return states, status, total
    return None, status, total


def _attempt(
    method: Any,
    engine: "Engine",
    times: "Floats",
    row: "Floats",
    start: "Floats",
    rtol: float,
    atol: float,
    max_steps: int,
    start_time: float,
) -> tuple["Floats | None", Status, int]:
    floor = BELOW_ZERO * atol

    def rates(t: float, y: "Floats") -> "Floats":
        return engine.rates(row, y[None], t, floor)[0]

    def jacobian(t: float, y: "Floats") -> "Floats":
        return engine.jacobian(row, y[None], t, floor)[0]

    states = np.empty((len(times), len(start)))
    done = int(np.searchsorted(times, start_time, side="right"))
    states[:done] = start
    steps = 0
    if done == len(times):
        return states, Status.reference, 0
    with np.errstate(all="ignore"):
        try:
            solver = method(
                rates, start_time, start, times[-1], rtol=max(rtol, 1e-13), atol=atol, jac=jacobian
            )
            while done < len(times):
                if steps >= max_steps:
                    return None, Status.max_steps, steps
                solver.step()
                steps += 1
                if solver.status == "failed":
                    return None, Status.step_too_small, steps
                if not np.all(np.isfinite(solver.y)):
                    return None, Status.not_finite, steps
                if times[done] <= solver.t:
                    dense = solver.dense_output()
                    while done < len(times) and times[done] <= solver.t:
                        states[done] = solver.y if times[done] == solver.t else dense(times[done])
                        done += 1
        except (ValueError, np.linalg.LinAlgError, RuntimeError):
            return None, Status.not_finite, steps
    return states, Status.reference, steps
