"""The course of a stop in a program with events: events at the end of the step, outputs, the jump of the clock, taken
trigger by trigger to the last place, events after each.
"""

from screen.codegen.ir import Value
from screen.kinetics.compiler.discrete.stopping import take_stop
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.workspace import Body

HALVINGS = 64
NEVER = "0xFFF0000000000000"
OUTPUTS = {
    "end": "double", "nt": "i64", "times": "ptr", "values": "ptr", "stops": "ptr", "log": "ptr",
    "work": "ptr",
}  # fmt: skip


def handed_on() -> str:
    """The arguments of `happen`, as its callers have them."""
    return ", ".join(f"{kind} %{name}" for name, kind in OUTPUTS.items())


def happen(layout: ProgramLayout) -> Body:
    """Events of all pending lanes, over the jumps of those in a gap, with the outputs that are due."""
    f = Body(layout, "happen", OUTPUTS)
    with f.forever() as settled:
        with f.forever() as quiet:
            pending = f.compare("one", f.read("pending"), f.splat(0.0))
            f.break_if(f.scalar("xor", "i1", f.any(pending), "true"), quiet)
            f.run("discrete", f.array("t"), f.array("y"), f.array("q"), f.array("now"))
            _log(f, "before")
            with f.loop(f.width) as lane:
                waits = f.scalar("fcmp one", "double", f.get("double", f.lane("pending", 0, lane)), "0.0")
                with f.when(waits):
                    f.line(f"call void @one(i64 {lane}, ptr %work)")
                    broken = f.get("double", f.lane("broken", 0, lane))
                    with f.when(f.scalar("fcmp one", "double", broken, "0.0")):
                        f.put("double", "0.0", f.lane("pending", 0, lane))
                        f.put("double", "0.0", f.lane("gap", 0, lane))
            _log(f, "after")
        _flush(f)
        gap = f.compare("one", f.read("gap"), f.splat(0.0))
        f.break_if(f.scalar("xor", "i1", f.any(gap), "true"), settled)
        f.line("call void @over(ptr %work)")
        _flush(f)
        f.write(f.select(gap, f.read("until"), f.read("t")), "t")
        f.write(f.splat(float("-inf")), "until")
        f.write(f.select(gap, f.splat(1.0), f.splat(0.0)), "pending")
        beyond = f.and_(gap, f.compare("oge", f.read("t"), f.read("resume")))
        lanes = f.compute(f"zext i{f.width} {f.movemask(beyond)} to i64")
        with f.loop(f.width) as lane:
            bit = f.scalar("and", "i64", f.scalar("lshr", "i64", lanes, lane), 1)
            with f.when(f.scalar("icmp ne", "i64", bit, 0)):
                f.line(f"call void @next_gap(i64 {lane}, ptr %stops, double %end, ptr %work)")
    f.line("ret void")
    return f


def _log(f: Body, which: str) -> None:
    """Logs the states before and after what happens, where a log is asked for."""
    if f.layout.adjoint:
        with f.when(f.scalar("icmp ne", "ptr", "%log", "null")):
            f.line(f"call void @log_{which}(ptr %log, ptr %work)")


def _flush(f: Body) -> None:
    """Outputs up to each lane's time, and before `until` while the clock goes over a jump."""
    with f.forever() as done:
        wanted = f.read("tout")
        due = f.or_(f.compare("ole", wanted, f.read("t")), f.compare("olt", wanted, f.read("until")))
        lanes = f.movemask(due)
        f.break_if(f.scalar("icmp eq", f"i{f.width}", lanes, 0), done)
        f.write(f.smaller(wanted, f.larger(f.read("t"), f.read("until"))), "ts")
        f.run("readout", f.array("ts"), f.array("y"), f.array("q"), f.array("out"))
        f.hand_out(lanes)


def over(layout: ProgramLayout) -> Body:
    """`until`: the first time at which a trigger differs on the way over a jump of the clock, or its other side."""
    f = Body(layout, "over", {"work": "ptr"})
    d = layout.events
    inside = f.compare("one", f.read("gap"), f.splat(0.0))
    low, high = f.read("t"), f.larger(f.read("resume"), f.read("t"))

    def differs(time: Value) -> Value:
        f.write(time, "ts")
        f.run("discrete", f.array("ts"), f.array("y"), f.array("q"), f.array("later"))
        f.write(f.splat(0.0), "flag")
        for e in range(len(d.events)):
            other = f.compare("une", f.read("later", e), f.read("carry", e))
            f.write(f.select(other, f.splat(1.0), f.read("flag")), "flag")
            f.split(500)
        return f.compare("one", f.read("flag"), f.splat(0.0))

    changes = differs(high)
    f.write(low, "left")
    f.write(high, "right")
    with f.when(f.any(f.and_(changes, inside))), f.forever() as found:
        low, high = f.read("left"), f.read("right")
        middle = f.mul(f.add(low, high), f.splat(0.5))
        strictly = f.and_(f.compare("olt", low, middle), f.compare("olt", middle, high))
        strictly = f.and_(f.and_(strictly, inside), changes)
        f.break_if(f.scalar("xor", "i1", f.any(strictly), "true"), found)
        there = differs(middle)
        f.write(f.select(f.and_(strictly, there), middle, high), "right")
        f.write(f.select(f.and_(strictly, f.not_(there)), middle, low), "left")
    f.write(f.select(inside, f.read("right"), f.splat(float("-inf"))), "until")
    f.line("ret void")
    return f


def next_gap(layout: ProgramLayout) -> Body:
    """Takes a lane from behind a jump to its next stop; in a gap still where that one has begun."""
    f = Body(layout, "next_gap", {"lane": "i64", "stops": "ptr", "end": "double", "work": "ptr"})
    where = {name: f.lane(name, 0, "%lane") for name in ("t", "stop", "resume", "fresh", "gap")}
    arrays = f.array("stop_row"), f.array("stop_end"), f.array("allowed")
    jumped = f.scalar("fcmp one", "double", f.get("double", where["stop"]), f.get("double", where["resume"]))
    fresh = f.compute(f"select i1 {jumped}, double 1.0, double {f.get('double', where['fresh'])}")
    f.put("double", fresh, where["fresh"])
    f.put("double", "0.0", where["gap"])
    with f.forever() as found:
        t, resume = take_stop(f, where, arrays, found)
        inside = f.scalar("fcmp ogt", "double", resume, t)
        with f.when(inside):
            f.put("double", "1.0", where["gap"])
        f.break_if(inside, found)
    f.line("ret void")
    return f
