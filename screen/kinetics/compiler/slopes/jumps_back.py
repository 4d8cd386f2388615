"""Events, and jumps of the rates, on the way backwards: the transpose of what they do to sensitivities. A state that is
set counts for what its value is made of; what all states gain by a jump's being late counts for what moves its time.
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
    matters = f.compare("one", gain, f.splat(0.0))
    lost: Value = f.splat(0.0)  # not a number where it matters when it happens, and that is not known
    for table, keys in ((new, jump.states), (more, jump.parameters)):
        for k, entry in zip(keys, entries):
            moved = f.select(matters, f.read("jump", entry), f.splat(0.0))
            lost = f.fma(moved, f.splat(0.0), lost)
            start = f.load(now, k) if table is new else f.splat(0.0)
            table[k] = f.fma(moved, gain, table.get(k, start))
    if jump.states or jump.parameters:
        more = {p: f.add(more.get(p, f.splat(0.0)), lost) for p in range(layout.sensitive.parameters)}
    for j, value in new.items():
        f.store(f.select(mine, value, f.load(now, j)), now, j)
    for p, value in more.items():
        before = f.load(counted, p)
        f.store(f.select(mine, f.add(before, value), before), counted, p)
    f.line("ret void")
    return f
