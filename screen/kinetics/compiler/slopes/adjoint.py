"""Derivatives of weighted sums of readouts by all parameters, backwards: the transpose, step by step, of what
`slopes.step` does forwards, so that both give the same but for rounding. A step costs one substitution a stage and sum,
whatever the number of parameters; the Jacobian along it and its factors are shared by all sums.

Forwards each step of the lanes is logged; backwards the log is read from its end, each lane with the trajectory that it
had then.
"""

from screen.codegen.ir import Value
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.numerics import rodas5p as method
from screen.kinetics.compiler.slopes.along import BEGIN, SLOT, tangents_along, tangents_at, total, turn_over
from screen.kinetics.compiler.slopes.along import END as AT_END
from screen.kinetics.compiler.slopes.jumps_back import build_jumps_back, jumps_back, settle
from screen.kinetics.compiler.slopes.outputs_back import outputs_at, outputs_back
from screen.kinetics.compiler.slopes.step_records import (
    ACCEPTED,
    BLOCKS,
    HAPPENED,
    LENGTH,
    ROW,
    STATE,
    STOP,
    TIME,
    WITHIN,
    ends_of,
    hoisted_of,
    log_after,
    log_before,
    log_step,
    logged,
)
from screen.kinetics.compiler.workspace import Body

BACKWARD_ARGUMENTS = {
    "sums": "i64", "nt": "i64", "times": "ptr", "weights": "ptr", "last": "ptr", "gradient": "ptr",
    "first": "ptr", "log": "ptr", "work": "ptr",
}  # fmt: skip


def build_adjoint(layout: ProgramLayout) -> str:
    """IR text of the functions that log steps and follow them backwards."""
    made = [log_step, along_transposed, enter, leave, step_back, backward]
    made += [] if layout.discrete is None else [log_before, log_after]
    return "\n".join([*(make(layout).text() for make in made), build_jumps_back(layout)])


def along_transposed(layout: ProgramLayout) -> Body:
    """The transposed Jacobian's entries times a vector, added to another, and what the parameters get of the vector,
    added to `mu_step`.
    """
    arguments = dict.fromkeys(("entries", "x", "plus", "out"), "ptr noalias") | {"work": "ptr"}
    f = Body(layout, "along_transposed", arguments)
    columns: dict[int, list[tuple[int, int]]] = {}
    for k, (i, j) in enumerate(layout.sensitive.jacobian):
        columns.setdefault(j, []).append((k, i))
    for j in range(f.size):
        value = f.load("%plus", j)
        for k, i in columns.get(j, []):
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
    """A lane begins with the end of a trajectory, and is done with the one before."""
    f = Body(layout, "enter", {"lane": "i64", "row": "i64", **BACKWARD_ARGUMENTS})
    _leave(f, "%lane")
    kept = hoisted_of(f, "%row")
    with f.loop(layout.hoisted) as k:
        f.put("double", f.get("double", kept, k), f.lane("q", k, "%lane"))
    states, slopes = (f.scalar("mul", "i64", "%sums", size) for size in (f.size, layout.sensitive.parameters))
    source = f.element("double", "%last", f.scalar("mul", "i64", "%row", states))
    with f.when(f.scalar("icmp ne", "ptr", "%last", "null")), f.loop(states) as k:
        f.put("double", f.get("double", source, k), f.lane("lambda", k, "%lane"))
    with f.when(f.scalar("icmp eq", "ptr", "%last", "null")), f.loop(states) as k:
        f.put("double", "0.0", f.lane("lambda", k, "%lane"))
    with f.loop(slopes) as p:
        f.put("double", "0.0", f.lane("mu", p, "%lane"))
    if layout.discrete is not None:
        f.put("double", "0xFFF0000000000000", f.lane("since", 0, "%lane"))
        for name in ("passed", "owed"):
            with f.loop("%sums") as k:
                f.put("double", "0.0", f.lane(name, k, "%lane"))
    f.put("i64", "%row", f.array("row"), "%lane")
    f.put("i64", "%nt", f.array("next_out"), "%lane")
    f.put("double", "1.0", f.lane("entered", 0, "%lane"))
    f.next_back("%lane")
    f.line("ret void")
    return f


def _leave(f: Body, lane: Value) -> None:
    """Calls `leave` where a lane has a trajectory."""
    with f.when(f.scalar("icmp sge", "i64", f.get("i64", f.array("row"), lane), 0)):
        arguments = ", ".join(f"{kind} %{name}" for name, kind in BACKWARD_ARGUMENTS.items())
        f.line(f"call void @leave(i64 {lane}, {arguments})")


def leave(layout: ProgramLayout) -> Body:
    """A lane has come to the begin of its trajectory; outputs that are left are read from the first state."""
    f = Body(layout, "leave", {"lane": "i64", **BACKWARD_ARGUMENTS})
    f.write(f.splat(0.0), "leaving")
    f.put("double", "1.0", f.lane("leaving", 0, "%lane"))
    mine = f.compare("one", f.read("leaving"), f.splat(0.0))
    outputs_at(f, f.array("y"), mine)
    row = f.get("i64", f.array("row"), "%lane")
    for name, table, each in (("mu", "%gradient", layout.sensitive.parameters), ("lambda", "%first", f.size)):
        size = f.scalar("mul", "i64", "%sums", each)
        target = f.element("double", table, f.scalar("mul", "i64", row, size))
        with f.loop(size) as k:
            f.put("double", f.get("double", f.lane(name, k, "%lane")), target, k)
    f.put("i64", -1, f.array("row"), "%lane")
    f.line("ret void")
    return f


def step_back(layout: ProgramLayout) -> Body:
    """The transposed stages of one sum: from what the new sensitivities count (`lambda`), and, by outputs `within` the
    step, the stages (`bar`) and the old ones (`lambda_old`), to what the old ones count (`lambda_new`). Meanwhile the
    step `before` is fetched from memory.
    """
    f = Body(
        layout,
        "step_back",
        {"sum": "i64", "within": "i1", "h": f"<{layout.width} x double>", "before": "ptr", "work": "ptr"},
    )
    size, explicit = f.size, len(method.A)
    first = f.scalar("mul", "i64", "%sum", size)
    now, before = (f.at(f.array(name), first) for name in ("lambda", "lambda_old"))
    bar = f.at(f.array("bar"), f.scalar("mul", "i64", first, method.STAGES))
    right, r, whole, slope = (f.array(name) for name in ("bar_b", "bar_r", "bar_y", "bar_t"))
    inverse = f.div(f.splat(1.0), "%h")

    def if_within(value: Value) -> Value:
        return f.compute(f"select i1 %within, {f.vector} {value}, {f.vector} {f.splat(0.0)}")

    for stage in range(method.STAGES - 1, -1, -1):
        last = stage == method.STAGES - 1
        with f.loop(size) as k:
            if stage < BLOCKS:
                f.fetch(f.at("%before", stage * size), k)
            solved, arguments = f.at(r, k), f.at(whole, k)
            value = if_within(f.load(f.at(bar, k), stage * size))
            if last:
                value = f.add(f.load(now, k), value)
            else:
                later = range(stage + 1, method.STAGES)
                weights = [method.C[j][stage] for j in later]
                value = f.fma(total(f, weights, [f.load(solved, j * size) for j in later]), inverse, value)
                if stage + 1 >= explicit:
                    value = f.add(f.load(arguments, (stage + 1) * size), value)
                for j in range(stage + 1, explicit):
                    value = f.fma(f.splat(method.A[j][stage]), f.load(arguments, j * size), value)
            f.store(value, right, k)
        f.run("solve_transposed", f.array("lu"), right, f.at(r, stage * size))
        plus = now if last else f.array("nothing")
        if explicit - 1 <= stage < method.STAGES - 1:
            plus = f.at(whole, (stage + 1) * size)
        given = (tangents_at(f, SLOT[stage]), f.at(r, stage * size), plus, f.at(whole, stage * size))
        f.line(f"call void @along_transposed({', '.join(f'ptr {a}' for a in given)}, ptr %work)")
    sloping = [stage for stage in range(method.STAGES) if method.SLOPE[stage]]
    with f.loop(size) as k:
        solved, arguments = f.at(r, k), f.at(whole, k)
        value = total(f, [method.SLOPE[j] for j in sloping], [f.load(solved, j * size) for j in sloping])
        f.store(f.mul("%h", value), slope, k)
        value = if_within(f.load(before, k))
        for stage in range(explicit):
            value = f.add(f.load(arguments, stage * size), value)
        f.store(value, right, k)
    given = (f.array("tangents_t"), slope, right, f.array("lambda_new"))
    f.line(f"call void @along_transposed({', '.join(f'ptr {a}' for a in given)}, ptr %work)")
    f.line("ret void")
    return f


def backward(layout: ProgramLayout) -> Body:
    """Follows the log backwards and writes, for each of its trajectories, what the readouts count with `weights`
    (trajectory, time, sum, readout), and the states at the end with `last`: by sum and parameter, and by sum and state
    at the begin.
    """
    f = Body(layout, "backward", BACKWARD_ARGUMENTS, exported=True)
    used = f.get("i64", "%log", 1)
    arguments = ", ".join(f"{kind} %{name}" for name, kind in BACKWARD_ARGUMENTS.items())
    f.put("i64", 0, f.array("turn"))
    f.line(f"store {f.integers} {f.splat_integer(-1)}, ptr {f.array('row')}, align {8 * f.width}")
    with f.loop(f.size) as k:
        f.write(f.splat(0.0), "nothing", k)
    with f.loop(used) as back:
        number = f.scalar("sub", "i64", f.scalar("sub", "i64", used, 1), back)
        here = logged(f, number)
        live = f.compare("one", f.load(here, ACCEPTED), f.splat(0.0))
        with f.loop(f.width) as lane:
            accepted = f.get("double", f.element("double", f.at(here, ACCEPTED), lane))
            row = f.get("i64", f.element("i64", f.at(here, ROW), lane))
            other = f.scalar("icmp ne", "i64", row, f.get("i64", f.array("row"), lane))
            with f.when(f.scalar("and", "i1", f.scalar("fcmp one", "double", accepted, "0.0"), other)):
                f.line(f"call void @enter(i64 {lane}, i64 {row}, {arguments})")
        old, *_ = ends_of(f, here)
        if layout.discrete is None:
            _one_back(f, here, live, number)
        else:
            happened = f.any(f.compare("oge", f.load(here, ACCEPTED), f.splat(HAPPENED)))
            with f.when(happened):
                jumps_back(f, here, live)
            with f.when(f.scalar("xor", "i1", happened, "true")):
                settle(f, live)
                _one_back(f, here, live, number)
                outputs_at(f, old, live, f.load(here, TIME))
        with f.loop(f.size) as k:
            f.write(f.select(live, f.load(old, k), f.read("y", k)), "y", k)
    with f.loop(f.width) as lane:
        _leave(f, lane)
    f.line("ret void")
    return f


def _one_back(f: Body, here: Value, live: Value, number: Value) -> None:
    """One logged step, of some number, backwards, in the lanes in which it was accepted."""
    next_one = logged(f, f.scalar("sub", "i64", number, 1))
    for place in range(STATE):
        f.fetch(next_one, place)
    earlier, *_ = ends_of(f, next_one)
    t, h = f.load(here, TIME), f.load(here, LENGTH)
    f.write(t, "t")
    if f.layout.timed:
        f.write(f.load(here, STOP), "stop")
    f.write(f.div(f.splat(1.0 / method.GAMMA), h), "d")
    f.write(f.splat(0.0), "hg")
    ends = ends_of(f, here)
    turn_over(f)
    tangents_along(f, ends, t, h, AT_END)
    given = [f.array(name) for name in ("q", "d", "hg", "lu", "u", "ft")]
    f.run("refactor", f.array("t"), ends[0], *given, tangents_at(f, BEGIN))
    within = f.any(f.compare("one", f.load(here, WITHIN), f.splat(0.0)))
    outputs_back(f, here, live, h, within)
    parameters = f.layout.sensitive.parameters
    with f.loop("%sums") as number:
        with f.loop(parameters) as p:
            f.write(f.splat(0.0), "mu_step", p)
        f.line(f"call void @step_back(i64 {number}, i1 {within}, {f.vector} {h}, ptr {earlier}, ptr %work)")
        now = f.at(f.array("lambda"), f.scalar("mul", "i64", number, f.size))
        with f.loop(f.size) as k:
            f.store(f.select(live, f.read("lambda_new", k), f.load(now, k)), now, k)
        counted = f.at(f.array("mu"), f.scalar("mul", "i64", number, parameters))
        with f.loop(parameters) as p:
            before = f.load(counted, p)
            f.store(f.select(live, f.add(before, f.read("mu_step", p)), before), counted, p)
