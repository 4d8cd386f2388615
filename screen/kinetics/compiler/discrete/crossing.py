"""Where within a step a comparison of states first changes, on the method's dense output. Six looks in a step, two of
them close to its ends to see slopes there, then the extremes between looks where a margin turns towards zero: a
window that opens and closes within one step is found. What has changed is halved down to the last places.
"""

from screen.codegen.ir import Value, number
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.workspace import Body

LOOKS = (0.0, 1e-3, 0.25, 0.5, 0.75, 1 - 1e-3, 1.0)
HALVINGS = 50
THIRDS = 30  # of a range in which a margin has an extreme
TURNS = 4.0  # times how much a margin fell towards zero between looks: how much more it may fall between them
NONE = 2.0  # where nothing changes


def between(layout: ProgramLayout) -> Body:
    """The watched states and the time at `place` (0 to 1) of the step."""
    f = Body(layout, "between", {"work": "ptr"})
    s = f.read("place")
    there = f.fma(s, f.read("length"), f.read("t"))
    f.write(f.select(f.compare("oeq", s, f.splat(1.0)), f.read("tn"), there), "ts")
    for k in layout.events.watched:
        f.write(f.between(k, s), "at", k)
        f.split(500)
    f.line("ret void")
    return f


def _look(f: Body, target: Value) -> None:
    f.line("call void @between(ptr %work)")
    f.run("switches", f.array("ts"), f.array("at"), f.array("q"), target)


def _differ(f: Body, first: Value, second: Value) -> Value:
    """In which lanes some comparison differs between two looks."""
    f.write(f.splat(0.0), "flag")
    with f.loop(f.layout.events.switches) as k:
        other = f.compare("une", f.load(first, k), f.load(second, k))
        f.write(f.select(other, f.splat(1.0), f.read("flag")), "flag")
    return f.compare("one", f.read("flag"), f.splat(0.0))


def crossing(layout: ProgramLayout) -> Body:
    """`cross`: at which place of its step each lane's comparisons first change, just after they do; else `NONE`."""
    f = Body(layout, "crossing", {"work": "ptr"})
    count = layout.events.switches
    looks = [f.at(f.array("looks"), 2 * count * j) for j in range(len(LOOKS))]
    f.run("switches", f.array("t"), f.array("y"), f.array("q"), looks[0])
    for place, look in list(zip(LOOKS, looks))[1:]:
        f.write(f.splat(place), "place")
        _look(f, look)
    f.write(f.splat(NONE), "cross")
    f.write(f.splat(0.0), "low")
    for j in range(len(LOOKS) - 1, 0, -1):
        changed = _differ(f, looks[j - 1], looks[j])
        f.write(f.select(changed, f.splat(LOOKS[j]), f.read("cross")), "cross")
        f.write(f.select(changed, f.splat(LOOKS[j - 1]), f.read("low")), "low")
        with f.loop(count) as k:
            f.write(f.select(changed, f.load(looks[j - 1], k), f.read("base", k)), "base", k)
    for j in range(1, len(LOOKS) - 1):
        _turns(f, looks, j)
    there = f.compare("olt", f.read("cross"), f.splat(NONE))
    with f.when(f.any(there)):
        f.line("call void @halve(ptr %work)")
    f.line("ret void")
    return f


def _turns(f: Body, looks: list[Value], j: int) -> None:
    """Looks for an extreme beyond zero where a margin is smallest at look j, before the first change found."""
    count = f.layout.events.switches
    earlier = f.compare("olt", f.splat(LOOKS[j]), f.read("cross"))
    with f.loop(count) as k:
        margin = f.scalar("add", "i64", k, count)
        before, here, after = (f.intrinsic("fabs", f.load(looks[i], margin)) for i in (j - 1, j, j + 1))
        least = f.and_(f.compare("olt", here, before), f.compare("olt", here, after))
        fall = f.mul(f.sub(f.larger(before, after), here), f.splat(TURNS))
        near = f.and_(
            f.compare("ole", here, fall), f.compare("oeq", f.load(looks[j], k), f.load(looks[j + 1], k))
        )
        suspect = f.and_(f.and_(least, near), earlier)
        with f.when(f.any(suspect)):
            f.write(f.select(suspect, f.splat(1.0), f.splat(0.0)), "suspect")
            ends = f"double {number(LOOKS[j - 1])}, double {number(LOOKS[j + 1])}"
            f.line(f"call void @extreme(i64 {k}, i64 {j}, {ends}, ptr %work)")


def extreme(layout: ProgramLayout) -> Body:
    """Where comparison k differs at the extreme of its margin between the looks before and after look j, the change is
    before that extreme.
    """
    arguments = {"k": "i64", "j": "i64", "left": "double", "right": "double", "work": "ptr"}
    f = Body(layout, "extreme", arguments)
    count = layout.events.switches
    look = f.at(f.array("looks"), f.scalar("mul", "i64", "%j", 2 * count))
    margin = f.scalar("add", "i64", "%k", count)
    below = f.compare("olt", f.load(look, margin), f.splat(0.0))
    f.write(f.select(below, f.splat(-1.0), f.splat(1.0)), "sign")
    f.write(f.broadcast("%left"), "left")
    f.write(f.broadcast("%right"), "right")
    with f.loop(THIRDS):
        third = f.mul(f.sub(f.read("right"), f.read("left")), f.splat(1 / 3))
        found = []
        for place in (f.add(f.read("left"), third), f.sub(f.read("right"), third)):
            f.write(place, "place")
            _look(f, f.array("look"))
            found.append((place, f.mul(f.read("sign"), f.read("look", margin))))
        (first, one), (second, other) = found
        lower = f.compare("olt", one, other)
        f.write(f.select(lower, f.read("left"), first), "left")
        f.write(f.select(lower, second, f.read("right")), "right")
    place = f.mul(f.add(f.read("left"), f.read("right")), f.splat(0.5))
    f.write(place, "place")
    _look(f, f.array("look"))
    beyond = f.compare("une", f.read("look", "%k"), f.load(look, "%k"))
    beyond = f.and_(beyond, f.compare("one", f.read("suspect"), f.splat(0.0)))
    beyond = f.and_(beyond, f.compare("olt", place, f.read("cross")))
    f.write(f.select(beyond, place, f.read("cross")), "cross")
    f.write(f.select(beyond, f.broadcast("%left"), f.read("low")), "low")
    first = f.scalar("mul", "i64", f.scalar("sub", "i64", "%j", 1), 2 * count)
    with f.loop(count) as k:
        value = f.load(f.array("looks"), f.scalar("add", "i64", first, k))
        f.write(f.select(beyond, value, f.read("base", k)), "base", k)
    f.line("ret void")
    return f


def halve(layout: ProgramLayout) -> Body:
    """Takes `cross` down to the place just after the first change from `base` that lies after `low`."""
    f = Body(layout, "halve", {"work": "ptr"})
    there = f.compare("olt", f.read("cross"), f.splat(NONE))
    with f.loop(HALVINGS):
        middle = f.mul(f.add(f.read("low"), f.read("cross")), f.splat(0.5))
        f.write(f.select(there, middle, f.splat(0.0)), "place")
        _look(f, f.array("look"))
        changed = f.and_(there, _differ(f, f.array("base"), f.array("look")))
        same = f.and_(there, f.not_(changed))
        f.write(f.select(changed, middle, f.read("cross")), "cross")
        f.write(f.select(same, middle, f.read("low")), "low")
    f.line("ret void")
    return f
