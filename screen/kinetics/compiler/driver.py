"""The batched driver: steps of all lanes together, every lane with its own time and step size, an accept
mask, and a queue from which lanes that are done are refilled. Model-independent but for sizes; written as IR. In
place of a library because a screen is a million trajectories: at equal error the built-in model takes 2.8 us each,
with libRoadRunner 216 times that, AMICI 313, numbalsoda 88, LSODA on compiled rates 307 (tests/benchmarks).

A lane never sees what another lane does: every operation is by lane, sums over states run in a fixed
order, so a trajectory's bits do not depend on its neighbours, its place in the queue or the batch size.
All memory is one workspace per call, whatever the number of trajectories.
"""

from screen.codegen.ir import Function
from screen.kinetics.compiler.discrete.program import build_events
from screen.kinetics.compiler.discrete.stopping import next_stop, restart
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.queue import begin_slopes, finish, gather, prepare, refill, shared_arguments
from screen.kinetics.compiler.slopes.adjoint import build_adjoint
from screen.kinetics.compiler.slopes.step import build_slopes, tolerate
from screen.kinetics.compiler.step import advance, error_norm, leap
from screen.kinetics.compiler.workspace import Body

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
    "reached": "ptr",
    "rtol": "double",
    "atol": "double",
    "most": "i64",
    "t0": "double",
    "stops": "ptr",
    "rows": "ptr",
    "carried": "ptr",
    "kept": "ptr",
    "slack": "ptr",
    "log": "ptr",
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
    "slope_out": "ptr",
    "d": "double",
    "floor": "double",
    "work": "ptr",
}


def build_driver(layout: ProgramLayout) -> str:
    """IR text of the exported functions `run` and `points` and their helpers."""
    made = [gather, prepare, refill, finish, error_norm, leap, _run, _points]
    if layout.timed:
        made += [next_stop, restart]
    text = "\n".join(make(layout).text() for make in made)
    parts = [text, *([] if layout.discrete is None else [build_events(layout)])]
    parts += [build_slopes(layout)] if layout.beside else []
    return "\n".join([*parts, *([build_adjoint(layout)] if layout.adjoint else [])])


def _run(layout: ProgramLayout) -> Function:
    f = Body(layout, "run", RUN_ARGUMENTS, exported=True)
    queue = f.compute("alloca [2 x i64]")
    f.lines.append(f"  %queue = getelementptr inbounds i64, ptr {queue}, i64 0")
    f.put("i64", 0, queue)
    f.put("i64", -2 * layout.width, queue, 1)
    end = f.get("double", "%times", f.scalar("sub", "i64", "%nt", 1))
    f.lines.append(f"  %end = fadd double {end}, 0.0")
    f.lines.append("  %span = fsub double %end, %t0")
    if layout.beside:
        tolerate(f)
    with f.loop(layout.width) as lane:
        f.line(f"call void @refill(i64 {lane}, {shared_arguments()})")
    with f.forever() as finished:
        live = f.compute(f"load {f.integers}, ptr {f.array('live')}, align {8 * layout.width}")
        alive = f.compute(f"icmp ne {f.integers} {live}, zeroinitializer")
        f.break_if(f.scalar("icmp eq", f"i{f.width}", f.movemask(alive), 0), finished)
        done = advance(f)
        with f.when(f.scalar("icmp ne", "i64", done, 0)), f.loop(layout.width) as lane:
            bit = f.scalar("and", "i64", f.scalar("lshr", "i64", done, lane), 1)
            with f.when(f.scalar("icmp ne", "i64", bit, 0)):
                reason = f.get("double", f.lane("why", 0, lane))
                why = f.compute(f"fptosi double {reason} to i64")
                f.line(f"call void @finish(i64 {lane}, i64 {why}, {shared_arguments()})")
                f.line(f"call void @refill(i64 {lane}, {shared_arguments()})")
    f.line("ret void")
    return f


def _points(layout: ProgramLayout) -> Function:
    """Start, rates, Jacobian entries, readouts and the step (I d - J)^-1 f at given rows, without
    integration; with no `params` of the row that stands in the workspace.
    """
    f = Body(layout, "points", POINTS_ARGUMENTS, exported=True)
    batches = f.scalar("sdiv", "i64", f.scalar("add", "i64", "%n", layout.width - 1), layout.width)
    outputs: tuple[tuple[str, str, int, str], ...] = (
        ("start_out", "stage_y", layout.start_columns, ""),
        ("rates_out", "stage_f", len(layout.states), "rates"),
        ("jac_out", "jac", len(layout.jacobian), "jacobian"),
        ("read_out", "stage_out", layout.readouts, "readout"),
        ("move_out", "new", len(layout.states), "factor"),
    )
    if layout.slopes is not None:
        outputs += (("slope_out", "tangents", layout.sensitive.entries, "tangent"),)
    f.write(f.broadcast("%t"), "stage_t")
    f.write(f.broadcast("%d"), "d")
    f.write(f.splat(0.0), "hg")
    with f.loop(batches) as batch:
        first = f.scalar("mul", "i64", batch, layout.width)
        count = f.scalar("sub", "i64", "%n", first)
        fewer = f.scalar("icmp slt", "i64", count, layout.width)
        count = f.compute(f"select i1 {fewer}, i64 {count}, i64 {layout.width}")
        with f.when(f.scalar("icmp ne", "ptr", "%params", "null")):
            f.gather(first, "%params", layout.parameters, "stage_p")
            f.run("setup", f.array("stage_p"), f.array("stage_q"), f.array("stage_y"))
            f.write(f.broadcast("%floor"), "stage_q", layout.hoisted - 1)
            begin_slopes(f)
        with f.when(f.scalar("icmp ne", "ptr", "%states", "null")):
            f.gather(first, "%states", f.columns, "stage_y")
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
