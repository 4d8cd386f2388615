"""Events, and jumps of the rates, on the way backwards: the transpose of what they do to sensitivities. A state that is
set counts for what its value is made of; what all states gain by a jump's being late counts for what moves its time. An
event that another one has set off passes its gain on to that one, which comes next at the same time. At the begin of a
trajectory, or behind a dose, it is the begin that has done so, whose time does not move.
"""

from screen.codegen.ir import Value
from screen.kinetics.compiler.event_layouts import JumpLayout
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.slopes.outputs_back import outputs_at
from screen.kinetics.compiler.slopes.step_records import ACCEPTED, HAPPENED, LENGTH, TIME, ends_of
from screen.kinetics.compiler.workspace import Body


def build_jumps_back(layout: ProgramLayout) -> str:
    """IR text of a function for each jump."""
    return "\n".join(_over(layout, e, jump).text() for e, jump in enumerate(layout.sensitive.jumps))


def jumps_back(f: Body, here: Value, live: Value) -> None:
    """What was logged as happening at one time, backwards, after the outputs that come behind it."""
    t, kind = f.load(here, TIME), f.load(here, ACCEPTED)
    f.write(t, "t")
    old, new, _ = ends_of(f, here)
    settle(f, f.and_(live, f.compare("one", f.read("since"), t)))
    f.write(f.select(live, t, f.read("since")), "since")
    outputs_at(f, new, live, t)
    for e in range(len(f.layout.sensitive.jumps)):
        mine = f.compare("oeq", kind, f.splat(HAPPENED + e))
        with f.when(f.any(mine)):
            f.run(f"jump_tangent_{e}", f.array("t"), old, f.array("q"), f.array("jump"))
            chosen = f.select(mine, f.splat(1.0), f.splat(0.0))
            with f.loop("%sums") as number:
                f.line(f"call void @over_jump_{e}(i64 {number}, {f.vector} {chosen}, ptr %work)")
    spoiled = f.select(live, f.load(here, LENGTH), f.splat(0.0))
    with f.loop(f.scalar("mul", "i64", "%sums", f.layout.sensitive.parameters)) as p:
        f.write(f.add(f.read("mu", p), spoiled), "mu", p)


def settle(f: Body, lanes: Value) -> None:
    """Some lanes (a mask) come to an earlier time, where a gain that is still passed on has no event to go to; what
    parameters count for is not known then if one must have been there.
    """
    with f.when(f.any(lanes)), f.loop("%sums") as number:
        owed = f.and_(lanes, f.compare("one", f.read("owed", number), f.splat(0.0)))
        first = f.scalar("mul", "i64", number, f.layout.sensitive.parameters)
        with f.when(f.any(owed)), f.loop(f.layout.sensitive.parameters) as p:
            k = f.scalar("add", "i64", first, p)
            f.write(f.select(owed, f.splat(float("nan")), f.read("mu", k)), "mu", k)
        for name in ("passed", "owed"):
            f.write(f.select(lanes, f.splat(0.0), f.read(name, number)), name, number)


def _over(layout: ProgramLayout, e: int, jump: JumpLayout) -> Body:
    """What one sum counts before a jump, in the lanes of a mask, from what it counts after it."""
    f = Body(layout, f"over_jump_{e}", {"sum": "i64", "lanes": f"<{layout.width} x double>", "work": "ptr"})
    mine = f.compare("one", "%lanes", f.splat(0.0))
    now = f.at(f.array("lambda"), f.scalar("mul", "i64", "%sum", f.size))
    counted = f.at(f.array("mu"), f.scalar("mul", "i64", "%sum", layout.sensitive.parameters))
    entries = iter(range(jump.entries))
    by, direct = zip(jump.by, entries), zip(jump.direct, entries)
    new: dict[int, Value] = {k: f.splat(0.0) for k in jump.values}
    more: dict[int, Value] = {}
    for (k, j), entry in by:
        before = new[j] if j in new else f.load(now, j)
        new[j] = f.fma(f.read("jump", entry), f.load(now, k), before)
    for (p, k), entry in direct:
        more[p] = f.fma(f.read("jump", entry), f.load(now, k), more.get(p, f.splat(0.0)))
    gain: Value = f.splat(0.0)
    for k, entry in zip(jump.gains, entries):
        gain = f.fma(f.read("jump", entry), f.load(now, k), gain)
    if jump.is_event:
        gain = _own(f, jump, gain, mine)
    matters = f.compare("one", gain, f.splat(0.0))
    for table, keys in ((new, jump.states), (more, jump.parameters)):
        for k, entry in zip(keys, entries):
            start = f.load(now, k) if table is new else f.splat(0.0)
            moved = f.select(matters, f.read("jump", entry), f.splat(0.0))
            table[k] = f.fma(moved, gain, table.get(k, start))
    for j, value in new.items():
        f.store(f.select(mine, value, f.load(now, j)), now, j)
    for p, value in more.items():
        before = f.load(counted, p)
        f.store(f.select(mine, f.add(before, value), before), counted, p)
    f.line("ret void")
    return f


def _own(f: Body, jump: JumpLayout, gain: Value, mine: Value) -> Value:
    """The gain by what moves an event itself, those included that are passed on to it; all of it is passed on where the
    event was set off.
    """
    alone = f.compare("one", f.read("jump", jump.entries - 1), f.splat(0.0))
    whole = f.add(gain, f.read("passed", "%sum"))
    on = f.select(alone, f.splat(0.0), whole)
    f.write(f.select(mine, on, f.read("passed", "%sum")), "passed", "%sum")
    owes = f.select(alone, f.splat(0.0), f.splat(1.0)) if jump.hangs else f.read("owed", "%sum")
    owes = f.select(f.compare("one", on, f.splat(0.0)), owes, f.splat(0.0))
    f.write(f.select(mine, owes, f.read("owed", "%sum")), "owed", "%sum")
    return f.select(alone, whole, f.splat(0.0))
