"""The reference path for whole models, events included: SciPy's solvers on plain Python functions, one
condition after the other. Shares no generated code with the batched engine.

Events follow SBML Level 3: a trigger that turns true schedules the event, after its delay; of those due at
one time the one of highest priority goes first, and every execution may trigger others or cancel those that
are not persistent. Trigger times are found by bisection on the solver's dense output; what rates and triggers do by
the clock is known beforehand, and the solver begins again there.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy

from screen.arrays import Floats
from screen.kinetics.solvers.events.history import HistoryPiece
from screen.kinetics.solvers.events.pending import Pending, Watch, first_change
from screen.kinetics.solvers.events.plain_functions import PlainFunctions
from screen.kinetics.solvers.reference.reference_solver import LONGEST, STALLED, STEPS_PER_STOP
from screen.kinetics.status import Status

MOST_EVENTS = 200_000
STEPS_PER_EVENT = 100  # more than `max_steps`


class Hybrid(PlainFunctions):
    """A network ready to be solved by the reference path."""

    def run(
        self,
        times: Floats,
        parameters: Floats,
        rtol: float,
        atol: float,
        max_steps: int,
        start: list[float] | None = None,
    ) -> "_Run":
        """One condition (P,) followed to its end, from the model's own start or another one (S,)."""
        run = _Run(self, parameters.tolist(), times, rtol, atol, max_steps)
        if start is not None:
            run.y = start
        with np.errstate(all="ignore"):
            run.status = run.go()
        return run


class _Run:
    """One condition on its way."""

    def __init__(
        self, hybrid: Hybrid, p: list[float], times: Floats, rtol: float, atol: float, most: int
    ) -> None:
        self.h = hybrid
        self.p = p
        self.times = times
        self.rtol, self.atol = rtol, atol
        self.stops = hybrid.stops(times, p)[::-1]
        self.most = most + STEPS_PER_STOP * len(self.stops)
        self.y: list[float] = hybrid.start(0.0, (), p)
        self.t = 0.0
        self.steps = 0
        self.status = Status.max_steps
        self.done = 0
        self.values = np.full((len(times), hybrid.width), np.nan)
        self.random = np.random.default_rng(0)
        self.past = [] if hybrid.history is None else [HistoryPiece(0.0, 0.0, self.y)]
        self.watch = Watch([event.initial_value for event in hybrid.network.events])

    def go(self) -> Status:
        self._look(self.t)
        if not self._execute_due():
            return Status.max_steps
        end = float(self.times[-1])
        while True:
            self._write(self.t, lambda _t: self.y)
            if self.done == len(self.times):
                return Status.reference
            if self.stops and self.stops[-1][0] <= self.t:
                self._over(self.stops.pop()[1])
            else:
                before = self.stops[-1][0] if self.stops else end
                stop = min([before, end, *(item.due for item in self.watch.queue)])
                status = self._integrate(max(stop, self.t))
                if status != Status.reference:
                    return status
            if not self._execute_due():
                return Status.max_steps

    def _over(self, after: float) -> None:
        """Over a jump by the clock, to where formulas of time are on its other side, or to a trigger on the way."""
        if after <= self.t:
            return
        state = np.array(self.y, dtype=float)
        change = self._first_change(self.t, after, lambda _t: state) if self.h.network.events else None
        until = after if change is None else change
        self._write(np.nextafter(until, -np.inf), lambda _t: self.y)
        self.t = until
        if change is not None:
            self.stops.append((change, after))
            self._look(change)

    # ---- continuous ---------------------------------------------------------------------------------
    def _integrate(self, stop: float) -> Status:
        """Goes to `stop` or to the first trigger that changes; outputs on the way are written."""
        if stop <= self.t:
            return Status.reference
        if not self.h.size:
            return self._wait(stop)
        failure = Status.step_too_small
        for method in (scipy.integrate.LSODA, scipy.integrate.Radau):
            failure = self._attempt(method, stop)
            if failure in (Status.reference, Status.max_steps):
                break
        return failure

    def _attempt(self, method: Any, stop: float) -> Status:
        first = np.array(self.y, dtype=float)
        if not np.all(np.isfinite(first)) or not np.all(np.isfinite(self._f(self.t, first))):
            return Status.not_finite
        share = 1 / 200 if self.h.history is not None else np.inf
        share = min(share, 1 / 50 if self.h.network.events else np.inf, LONGEST if self.h.clock else np.inf)
        options = {
            "rtol": max(self.rtol, 1e-13),
            "atol": self.atol,
            "jac": self._jacobian,
            "max_step": min(share * (float(self.times[-1]) or 1.0), self._shortest()),
        }
        stalled = 0
        try:
            solver = method(self._f, self.t, first, stop, **options)
            while solver.status == "running":
                if self.steps >= self.most:
                    return Status.max_steps
                solver.step()
                self.steps += 1
                stalled = stalled + 1 if solver.t == solver.t_old else 0
                if stalled == STALLED:
                    return Status.step_too_small
                if solver.status == "failed":
                    return Status.step_too_small
                if not np.all(np.isfinite(solver.y)):
                    return Status.not_finite
                if self.h.history is not None:
                    self.past.append(HistoryPiece(solver.t_old, solver.t, solver.dense_output()))
                if self._passed(solver.t_old, solver.t, solver.dense_output(), solver.y):
                    return Status.reference
        except (ValueError, np.linalg.LinAlgError, RuntimeError, OverflowError):
            return Status.not_finite
        return Status.reference

    def _shortest(self) -> float:
        """How long a step may be so that it asks for nothing that lies within itself."""
        if self.h.history is None:
            return np.inf
        return self.h.history.shortest(self.past, self.t, self.y, self.p)

    def _f(self, t: float, y: Floats) -> list[float]:
        return self.h.rates(t, y.tolist(), self._p(t, y.tolist()))

    def _p(self, t: float, y: Sequence[float]) -> list[float]:
        """The parameters, and behind them what formulas want of the past."""
        if self.h.history is None:
            return self.p
        return self.h.history.behind(self.past, t, y, self.p)

    def _read(self, t: float, y: Sequence[float]) -> list[float]:
        return self.h.read(t, y, self._p(t, y))

    def _jacobian(self, t: float, y: Floats) -> Floats:
        dense = np.zeros((self.h.size, self.h.size))
        dense[self.h.places] = self.h.slopes(t, y.tolist(), self._p(t, y.tolist()))
        return dense

    def _wait(self, stop: float) -> Status:
        """Lets time pass in a model without states."""
        points = sorted({stop, *(t for t in self.times.tolist() if self.t < t < stop)})
        for point in points:
            if self._passed(self.t, point, lambda _t: np.zeros(0), np.zeros(0)):
                break
        return Status.reference

    def _passed(self, before: float, after: float, dense: Any, end: Floats) -> bool:
        """Takes over a step. True when a trigger changed in it, at the new `self.t`."""
        change = self._first_change(before, after, dense) if self.h.network.events else None
        until = after if change is None else change
        last = end.tolist() if change is None else np.asarray(dense(until)).tolist()
        if change is not None:
            self._write(np.nextafter(until, -np.inf), lambda t: np.asarray(dense(t)).tolist())
        else:
            self._write(until, lambda t: last if t == until else np.asarray(dense(t)).tolist(), open_end=True)
        self.t, self.y = until, last
        if change is None:
            return False
        self._look(until)
        return True

    def _write(self, until: float, state: Any, open_end: bool = False) -> None:
        """Readouts at the output times up to `until`; with `open_end` a pending event there goes first."""
        while self.done < len(self.times) and self.times[self.done] <= until:
            t = float(self.times[self.done])
            if open_end and t == until and any(item.due <= t for item in self.watch.queue):
                return
            self.values[self.done] = self._read(t, state(t))
            self.done += 1

    # ---- discrete -----------------------------------------------------------------------------------
    def _trigger_values(self, t: float, y: Sequence[float]) -> list[bool]:
        return [bool(value) for value in self.h.triggers(t, y, self._p(t, y))]

    def _seen(self, t: float, y: Sequence[float]) -> list[bool]:
        """The triggers, and the sides of what they may find equal for an instant."""
        p = self._p(t, y)
        return [bool(value) for value in (*self.h.triggers(t, y, p), *self.h.sides(t, y, p))]

    def _first_change(self, before: float, after: float, dense: Any) -> float | None:
        """The first time in (before, after] at which some trigger differs from its last value."""

        def changed(t: float) -> bool:
            return self._seen(t, np.asarray(dense(t)).tolist()) != self.watch.seen

        return first_change(changed, before, after)

    def _look(self, t: float) -> None:
        """Schedules events whose trigger has turned true, cancels those that do not persist."""
        now = self._trigger_values(t, self.y)
        for index, (was, value) in enumerate(zip(self.watch.triggers, now)):
            event = self.h.network.events[index]
            if value and not was:
                assign, delay, _ = self.h.parts[index]
                wait = delay(t, self.y, self._p(t, self.y))[0] if event.delay is not None else 0.0
                values = assign(t, self.y, self._p(t, self.y)) if event.from_trigger_time else None
                self.watch.queue.append(Pending(index, t + wait, values))
            elif was and not value and not event.persistent:
                self.watch.queue = [item for item in self.watch.queue if item.index != index]
        self.watch.triggers = now
        self.watch.seen = self._seen(t, self.y)

    def _execute_due(self) -> bool:
        """Executes what is due now, in order of priority. False when events do not come to an end."""
        while True:
            due = [item for item in self.watch.queue if item.due <= self.t]
            if not due:
                return True
            self.watch.executed += 1
            self.most += STEPS_PER_EVENT
            if self.watch.executed > MOST_EVENTS:
                return False
            item = self._next(due)
            self.watch.queue.remove(item)
            event = self.h.network.events[item.index]
            values = item.values
            if values is None:
                values = self.h.parts[item.index][0](self.t, self.y, self._p(self.t, self.y))
            self.y = list(self.y)
            for (state, _), value in zip(event.assignments, values):
                self.y[state] = value
            self._look(self.t)

    def _next(self, due: list[Pending]) -> Pending:
        """The earliest of highest priority; among equals a random one, from a fixed seed, as SBML asks."""
        keys = [(-item.due, self._priority(item.index)) for item in due]
        best = [item for item, key in zip(due, keys) if key == max(keys)]
        return best[0] if len(best) == 1 else best[int(self.random.integers(len(best)))]

    def _priority(self, index: int) -> float:
        found = self.h.parts[index][2](self.t, self.y, self._p(self.t, self.y))
        return found[0] if found else -np.inf
