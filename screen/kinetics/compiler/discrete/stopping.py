"""Stops at times that are known beforehand, lane by lane: a step ends there, its stages see the rates as they were
before, and the next step begins with a new length. Only programs of networks that hold time have this code.
"""

from collections.abc import Mapping

from screen.codegen.ir import Value
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.workspace import Body

FIRST_STEP = 0.01  # of the time in which the rates would change the state by itself
LEAST_STEP = 1e-13  # of the time reached, after a stop
STEPS_PER_STOP = 100  # more than `max_steps`


def first_stop(f: Body, lane: Value, row: Value) -> None:
    """Makes a lane ready for the stops of its trajectory."""
    first = f.get("i64", "%rows", f.scalar("mul", "i64", row, 2))
    end = f.get("i64", "%rows", f.scalar("add", "i64", f.scalar("mul", "i64", row, 2), 1))
    f.put("i64", first, f.array("stop_row"), lane)
    f.put("i64", end, f.array("stop_end"), lane)
    f.put("i64", "%most", f.array("allowed"), lane)
    f.put("double", "%t0", f.lane("resume", 0, lane))
    last = f.get("double", "%times", f.scalar("sub", "i64", "%nt", 1))
    f.line(f"call void @next_stop(i64 {lane}, ptr %stops, double {last}, ptr %work)")
    f.put("double", "1.0", f.lane("fresh", 0, lane))


def take_stop(
    f: Body, where: Mapping[str, Value], arrays: tuple[Value, Value, Value], found: str
) -> tuple[Value, Value]:
    """Reads the next stop of `%lane` into `stop` and `resume`, the end where there is none, and leaves the loop of
    `found` where it lies ahead; the time reached, and where that stop ends.
    """
    rows, ends, allowed = arrays
    k = f.get("i64", rows, "%lane")
    f.put("double", "%end", where["stop"])
    f.put("double", "%end", where["resume"])
    f.break_if(f.scalar("icmp sge", "i64", k, f.get("i64", ends, "%lane")), found)
    f.put("i64", f.scalar("add", "i64", k, 1), rows, "%lane")
    more = f.scalar("add", "i64", f.get("i64", allowed, "%lane"), STEPS_PER_STOP)
    f.put("i64", more, allowed, "%lane")
    place = f.scalar("mul", "i64", k, 2)
    stop = f.get("double", "%stops", place)
    resume = f.get("double", "%stops", f.scalar("add", "i64", place, 1))
    f.put("double", stop, where["stop"])
    f.put("double", resume, where["resume"])
    t = f.get("double", where["t"])
    f.break_if(f.scalar("fcmp ogt", "double", stop, t), found)
    return t, resume


def next_stop(layout: ProgramLayout) -> Body:
    """Takes a lane over its stop to the next one, or to the end; `fresh` says whether something jumped there."""
    f = Body(layout, "next_stop", {"lane": "i64", "stops": "ptr", "end": "double", "work": "ptr"})
    where = {name: f.lane(name, 0, "%lane") for name in ("t", "stop", "resume", "fresh")}
    arrays = f.array("stop_row"), f.array("stop_end"), f.array("allowed")
    jumped = f.scalar("fcmp one", "double", f.get("double", where["stop"]), f.get("double", where["resume"]))
    f.put("double", f.compute(f"select i1 {jumped}, double 1.0, double 0.0"), where["fresh"])
    with f.forever() as found:
        t, resume = take_stop(f, where, arrays, found)
        beyond = f.scalar("fcmp ogt", "double", resume, t)
        f.put("double", f.compute(f"select i1 {beyond}, double {resume}, double {t}"), where["t"])
        f.put("double", "1.0", where["fresh"])
    f.line("ret void")
    return f


def restart(layout: ProgramLayout) -> Body:
    """A new first step, from the state and its rates, for the lanes marked in `fresh`."""
    f = Body(layout, "restart", {"rtol": "double", "atol": "double", "work": "ptr"})
    f.run("rates", f.array("t"), f.array("y"), f.array("q"), f.array("fresh_f"))
    rtol, atol = f.broadcast("%rtol"), f.broadcast("%atol")
    f.write(f.splat(float(max(f.size, 1))), "error")
    f.write(f.splat(0.0), "tn")
    with f.loop(f.size) as k:
        y = f.read("y", k)
        scale = f.fma(f.intrinsic("fabs", y), rtol, atol)
        here, slope = f.div(y, scale), f.div(f.read("fresh_f", k), scale)
        f.write(f.fma(here, here, f.read("error")), "error")
        f.write(f.fma(slope, slope, f.read("tn")), "tn")
    h = f.mul(f.intrinsic("sqrt", f.div(f.read("error"), f.read("tn"))), f.splat(FIRST_STEP))
    h = f.larger(h, f.mul(f.intrinsic("fabs", f.read("t")), f.splat(LEAST_STEP)))
    fresh = f.compare("one", f.read("fresh"), f.splat(0.0))
    f.write(f.select(fresh, f.smaller(h, f.read("h")), f.read("h")), "h")
    f.write(f.splat(0.0), "fresh")
    f.line("ret void")
    return f


def restarted(f: Body) -> None:
    """New first steps where some lane has passed a jump."""
    fresh = f.compare("one", f.read("fresh"), f.splat(0.0))
    with f.when(f.any(fresh)):
        f.line("call void @restart(double %rtol, double %atol, ptr %work)")


def stopped(f: Body, accepted: Value, h: Value, t: Value) -> Value:
    """Takes lanes that have reached their stops on; their next step is not shorter for having been cut there."""
    reached = f.and_(accepted, f.compare("oeq", t, f.read("resume")))
    h = f.select(reached, f.larger(h, f.read("unclipped")), h)
    mask = f.movemask(reached)
    with f.when(f.scalar("icmp ne", f"i{f.width}", mask, 0)):
        lanes = f.compute(f"zext i{f.width} {mask} to i64")
        with f.loop(f.width) as lane:
            bit = f.scalar("and", "i64", f.scalar("lshr", "i64", lanes, lane), 1)
            with f.when(f.scalar("icmp ne", "i64", bit, 0)):
                f.line(f"call void @next_stop(i64 {lane}, ptr %stops, double %end, ptr %work)")
    return h
