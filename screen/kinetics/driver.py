"""The batched driver: steps of all lanes together, every lane with its own time and step size, an accept
mask, and a queue from which lanes that are done are refilled. Model-independent but for sizes; written as IR.

A lane never sees what another lane does: every operation is by lane, sums over states run in a fixed
order, so a trajectory's bits do not depend on its neighbours, its place in the queue or the batch size.
All memory is one workspace per call, whatever the number of trajectories.
"""

from dataclasses import dataclass

from . import rodas5p as method
from .ir import Function, Value
from .kernels import Layout
from .status import Status

SAFETY, SHRINK, GROW = 0.9, 0.2, 6.0
FIRST_STEP = 0.01
SMALLEST_STEP = 1e-15  # of the time reached
LARGEST_SCALE = 1e150  # of the error: the product of two must not overflow
BELOW_ZERO = 100.0  # times atol: a base of a real power this far below zero counts as zero


@dataclass(frozen=True)
class Workspace:
    """Where each array of lane vectors stands in the workspace, in vectors."""

    offsets: dict[str, int]
    size: int


def workspace(layout: Layout) -> Workspace:
    """The workspace of one call for a layout."""
    s, q, r = len(layout.states), layout.hoisted, layout.readouts
    sizes = {
        "t": 1, "h": 1, "d": 1, "hg": 1, "ts": 1, "tn": 1, "error": 1, "why": 1, "tout": 1, "rejected": 1,
        "live": 1,
        "steps": 1, "row": 1, "next_out": 1, "finite": 1, "stage_h": 1, "stage_t": 1, "stage_ok": 1,
        "y": s, "new": s, "at": s, "b": s, "ft": s, "u": s * method.STAGES,
        "out": r, "q": q, "lu": layout.factors,
        "stage_p": layout.parameters, "stage_y": s, "stage_q": q, "stage_f": s, "stage_out": r,
        "jac": len(layout.jacobian),
    }  # fmt: skip
    offsets, total = {}, 0
    for name, size in sizes.items():
        offsets[name] = total
        total += max(size, 1)
    return Workspace(offsets, total)


RUN_ARGUMENTS = {
    "n": "i64",
    "params": "ptr",
    "start": "ptr",
    "nt": "i64",
    "times": "ptr",
    "values": "ptr",
    "final": "ptr",
    "status": "ptr",
    "steps": "ptr",
    "rtol": "double",
    "atol": "double",
    "most": "i64",
    "t0": "double",
    "work": "ptr",
}
POINTS_ARGUMENTS = {
    "n": "i64",
    "params": "ptr",
    "states": "ptr",
    "t": "double",
    "start_out": "ptr",
    "rates_out": "ptr",
    "jac_out": "ptr",
    "read_out": "ptr",
    "move_out": "ptr",
    "d": "double",
    "floor": "double",
    "work": "ptr",
}


def build_driver(layout: Layout) -> str:
    """IR text of the exported functions `run` and `points` and their helpers."""
    return "\n".join(
        make(layout).text() for make in (_gather, _prepare, _refill, _finish, _judge, _run, _points)
    )


class _Body(Function):
    """A function with the workspace's arrays by name."""

    def __init__(
        self,
        layout: Layout,
        name: str,
        arguments: dict[str, str],
        result: str = "void",
        exported: bool = False,
    ):
        super().__init__(name, arguments, layout.width, result, exported)
        self.layout = layout
        self.place = workspace(layout).offsets
        self.size = len(layout.states)
        self._address: dict[str, Value] = {}

    def array(self, name: str) -> Value:
        """The address of a workspace array, computed once at the function's start."""
        if name not in self._address:
            register = f"%w_{name}"
            offset = self.place[name]
            self.lines.insert(
                2, f"  {register} = getelementptr inbounds {self.vector}, ptr %work, i64 {offset}"
            )
            self._address[name] = register
        return self._address[name]

    def read(self, name: str, index: int | Value = 0) -> Value:
        return self.load(self.array(name), index)

    def write(self, value: Value, name: str, index: int | Value = 0) -> None:
        self.store(value, self.array(name), index)

    def lane(self, name: str, row: int | Value, lane: int | Value) -> Value:
        """The address of one lane of vector `row` of an array."""
        flat: int | Value = lane
        if row != 0:
            first = (
                self.scalar("mul", "i64", row, self.width) if isinstance(row, str) else str(row * self.width)
            )
            flat = self.scalar("add", "i64", first, lane)
        return self.element("double", self.array(name), flat)

    def run(self, name: str, *arrays: Value) -> None:
        self.line(f"call void @{name}({', '.join('ptr ' + a for a in arrays)})")

    def gather(self, first: Value, table: Value, columns: int, target: str) -> None:
        """Copies `width` rows of a row-major table from row `first` into the lanes of an array."""
        rest = f"ptr {table}, i64 {columns}, ptr {self.array(target)}, ptr %work"
        self.line(f"call void @gather(i64 {first}, i64 %n, {rest})")

    def larger(self, a: Value, b: Value) -> Value:
        return self.select(self.compare("ogt", a, b), a, b)

    def smaller(self, a: Value, b: Value) -> Value:
        return self.select(self.compare("olt", a, b), a, b)


def _gather(layout: Layout) -> Function:
    """Copies rows `first ...` of a row-major table into lanes; the last row stands in for rows beyond the
    end.
    """
    arguments = {"first": "i64", "n": "i64", "table": "ptr", "columns": "i64", "target": "ptr", "work": "ptr"}
    f = _Body(layout, "gather", arguments)
    last = f.scalar("sub", "i64", "%n", 1)
    for lane in range(layout.width):
        row = f.scalar("add", "i64", "%first", lane)
        inside = f.scalar("icmp slt", "i64", row, "%n")
        row = f.compute(f"select i1 {inside}, i64 {row}, i64 {last}")
        source = f.element("double", "%table", f.scalar("mul", "i64", row, "%columns"))
        with f.loop("%columns") as k:
            value = f.get("double", source, k)
            flat = f.scalar("add", "i64", f.scalar("mul", "i64", k, layout.width), lane)
            f.put("double", value, "%target", flat)
    f.line("ret void")
    return f


def _prepare(layout: Layout) -> Function:
    """Set-up, start, first step and readouts at the start of the next `width` trajectories of the queue."""
    arguments = {
        "first": "i64", "n": "i64", "params": "ptr", "start": "ptr", "t0": "double", "span": "double",
        "rtol": "double", "atol": "double", "work": "ptr",
    }  # fmt: skip
    f = _Body(layout, "prepare", arguments)
    f.gather("%first", "%params", layout.parameters, "stage_p")
    f.run("setup", f.array("stage_p"), f.array("stage_q"), f.array("stage_y"))
    given = f.scalar("icmp ne", "ptr", "%start", "null")
    with f.when(given):
        f.gather("%first", "%start", f.size, "stage_y")
    f.write(f.mul(f.spread("%atol"), f.splat(BELOW_ZERO)), "stage_q", layout.hoisted - 1)
    f.write(f.spread("%t0"), "stage_t")
    for name, output in (("rates", "stage_f"), ("readout", "stage_out")):
        f.run(name, f.array("stage_t"), f.array("stage_y"), f.array("stage_q"), f.array(output))
    rtol, atol = f.spread("%rtol"), f.spread("%atol")
    f.write(f.splat(0.0), "error")
    f.write(f.splat(0.0), "tn")
    with f.loop(f.size) as k:
        y = f.read("stage_y", k)
        scale = f.fma(f.intrinsic("fabs", y), rtol, atol)
        here, slope = f.div(y, scale), f.div(f.read("stage_f", k), scale)
        f.write(f.fma(here, here, f.read("error")), "error")
        f.write(f.fma(slope, slope, f.read("tn")), "tn")
    slope = f.read("tn")
    h = f.intrinsic("sqrt", f.div(f.add(f.read("error"), f.splat(float(max(f.size, 1)))), slope))
    h = f.smaller(f.mul(h, f.splat(FIRST_STEP)), f.spread("%span"))
    ok = f.compare("olt", f.add(f.read("error"), slope), f.splat(float("inf")))
    f.write(f.select(ok, f.splat(1.0), f.splat(0.0)), "stage_ok")
    f.write(h, "stage_h")
    f.line("ret void")
    return f


_SHARED = {
    "n": "i64", "params": "ptr", "start": "ptr", "nt": "i64", "times": "ptr", "values": "ptr", "final": "ptr",
    "status": "ptr", "steps": "ptr", "rtol": "double", "atol": "double", "t0": "double", "span": "double",
    "queue": "ptr", "work": "ptr",
}  # fmt: skip


def _shared() -> str:
    return ", ".join(f"{kind} %{name}" for name, kind in _SHARED.items())


def _finish(layout: Layout) -> Function:
    """Writes the end of the trajectory in a lane: its state, status and steps; NaN if it failed."""
    f = _Body(layout, "finish", {"lane": "i64", "result": "i64", **_SHARED})
    row = f.get("i64", f.array("row"), "%lane")
    f.put("i8", f.compute("trunc i64 %result to i8"), "%status", row)
    f.put("i32", f.compute(f"trunc i64 {f.get('i64', f.array('steps'), '%lane')} to i32"), "%steps", row)
    failed = f.scalar("icmp ne", "i64", "%result", int(Status.ok))
    target = f.element("double", "%final", f.scalar("mul", "i64", row, f.size))
    with f.loop(f.size) as k:
        value = f.get("double", f.lane("y", k, "%lane"))
        value = f.compute(f"select i1 {failed}, double 0x7FF8000000000000, double {value}")
        f.put("double", value, target, k)
    with f.when(failed):
        each = f.scalar("mul", "i64", "%nt", layout.readouts)
        target = f.element("double", "%values", f.scalar("mul", "i64", row, each))
        with f.loop(each) as k:
            f.put("double", "0x7FF8000000000000", target, k)
    f.line("ret void")
    return f


def _refill(layout: Layout) -> Function:
    """Takes the next trajectory of the queue into a lane; one that needs no step is finished at once."""
    f = _Body(layout, "refill", {"lane": "i64", **_SHARED})
    queue = "%queue"  # i64: next row; first row of the prepared ones
    with f.repeat() as idle:
        row = f.get("i64", queue)
        f.leave_if(f.scalar("icmp sge", "i64", row, "%n"), idle)
        prepared = f.get("i64", queue, 1)
        spent = f.scalar("icmp sge", "i64", f.scalar("sub", "i64", row, prepared), layout.width)
        with f.when(spent):
            f.put("i64", row, queue, 1)
            f.line(
                f"call void @prepare(i64 {row}, i64 %n, ptr %params, ptr %start, double %t0, double %span, "
                "double %rtol, double %atol, ptr %work)"
            )
        column = f.scalar("sub", "i64", row, f.get("i64", queue, 1))
        f.put("i64", f.scalar("add", "i64", row, 1), queue)
        for name, source, size in (
            ("q", "stage_q", layout.hoisted),
            ("y", "stage_y", f.size),
            ("h", "stage_h", 1),
        ):
            with f.loop(size) as k:
                f.put("double", f.get("double", f.lane(source, k, column)), f.lane(name, k, "%lane"))
        f.put("double", "%t0", f.lane("t", 0, "%lane"))
        f.put("double", "0.0", f.lane("rejected", 0, "%lane"))
        f.put("i64", row, f.array("row"), "%lane")
        f.put("i64", 0, f.array("steps"), "%lane")
        f.put("i64", 0, f.array("next_out"), "%lane")
        with f.repeat() as written:
            k = f.get("i64", f.array("next_out"), "%lane")
            f.leave_if(f.scalar("icmp sge", "i64", k, "%nt"), written)
            f.leave_if(f.scalar("fcmp ogt", "double", f.get("double", "%times", k), "%t0"), written)
            first = f.scalar(
                "mul", "i64", f.scalar("add", "i64", f.scalar("mul", "i64", row, "%nt"), k), layout.readouts
            )
            target = f.element("double", "%values", first)
            with f.loop(layout.readouts) as r:
                f.put("double", f.get("double", f.lane("stage_out", r, column)), target, r)
            f.put("i64", f.scalar("add", "i64", k, 1), f.array("next_out"), "%lane")
        ok = f.scalar("fcmp one", "double", f.get("double", f.lane("stage_ok", 0, column)), "0.0")
        k = f.get("i64", f.array("next_out"), "%lane")
        more = f.scalar("icmp slt", "i64", k, "%nt")
        go = f.scalar("and", "i1", ok, more)
        with f.when(go):
            f.put("double", f.get("double", "%times", k), f.lane("tout", 0, "%lane"))
            f.put("i64", 1, f.array("live"), "%lane")
            f.line("ret void")
            f.begin(f.label("unreachable"))
        result = f.compute(f"select i1 {ok}, i64 {int(Status.ok)}, i64 {int(Status.not_finite)}")
        f.line(f"call void @finish(i64 %lane, i64 {result}, {_shared()})")
    f.put("i64", 0, f.array("live"), "%lane")
    f.put("double", "0x7FF0000000000000", f.lane("tout", 0, "%lane"))
    f.line("ret void")
    return f


def _combine(f: _Body, stage: int, inverse_h: Value, h: Value) -> None:
    """The argument `at` and the right-hand part `b` of a stage (counted from 0) from the stages before."""
    u, size = f.array("u"), f.size
    with f.loop(size) as k:
        earlier = [f.load(u, k if j == 0 else f.scalar("add", "i64", k, j * size)) for j in range(stage)]
        if stage < len(method.A):
            arguments = method.A[stage]
            argument = f.read("y", k)
            for a, value in zip(arguments, earlier):
                argument = f.fma(f.splat(a), value, argument)
        else:
            argument = f.add(f.read("at", k), earlier[-1])
        right = f.mul(f.splat(method.C[stage][0]), earlier[0])
        for c, value in zip(method.C[stage][1:], earlier[1:]):
            right = f.fma(f.splat(c), value, right)
        right = f.mul(right, inverse_h)
        if f.layout.time_dependent and method.SLOPE[stage]:
            right = f.fma(f.mul(h, f.splat(method.SLOPE[stage])), f.read("ft", k), right)
        f.write(argument, "at", k)
        f.write(right, "b", k)


def _step(f: _Body) -> tuple[Value, Value, Value]:
    """One step of all lanes: fills `new` and `u`. Gives (mean square of the scaled error, step, new time)."""
    t, end = f.read("t"), f.spread("%end")
    left = f.sub(end, t)
    last = f.compare("oge", f.read("h"), left)
    h = f.select(last, left, f.read("h"))
    f.write(h, "h")
    f.write(f.div(f.splat(1.0 / method.GAMMA), h), "d")
    f.write(f.mul(h, f.splat(method.SLOPE[0])), "hg")
    y, q, lu, u = (f.array(name) for name in ("y", "q", "lu", "u"))
    f.run("factor", f.array("t"), y, q, f.array("d"), f.array("hg"), lu, u, f.array("ft"))
    inverse_h = f.div(f.splat(1.0), h)
    for stage in range(1, method.STAGES):
        f.write(f.fma(h, f.splat(method.NODE[stage]), t), "ts")
        _combine(f, stage, inverse_h, h)
        f.run("stage", f.array("ts"), f.array("at"), q, lu, f.array("b"), f.at(u, stage * f.size))
    tolerances = "double %rtol, double %atol, ptr %work"
    error = f.compute(f"call {f.vector} @judge({tolerances})")
    return error, h, f.select(last, end, f.add(t, h))


def _judge(layout: Layout) -> Function:
    """Completes the new state and gives the mean square of the scaled error estimate.

    Straight-line, with two quotients from one division and four partial sums in a fixed order.
    """
    vector = f"<{layout.width} x double>"
    f = _Body(layout, "judge", {"rtol": "double", "atol": "double", "work": "ptr"}, vector)
    rtol, atol = f.spread("%rtol"), f.spread("%atol")
    estimate = f.at(f.array("u"), (method.STAGES - 1) * f.size)
    sums: list[Value] = [f.splat(0.0)] * 4
    for first in range(0, f.size, 2):
        changes, scales = [], []
        for k in range(first, min(first + 2, f.size)):
            change = f.load(estimate, k)
            new = f.add(f.read("at", k), change)
            f.write(new, "new", k)
            largest = f.larger(f.intrinsic("fabs", f.read("y", k)), f.intrinsic("fabs", new))
            changes.append(change)
            scales.append(f.smaller(f.fma(largest, rtol, atol), f.splat(LARGEST_SCALE)))
        if len(scales) == 2:
            one = f.div(f.splat(1.0), f.mul(scales[0], scales[1]))
            ratios = [f.mul(f.mul(changes[0], scales[1]), one), f.mul(f.mul(changes[1], scales[0]), one)]
        else:
            ratios = [f.div(changes[0], scales[0])]
        for k, ratio in enumerate(ratios, first):
            sums[k % 4] = f.fma(ratio, ratio, sums[k % 4])
        f.split(500)
    total = f.add(f.add(sums[0], sums[1]), f.add(sums[2], sums[3]))
    f.line(f"ret {vector} {f.mul(total, f.splat(1.0 / max(f.size, 1)))}")
    return f


def _dense(f: _Body, h: Value, new_time: Value) -> None:
    """The state at each lane's next output time, into `at`."""
    u, size = f.array("u"), f.size
    t = f.read("t")
    wanted = f.smaller(f.read("tout"), new_time)
    f.write(wanted, "ts")
    s = f.select(f.compare("oeq", wanted, new_time), f.splat(1.0), f.div(f.sub(wanted, t), h))
    r = f.sub(f.splat(1.0), s)
    with f.loop(size) as k:
        stages = [
            f.load(u, k if j == 0 else f.scalar("add", "i64", k, j * size)) for j in range(method.STAGES)
        ]
        parts = []
        for row in method.DENSE:
            part = f.mul(f.splat(row[0]), stages[0])
            for c, value in zip(row[1:], stages[1:]):
                part = f.fma(f.splat(c), value, part)
            parts.append(part)
        inner = f.fma(s, f.fma(s, parts[2], parts[1]), parts[0])
        value = f.fma(s, f.fma(r, inner, f.read("new", k)), f.mul(r, f.read("y", k)))
        f.write(value, "at", k)


def _write_outputs(f: _Body, accepted: Value, h: Value, new_time: Value) -> None:
    """Readouts at every output time that the accepted steps passed."""
    with f.repeat() as done:
        due = f.both(accepted, f.compare("ole", f.read("tout"), new_time))
        lanes = f.bits(due)
        f.leave_if(f.scalar("icmp eq", f"i{f.width}", lanes, 0), done)
        _dense(f, h, new_time)
        f.run("readout", f.array("ts"), f.array("at"), f.array("q"), f.array("out"))
        lanes = f.compute(f"zext i{f.width} {lanes} to i64")
        with f.loop(f.width) as lane:
            bit = f.scalar("and", "i64", f.scalar("lshr", "i64", lanes, lane), 1)
            with f.when(f.scalar("icmp ne", "i64", bit, 0)):
                row = f.get("i64", f.array("row"), lane)
                k = f.get("i64", f.array("next_out"), lane)
                flat = f.scalar("add", "i64", f.scalar("mul", "i64", row, "%nt"), k)
                target = f.element("double", "%values", f.scalar("mul", "i64", flat, f.layout.readouts))
                with f.loop(f.layout.readouts) as r:
                    f.put("double", f.get("double", f.lane("out", r, lane)), target, r)
                k = f.scalar("add", "i64", k, 1)
                f.put("i64", k, f.array("next_out"), lane)
                f.put("double", "0x7FF0000000000000", f.lane("tout", 0, lane))
                with f.when(f.scalar("icmp slt", "i64", k, "%nt")):
                    f.put("double", f.get("double", "%times", k), f.lane("tout", 0, lane))


def _advance(f: _Body) -> Value:
    """One step with its decision. Gives the mask (as integer) of lanes that are done, `why` holding the
    reason.
    """
    error, h, new_time = _step(f)
    finite = f.compare("olt", error, f.splat(float("inf")))
    accepted = f.compare("ole", error, f.splat(1.0))
    factor = f.call("vpow", error, f.splat(-0.5 / method.ORDER_OF_ERROR))
    factor = f.smaller(f.larger(f.mul(factor, f.splat(SAFETY)), f.splat(SHRINK)), f.splat(GROW))
    factor = f.select(finite, factor, f.splat(SHRINK))
    again = f.compare("one", f.read("rejected"), f.splat(0.0))
    factor = f.select(again, f.smaller(factor, f.splat(1.0)), factor)
    f.write(f.select(accepted, f.splat(0.0), f.splat(1.0)), "rejected")
    _write_outputs(f, accepted, h, new_time)
    with f.loop(f.size) as k:
        f.write(f.select(accepted, f.read("new", k), f.read("y", k)), "y", k)
    t = f.select(accepted, new_time, f.read("t"))
    f.write(t, "t")
    h = f.mul(h, factor)
    f.write(h, "h")
    steps = f.compute(f"load {f.integers}, ptr {f.array('steps')}, align {8 * f.width}")
    steps = f.integer("add", steps, f.whole(1))
    f.line(f"store {f.integers} {steps}, ptr {f.array('steps')}, align {8 * f.width}")
    reach = f.larger(f.intrinsic("fabs", t), f.mul(f.spread("%span"), f.splat(1e-10)))
    stuck = f.both(f.invert(accepted), f.compare("ole", h, f.mul(reach, f.splat(SMALLEST_STEP))))
    ended = f.compare("oeq", f.read("tout"), f.splat(float("inf")))
    most = f.compute(f"insertelement {f.integers} poison, i64 %most, i32 0")
    most = f.compute(
        f"shufflevector {f.integers} {most}, {f.integers} poison, <{f.width} x i32> zeroinitializer"
    )
    many = f.compute(f"icmp sge {f.integers} {steps}, {most}")
    why = f.select(finite, f.splat(float(Status.step_too_small)), f.splat(float(Status.not_finite)))
    why = f.select(stuck, why, f.splat(float(Status.max_steps)))
    f.write(f.select(ended, f.splat(float(Status.ok)), why), "why")
    live = f.compute(f"load {f.integers}, ptr {f.array('live')}, align {8 * f.width}")
    alive = f.compute(f"icmp ne {f.integers} {live}, zeroinitializer")
    done = f.both(alive, f.both(ended, f.both(stuck, many, "or"), "or"))
    return f.compute(f"zext i{f.width} {f.bits(done)} to i64")


def _run(layout: Layout) -> Function:
    f = _Body(layout, "run", RUN_ARGUMENTS, exported=True)
    queue = f.compute("alloca [2 x i64]")
    f.lines.append(f"  %queue = getelementptr inbounds i64, ptr {queue}, i64 0")
    f.put("i64", 0, queue)
    f.put("i64", -2 * layout.width, queue, 1)
    end = f.get("double", "%times", f.scalar("sub", "i64", "%nt", 1))
    f.lines.append(f"  %end = fadd double {end}, 0.0")
    f.lines.append("  %span = fsub double %end, %t0")
    with f.loop(layout.width) as lane:
        f.line(f"call void @refill(i64 {lane}, {_shared()})")
    with f.repeat() as finished:
        live = f.compute(f"load {f.integers}, ptr {f.array('live')}, align {8 * layout.width}")
        alive = f.compute(f"icmp ne {f.integers} {live}, zeroinitializer")
        f.leave_if(f.scalar("icmp eq", f"i{f.width}", f.bits(alive), 0), finished)
        done = _advance(f)
        with f.when(f.scalar("icmp ne", "i64", done, 0)), f.loop(layout.width) as lane:
            bit = f.scalar("and", "i64", f.scalar("lshr", "i64", done, lane), 1)
            with f.when(f.scalar("icmp ne", "i64", bit, 0)):
                reason = f.get("double", f.lane("why", 0, lane))
                why = f.compute(f"fptosi double {reason} to i64")
                f.line(f"call void @finish(i64 {lane}, i64 {why}, {_shared()})")
                f.line(f"call void @refill(i64 {lane}, {_shared()})")
    f.line("ret void")
    return f


def _points(layout: Layout) -> Function:
    """Start, rates, Jacobian entries, readouts and the step (I d - J)^-1 f at given rows, without
    integration.
    """
    f = _Body(layout, "points", POINTS_ARGUMENTS, exported=True)
    batches = f.scalar("sdiv", "i64", f.scalar("add", "i64", "%n", layout.width - 1), layout.width)
    outputs = (
        ("start_out", "stage_y", len(layout.states), ""),
        ("rates_out", "stage_f", len(layout.states), "rates"),
        ("jac_out", "jac", len(layout.jacobian), "jacobian"),
        ("read_out", "stage_out", layout.readouts, "readout"),
        ("move_out", "new", len(layout.states), "factor"),
    )
    f.write(f.spread("%t"), "stage_t")
    f.write(f.spread("%d"), "d")
    f.write(f.splat(0.0), "hg")
    with f.loop(batches) as batch:
        first = f.scalar("mul", "i64", batch, layout.width)
        count = f.scalar("sub", "i64", "%n", first)
        fewer = f.scalar("icmp slt", "i64", count, layout.width)
        count = f.compute(f"select i1 {fewer}, i64 {count}, i64 {layout.width}")
        f.gather(first, "%params", layout.parameters, "stage_p")
        f.run("setup", f.array("stage_p"), f.array("stage_q"), f.array("stage_y"))
        f.write(f.spread("%floor"), "stage_q", layout.hoisted - 1)
        with f.when(f.scalar("icmp ne", "ptr", "%states", "null")):
            f.gather(first, "%states", f.size, "stage_y")
        for target, array, size, kernel in outputs:
            with f.when(f.scalar("icmp ne", "ptr", f"%{target}", "null")):
                if kernel == "factor":
                    arrays = (
                        f.array(a) for a in ("stage_t", "stage_y", "stage_q", "d", "hg", "lu", "new", "ft")
                    )
                    f.run(kernel, *arrays)
                elif kernel:
                    f.run(kernel, f.array("stage_t"), f.array("stage_y"), f.array("stage_q"), f.array(array))
                with f.loop(count) as lane:
                    row = f.scalar("mul", "i64", f.scalar("add", "i64", first, lane), size)
                    place = f.element("double", f"%{target}", row)
                    with f.loop(size) as k:
                        f.put("double", f.get("double", f.lane(array, k, lane)), place, k)
    f.line("ret void")
    return f
