"""The log of the steps that the lanes take, for who follows them backwards: 64 bytes that say how many steps there is
room for, how many there were and where what is computed once a trajectory is kept, a row each; then the steps.
"""

from screen.codegen.ir import Value
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.numerics import rodas5p as method
from screen.kinetics.compiler.slopes.along import densely
from screen.kinetics.compiler.workspace import Body

ACCEPTED, TIME, LENGTH, END, ROW, STOP, WITHIN, PLACE, STATE = range(9)
"""Vectors of a logged step; then the state, the new one, and the polynomials between them. `WITHIN`: in which lanes
there is an output before the step's end; `PLACE`: at which share of its length a step ends, where events cut it.

What happens at one time is logged in between: as a step of no length, in whose lanes `ACCEPTED` is `HAPPENED` and the
event's number, with the states before and after it; its `LENGTH` is not a number where slopes are not known.
"""
HAPPENED = 2.0
BLOCKS = 2 + len(method.DENSE)  # of a number for each state


def record(layout: ProgramLayout) -> int:
    """Vectors of a logged step."""
    return STATE + BLOCKS * len(layout.states)


def log_step(layout: ProgramLayout) -> Body:
    """Logs a step of which some lanes' is accepted, if there is room."""
    vectors = dict.fromkeys(("accepted", "h", "end", "place"), f"<{layout.width} x double>")
    f = Body(layout, "log_step", {**vectors, "log": "ptr", "work": "ptr"})
    used = f.get("i64", "%log", 1)
    f.put("i64", f.scalar("add", "i64", used, 1), "%log", 1)
    with f.when(f.scalar("icmp slt", "i64", used, f.get("i64", "%log"))):
        here = logged(f, used)
        f.store("%accepted", here, ACCEPTED)
        f.store(f.read("t"), here, TIME)
        f.store("%h", here, LENGTH)
        f.store("%end", here, END)
        f.store(f.read("row"), here, ROW)
        if layout.timed:
            f.store(f.read("stop"), here, STOP)
        f.store("%place", here, PLACE)
        early = f.compare("olt", f.read("tout"), "%end")
        early = f.or_(early, f.compare("olt", "%place", f.splat(1.0)))
        within = f.and_(early, f.compare("one", "%accepted", f.splat(0.0)))
        f.store(f.select(within, f.splat(1.0), f.splat(0.0)), here, WITHIN)
        old, new, dense = ends_of(f, here)
        with f.loop(f.size) as k:
            f.store(f.read("y", k), old, k)
            f.store(f.read("new", k), new, k)
        densely(f, dense)
    f.line("ret void")
    return f


def log_before(layout: ProgramLayout) -> Body:
    """Logs the states before what may happen now, if there is room."""
    f = Body(layout, "log_before", {"log": "ptr", "work": "ptr"})
    f.write(f.splat(0.0), "executing")
    used = f.get("i64", "%log", 1)
    with f.when(f.scalar("icmp slt", "i64", used, f.get("i64", "%log"))):
        here = logged(f, used)
        f.store(f.read("t"), here, TIME)
        f.store(f.read("row"), here, ROW)
        old, *_ = ends_of(f, here)
        with f.loop(f.size) as k:
            f.store(f.read("y", k), old, k)
    f.line("ret void")
    return f


def log_after(layout: ProgramLayout) -> Body:
    """Logs what has happened, and the states after it."""
    f = Body(layout, "log_after", {"log": "ptr", "work": "ptr"})
    used = f.get("i64", "%log", 1)
    with f.when(f.any(f.compare("one", f.read("executing"), f.splat(0.0)))):
        f.put("i64", f.scalar("add", "i64", used, 1), "%log", 1)
        with f.when(f.scalar("icmp slt", "i64", used, f.get("i64", "%log"))):
            here = logged(f, used)
            f.store(f.read("executing"), here, ACCEPTED)
            f.store(f.read("spoiled"), here, LENGTH)
            _, new, _ = ends_of(f, here)
            with f.loop(f.size) as k:
                f.store(f.read("y", k), new, k)
    f.line("ret void")
    return f


def log_hoisted(f: Body, row: Value, column: Value) -> None:
    """Keeps what is computed once a trajectory, of the next one in the queue, where a log is asked for."""
    with f.when(f.scalar("icmp ne", "ptr", "%log", "null")):
        kept = hoisted_of(f, row)
        with f.loop(f.layout.hoisted) as k:
            f.put("double", f.get("double", f.lane("stage_q", k, column)), kept, k)


def hoisted_of(f: Body, row: Value) -> Value:
    """Where it is kept."""
    return f.element("double", f.get("ptr", "%log", 2), f.scalar("mul", "i64", row, f.layout.hoisted))


def log_steps(f: Body, accepted: Value, h: Value, end: Value, place: Value) -> None:
    """Logs what lanes in use accept, where a log is asked for."""
    live = f.compute(f"load {f.integers}, ptr {f.array('live')}, align {8 * f.width}")
    lanes = f.and_(accepted, f.compute(f"icmp ne {f.integers} {live}, zeroinitializer"))
    wanted = f.scalar("and", "i1", f.any(lanes), f.scalar("icmp ne", "ptr", "%log", "null"))
    with f.when(wanted):
        given = (f.select(lanes, f.splat(1.0), f.splat(0.0)), h, end, place)
        numbers = [f"{f.vector} {value}" for value in given]
        f.line(f"call void @log_step({', '.join(numbers)}, ptr %log, ptr %work)")


def logged(f: Body, number: Value) -> Value:
    """The address of a step in the log."""
    whole = f.scalar("mul", "i64", number, record(f.layout) * f.width)
    return f.element("double", f.element("double", "%log", 8), whole)


def next_block(f: Body, number: int) -> Value | None:
    """Where one of the blocks of the next logged step will stand, so that it is in reach when it is written."""
    if number >= BLOCKS:
        return None
    return f.at(logged(f, f.get("i64", "%log", 1)), STATE + number * f.size)


def ends_of(f: Body, here: Value) -> tuple[Value, Value, Value]:
    """The addresses of a logged step's state, new state and polynomials."""
    old, new, dense = (f.at(here, STATE + k * f.size) for k in range(3))
    return old, new, dense
