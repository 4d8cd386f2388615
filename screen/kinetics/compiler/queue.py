"""The queue behind the lanes: set-up of the next trajectories, refilling a lane, finishing a trajectory."""

from screen.codegen.ir import Function, Value
from screen.kinetics.compiler.discrete.execution import begin, keep
from screen.kinetics.compiler.discrete.stopping import FIRST_STEP, first_stop
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.slopes.step import read
from screen.kinetics.compiler.slopes.step_records import log_hoisted
from screen.kinetics.compiler.straight_line import BELOW_ZERO
from screen.kinetics.compiler.workspace import Body
from screen.kinetics.status import Status


def gather(layout: ProgramLayout) -> Function:
    """Copies rows `first ...` of a row-major table into lanes; the last row stands in for rows beyond the
    end.
    """
    arguments = {"first": "i64", "n": "i64", "table": "ptr", "columns": "i64", "target": "ptr", "work": "ptr"}
    f = Body(layout, "gather", arguments)
    last = f.scalar("sub", "i64", "%n", 1)
    sources = []
    for lane in range(layout.width):
        row = f.scalar("add", "i64", "%first", lane)
        inside = f.scalar("icmp slt", "i64", row, "%n")
        row = f.compute(f"select i1 {inside}, i64 {row}, i64 {last}")
        sources.append(f.element("double", "%table", f.scalar("mul", "i64", row, "%columns")))
    with f.loop("%columns") as k:
        found = "poison"
        for lane, source in enumerate(sources):
            value = f.get("double", f.element("double", source, k))
            found = f.compute(f"insertelement {f.vector} {found}, double {value}, i32 {lane}")
        f.store(found, "%target", k)
    f.line("ret void")
    return f


def begin_slopes(f: Body) -> None:
    """Derivatives of the start behind it, where the program has sensitivities."""
    if f.layout.slopes is None:
        return
    with f.loop(f.layout.start_columns, f.size) as k:
        f.write(f.splat(0.0), "stage_y", k)
    here = f.at(f.array("stage_y"), f.size)
    f.run("start_slopes", f.array("stage_t"), f.array("stage_y"), f.array("stage_q"), here)


def prepare(layout: ProgramLayout) -> Function:
    """Set-up, start, first step and readouts at the start of the next `width` trajectories of the queue."""
    arguments = {
        "first": "i64", "n": "i64", "params": "ptr", "start": "ptr", "t0": "double", "span": "double",
        "rtol": "double", "atol": "double", "work": "ptr",
    }  # fmt: skip
    f = Body(layout, "prepare", arguments)
    f.gather("%first", "%params", layout.parameters, "stage_p")
    f.run("setup", f.array("stage_p"), f.array("stage_q"), f.array("stage_y"))
    begin_slopes(f)
    given = f.scalar("icmp ne", "ptr", "%start", "null")
    with f.when(given):
        f.gather("%first", "%start", f.columns, "stage_y")
    f.write(f.mul(f.broadcast("%atol"), f.splat(BELOW_ZERO)), "stage_q", layout.hoisted - 1)
    f.write(f.broadcast("%t0"), "stage_t")
    for name, output in (("rates", "stage_f"), ("readout", "stage_out")):
        f.run(name, f.array("stage_t"), f.array("stage_y"), f.array("stage_q"), f.array(output))
    if layout.beside:
        read(f, "stage_t", "stage_y", "stage_q", f.at(f.array("stage_y"), f.size), "stage_out")
    rtol, atol = f.broadcast("%rtol"), f.broadcast("%atol")
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
    h = f.smaller(f.mul(h, f.splat(FIRST_STEP)), f.broadcast("%span"))
    ok = f.compare("olt", f.add(f.read("error"), slope), f.splat(float("inf")))
    f.write(f.select(ok, f.splat(1.0), f.splat(0.0)), "stage_ok")
    f.write(h, "stage_h")
    f.line("ret void")
    return f


SHARED = {
    "n": "i64", "params": "ptr", "start": "ptr", "nt": "i64", "times": "ptr", "values": "ptr", "final": "ptr",
    "status": "ptr", "steps": "ptr", "reached": "ptr", "rtol": "double", "atol": "double", "t0": "double",
    "span": "double",
    "stops": "ptr", "rows": "ptr", "carried": "ptr", "kept": "ptr", "most": "i64", "log": "ptr", "queue": "ptr",
    "work": "ptr",
}  # fmt: skip


def shared_arguments() -> str:
    return ", ".join(f"{kind} %{name}" for name, kind in SHARED.items())


def finish(layout: ProgramLayout) -> Function:
    """Writes the end of the trajectory in a lane: its state, status, steps and time; NaN from where it failed."""
    f = Body(layout, "finish", {"lane": "i64", "result": "i64", **SHARED})
    row = f.get("i64", f.array("row"), "%lane")
    f.put("i8", f.compute("trunc i64 %result to i8"), "%status", row)
    f.put("i32", f.compute(f"trunc i64 {f.get('i64', f.array('steps'), '%lane')} to i32"), "%steps", row)
    f.put("double", f.get("double", f.lane("t", 0, "%lane")), "%reached", row)
    failed = f.scalar("icmp ne", "i64", "%result", int(Status.ok))
    target = f.element("double", "%final", f.scalar("mul", "i64", row, f.columns))
    with f.loop(f.columns) as k:
        value = f.get("double", f.lane("y", k, "%lane"))
        value = f.compute(f"select i1 {failed}, double 0x7FF8000000000000, double {value}")
        f.put("double", value, target, k)
    with f.when(failed):
        each = f.scalar("mul", "i64", "%nt", layout.readouts)
        target = f.element("double", "%values", f.scalar("mul", "i64", row, each))
        written = f.scalar("mul", "i64", f.get("i64", f.array("next_out"), "%lane"), layout.readouts)
        with f.loop(each, written) as k:
            f.put("double", "0x7FF8000000000000", target, k)
    if layout.discrete is not None:
        keep(f, "%lane", row)
    f.line("ret void")
    return f


def _begin_with_events(f: Body, row: Value) -> None:
    """Makes a lane live at the start: events that happen there go before its outputs."""
    f.put("double", f.get("double", "%times"), f.lane("tout", 0, "%lane"))
    f.put("i64", 1, f.array("live"), "%lane")
    begin(f, "%lane", row)
    f.line("ret void")


def refill(layout: ProgramLayout) -> Function:
    """Takes the next trajectory of the queue into a lane; one that needs no step is finished at once."""
    f = Body(layout, "refill", {"lane": "i64", **SHARED})
    queue = "%queue"  # i64: next row; first row of the prepared ones
    with f.forever() as idle:
        row = f.get("i64", queue)
        f.break_if(f.scalar("icmp sge", "i64", row, "%n"), idle)
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
            ("y", "stage_y", f.columns),
            ("h", "stage_h", 1),
        ):
            with f.loop(size) as k:
                f.put("double", f.get("double", f.lane(source, k, column)), f.lane(name, k, "%lane"))
        if layout.beside:
            f.put("double", "1.0", f.lane("entered", 0, "%lane"))
        if layout.adjoint:
            log_hoisted(f, row, column)
        f.put("double", "%t0", f.lane("t", 0, "%lane"))
        f.put("double", "0.0", f.lane("rejected", 0, "%lane"))
        f.put("i64", row, f.array("row"), "%lane")
        f.put("i64", 0, f.array("steps"), "%lane")
        f.put("i64", 0, f.array("next_out"), "%lane")
        if layout.discrete is not None:
            _begin_with_events(f, row)
            f.begin(f.label("unreachable"))
        with f.forever() as written:
            k = f.get("i64", f.array("next_out"), "%lane")
            f.break_if(f.scalar("icmp sge", "i64", k, "%nt"), written)
            f.break_if(f.scalar("fcmp ogt", "double", f.get("double", "%times", k), "%t0"), written)
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
            if layout.timed:
                first_stop(f, "%lane", row)
            f.line("ret void")
            f.begin(f.label("unreachable"))
        result = f.compute(f"select i1 {ok}, i64 {int(Status.ok)}, i64 {int(Status.not_finite)}")
        f.line(f"call void @finish(i64 %lane, i64 {result}, {shared_arguments()})")
    f.put("i64", 0, f.array("live"), "%lane")
    f.put("double", "0x7FF0000000000000", f.lane("tout", 0, "%lane"))
    f.line("ret void")
    return f
