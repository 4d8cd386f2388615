"""Derivatives of a weighted sum of readouts by all parameters, backwards: the transpose, step by step, of what
`slopes.step` does forwards, so that both give the same but for rounding. A step costs one substitution a stage whatever
the number of parameters.

Forwards each step of the lanes is logged; backwards the log is read from its end, each lane with the trajectory that it
had then.
"""

from screen.codegen.ir import Value
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.numerics import rodas5p as method
from screen.kinetics.compiler.slopes.along import SLOT, state_between, tangents_along
from screen.kinetics.compiler.slopes.step_records import (
    ACCEPTED,
    END,
    LENGTH,
    ROW,
    STOP,
    TIME,
    ends_of,
    hoisted_of,
    log_step,
    logged,
)
from screen.kinetics.compiler.workspace import Body

BACKWARD_ARGUMENTS = {
    "nt": "i64", "times": "ptr", "weights": "ptr", "last": "ptr", "gradient": "ptr",
    "first": "ptr", "t0": "double", "log": "ptr", "work": "ptr",
}  # fmt: skip


def build_adjoint(layout: ProgramLayout) -> str:
    """IR text of the functions that log steps and follow them backwards."""
    functions = (
        make(layout).text() for make in (log_step, along_transposed, enter, leave, step_back, backward)
    )
    return "\n".join(functions)


def along_transposed(layout: ProgramLayout) -> Body:
    """Adds the transposed Jacobian times a vector to another, and what the parameters get of the vector to
    `mu_step`.
    """
    f = Body(
        layout, "along_transposed", dict.fromkeys(("entries", "x", "out"), "ptr noalias") | {"work": "ptr"}
    )
    columns: dict[int, list[tuple[int, int]]] = {}
    for k, (i, j) in enumerate(layout.sensitive.jacobian):
        columns.setdefault(j, []).append((k, i))
    for j, found in columns.items():
        value = f.load("%out", j)
        for k, i in found:
            value = f.fma(f.load("%entries", k), f.load("%x", i), value)
        f.store(value, "%out", j)
        f.split(500)
    rows: dict[int, list[tuple[int, int]]] = {}
    for k, (p, i) in enumerate(layout.sensitive.direct, len(layout.sensitive.jacobian)):
        rows.setdefault(p, []).append((k, i))
    for p, found in rows.items():
        value = f.read("mu_step", p)
        for k, i in found:
            value = f.fma(f.load("%entries", k), f.load("%x", i), value)
        f.write(value, "mu_step", p)
        f.split(500)
    f.line("ret void")
    return f


def enter(layout: ProgramLayout) -> Body:
    """A lane begins with the end of a trajectory."""
    f = Body(layout, "enter", {"lane": "i64", "row": "i64", **BACKWARD_ARGUMENTS})
    kept = hoisted_of(f, "%row")
    with f.loop(layout.hoisted) as k:
        f.put("double", f.get("double", kept, k), f.lane("q", k, "%lane"))
    source = f.element("double", "%last", f.scalar("mul", "i64", "%row", f.size))
    with f.when(f.scalar("icmp ne", "ptr", "%last", "null")), f.loop(f.size) as k:
        f.put("double", f.get("double", source, k), f.lane("lambda", k, "%lane"))
    with f.when(f.scalar("icmp eq", "ptr", "%last", "null")), f.loop(f.size) as k:
        f.put("double", "0.0", f.lane("lambda", k, "%lane"))
    with f.loop(layout.sensitive.parameters) as p:
        f.put("double", "0.0", f.lane("mu", p, "%lane"))
    f.put("i64", "%row", f.array("row"), "%lane")
    f.put("i64", "%nt", f.array("next_out"), "%lane")
    _output_before(f, "%lane")
    f.line("ret void")
    return f


def _output_before(f: Body, lane: Value) -> None:
    """Moves a lane to the output before its present one."""
    k = f.scalar("sub", "i64", f.get("i64", f.array("next_out"), lane), 1)
    f.put("i64", k, f.array("next_out"), lane)
    f.put("double", "0xFFF0000000000000", f.lane("tout", 0, lane))
    with f.when(f.scalar("icmp sge", "i64", k, 0)):
        f.put("double", f.get("double", "%times", k), f.lane("tout", 0, lane))


def leave(layout: ProgramLayout) -> Body:
    """A lane has come to the begin of its trajectory."""
    f = Body(layout, "leave", {"lane": "i64", **BACKWARD_ARGUMENTS})
    row = f.get("i64", f.array("row"), "%lane")
    for name, table, size in (("mu", "%gradient", layout.sensitive.parameters), ("lambda", "%first", f.size)):
        target = f.element("double", table, f.scalar("mul", "i64", row, size))
        with f.loop(size) as k:
            f.put("double", f.get("double", f.lane(name, k, "%lane")), target, k)
    f.put("i64", -1, f.array("row"), "%lane")
    f.line("ret void")
    return f


def step_back(layout: ProgramLayout) -> Body:
    """The transposed stages: from what the new sensitivities count (`lambda_new`), and the stages (`bar`) and the old
    ones (`lambda_old`) by outputs between, to what the old ones count.
    """
    f = Body(layout, "step_back", {"h": f"<{layout.width} x double>", "work": "ptr"})
    size, entries = f.size, layout.sensitive.entries
    bar, r, argument, slope, old = (f.array(n) for n in ("bar", "bar_r", "bar_y", "bar_t", "lambda_old"))
    inverse = f.div(f.splat(1.0), "%h")
    final = f.at(bar, (method.STAGES - 1) * size)
    with f.loop(size) as k:
        value = f.read("lambda_new", k)
        f.store(value, argument, k)
        f.store(f.add(f.load(final, k), value), final, k)
        f.store(f.splat(0.0), slope, k)
    for stage in range(method.STAGES - 1, -1, -1):
        f.run("solve_transposed", f.array("lu"), f.at(bar, stage * size), r)
        table = f.at(f.array("tangents"), SLOT[stage] * entries)
        f.line(f"call void @along_transposed(ptr {table}, ptr {r}, ptr {argument}, ptr %work)")
        with f.loop(size) as k:
            here = f.at(bar, k)
            value, whole = f.load(r, k), f.load(argument, k)
            scaled = f.mul(value, inverse)
            if method.SLOPE[stage]:
                weight = f.mul("%h", f.splat(method.SLOPE[stage]))
                f.store(f.fma(weight, value, f.load(slope, k)), slope, k)
            for j in range(stage):
                sum_ = f.fma(f.splat(method.C[stage][j]), scaled, f.load(here, j * size))
                if stage < len(method.A):
                    sum_ = f.fma(f.splat(method.A[stage][j]), whole, sum_)
                elif j == stage - 1:
                    sum_ = f.add(whole, sum_)
                f.store(sum_, here, j * size)
            if stage < len(method.A):
                f.store(f.add(f.load(old, k), whole), old, k)
                f.store(f.splat(0.0), argument, k)
    f.line(f"call void @along_transposed(ptr {f.array('tangents_t')}, ptr {slope}, ptr {old}, ptr %work)")
    f.line("ret void")
    return f


def _read_back(f: Body, lanes: Value, time: Value, state: Value, into: str) -> None:
    """What the readouts of some lanes (a mask) count, at their next output backwards: by state into `counted`, by
    parameter added to `into`.
    """
    d = f.layout.sensitive
    with f.loop(d.readouts) as k:
        f.write(f.splat(0.0), "r_weight", k)
    bits = f.compute(f"zext i{f.width} {f.movemask(lanes)} to i64")
    with f.loop(f.width) as lane:
        bit = f.scalar("and", "i64", f.scalar("lshr", "i64", bits, lane), 1)
        with f.when(f.scalar("icmp ne", "i64", bit, 0)):
            row = f.get("i64", f.array("row"), lane)
            flat = f.scalar(
                "add", "i64", f.scalar("mul", "i64", row, "%nt"), f.get("i64", f.array("next_out"), lane)
            )
            source = f.element("double", "%weights", f.scalar("mul", "i64", flat, d.readouts))
            with f.loop(d.readouts) as k:
                f.put("double", f.get("double", source, k), f.lane("r_weight", k, lane))
            _output_before(f, lane)
    f.run("read_tangent", time, state, f.array("q"), f.array("r_tangent"))
    sums: list[Value] = [f.splat(0.0)] * f.size
    for entry, (r, i) in enumerate(d.read):
        sums[i] = f.fma(f.read("r_tangent", entry), f.read("r_weight", r), sums[i])
        f.split(500)
    for place, value in enumerate(sums):
        f.write(f.select(lanes, value, f.splat(0.0)), "counted", place)
    for entry, (r, p) in enumerate(d.read_direct, len(d.read)):
        more = f.mul(f.read("r_tangent", entry), f.read("r_weight", r))
        f.write(f.add(f.read(into, p), f.select(lanes, more, f.splat(0.0))), into, p)


def _outputs_back(f: Body, here: Value, live: Value, h: Value) -> None:
    """All outputs of a step: those at its end count for the new sensitivities, others for both ends and the stages."""
    ends = ends_of(f, here)
    begin, end, bar = f.load(here, TIME), f.load(here, END), f.array("bar")
    with f.forever() as done:
        wanted = f.read("tout")
        lanes = f.and_(live, f.compare("ogt", wanted, begin))
        f.break_if(f.scalar("icmp eq", f"i{f.width}", f.movemask(lanes), 0), done)
        f.write(f.smaller(wanted, end), "ts")
        s = f.select(f.compare("oge", wanted, end), f.splat(1.0), f.div(f.sub(wanted, begin), h))
        r = f.sub(f.splat(1.0), s)
        with f.loop(f.size) as k:
            f.write(state_between(f, k, s, ends), "at", k)
        _read_back(f, lanes, f.array("ts"), f.array("at"), "mu_step")
        s = f.select(lanes, s, f.splat(1.0))
        r = f.select(lanes, r, f.splat(0.0))
        curve = f.mul(s, r)
        with f.loop(f.size) as k:
            counted = f.read("counted", k)
            f.write(f.fma(s, counted, f.read("lambda_new", k)), "lambda_new", k)
            f.write(f.fma(r, counted, f.read("lambda_old", k)), "lambda_old", k)
            place, inner = f.at(bar, k), f.mul(curve, counted)
            for j in range(method.STAGES):
                d1, d2, d3 = (f.splat(row[j]) for row in method.DENSE)
                weight = f.fma(s, f.fma(s, d3, d2), d1)
                f.store(f.fma(weight, inner, f.load(place, j * f.size)), place, j * f.size)


def backward(layout: ProgramLayout) -> Body:
    """Follows the log backwards and writes, for each of its trajectories, what the readouts count with `weights`
    (trajectory, time, readout), and the states at the end with `last`: by parameter, and by state at the begin.
    """
    f = Body(layout, "backward", BACKWARD_ARGUMENTS, exported=True)
    used = f.get("i64", "%log", 1)
    arguments = ", ".join(f"{kind} %{name}" for name, kind in BACKWARD_ARGUMENTS.items())
    f.line(f"store {f.integers} {f.splat_integer(-1)}, ptr {f.array('row')}, align {8 * f.width}")
    with f.loop(used) as back:
        here = logged(f, f.scalar("sub", "i64", f.scalar("sub", "i64", used, 1), back))
        live = f.compare("one", f.load(here, ACCEPTED), f.splat(0.0))
        with f.loop(f.width) as lane:
            accepted = f.get("double", f.element("double", f.at(here, ACCEPTED), lane))
            row = f.get("i64", f.element("i64", f.at(here, ROW), lane))
            other = f.scalar("icmp ne", "i64", row, f.get("i64", f.array("row"), lane))
            with f.when(f.scalar("and", "i1", f.scalar("fcmp one", "double", accepted, "0.0"), other)):
                f.line(f"call void @enter(i64 {lane}, i64 {row}, {arguments})")
        _one_back(f, here, live)
        begins = f.and_(live, f.compare("oeq", f.load(here, TIME), f.broadcast("%t0")))
        with f.when(f.any(begins)):
            _begin_back(f, here, begins)
            bits = f.compute(f"zext i{f.width} {f.movemask(begins)} to i64")
            with f.loop(f.width) as lane:
                bit = f.scalar("and", "i64", f.scalar("lshr", "i64", bits, lane), 1)
                with f.when(f.scalar("icmp ne", "i64", bit, 0)):
                    f.line(f"call void @leave(i64 {lane}, {arguments})")
    f.line("ret void")
    return f


def _one_back(f: Body, here: Value, live: Value) -> None:
    """One logged step backwards, in the lanes in which it was accepted."""
    t, h = f.load(here, TIME), f.load(here, LENGTH)
    f.write(t, "t")
    if f.layout.timed:
        f.write(f.load(here, STOP), "stop")
    f.write(f.div(f.splat(1.0 / method.GAMMA), h), "d")
    f.write(f.splat(0.0), "hg")
    ends = ends_of(f, here)
    tangents_along(f, ends, t, h)
    given = [f.array(name) for name in ("q", "d", "hg", "lu", "u", "ft", "tangents")]
    f.run("refactor", f.array("t"), ends[0], *given)
    with f.loop(f.layout.sensitive.parameters) as p:
        f.write(f.splat(0.0), "mu_step", p)
    with f.loop(method.STAGES * f.size) as k:
        f.write(f.splat(0.0), "bar", k)
    with f.loop(f.size) as k:
        f.write(f.select(live, f.read("lambda", k), f.splat(0.0)), "lambda_new", k)
        f.write(f.splat(0.0), "lambda_old", k)
    _outputs_back(f, here, live, h)
    f.line(f"call void @step_back({f.vector} {h}, ptr %work)")
    with f.loop(f.size) as k:
        f.write(f.select(live, f.read("lambda_old", k), f.read("lambda", k)), "lambda", k)
    with f.loop(f.layout.sensitive.parameters) as p:
        mu = f.read("mu", p)
        f.write(f.select(live, f.add(mu, f.read("mu_step", p)), mu), "mu", p)


def _begin_back(f: Body, here: Value, begins: Value) -> None:
    """Outputs at the begin of trajectories."""
    with f.forever() as done:
        lanes = f.and_(begins, f.compare("ogt", f.read("tout"), f.splat(float("-inf"))))
        f.break_if(f.scalar("icmp eq", f"i{f.width}", f.movemask(lanes), 0), done)
        _read_back(f, lanes, f.array("t"), ends_of(f, here)[0], "mu")
        with f.loop(f.size) as k:
            f.write(f.add(f.read("lambda", k), f.read("counted", k)), "lambda", k)
