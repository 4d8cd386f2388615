"""What happens at a trigger, a due execution or a jump by the clock: triggers are looked at, what turned true is
scheduled, what is due is executed in order of priority, one after the other, each with a new look at the triggers.
Among equals a random one goes first, from a fixed seed, as SBML asks.
"""

from screen.codegen.ir import Value
from screen.kinetics.compiler.discrete.stopping import STEPS_PER_STOP
from screen.kinetics.compiler.event_layouts import SLOTS
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.slopes.step_records import HAPPENED
from screen.kinetics.compiler.workspace import Body
from screen.kinetics.status import Status

MOST_EVENTS = 200_000
HANDED_OVER = 100
"""The status of a trajectory with more pending executions than there are slots: for the reference solver."""
UNKNOWN = -1.0  # a trigger's last value where a trajectory goes on from a state: its value there
SEED = 88172645463325252
MULTIPLIER, INCREMENT = 6364136223846793005, 1442695040888963407  # Knuth, MMIX
TABLES = ("first", "early", "count")


def tables(layout: ProgramLayout) -> str:
    """Constants of the events: where their values begin, whether they are early, how many, and the places set."""
    d = layout.events
    columns = {
        "first": d.firsts,
        "early": [int(early) for event in d.events for early in event.early],
        "count": [len(event.targets) for event in d.events],
        "targets": [place for event in d.events for place in event.targets],
    }
    return "\n".join(
        f"@{name} = internal constant [{max(len(column), 1)} x i64] "
        f"[{', '.join(f'i64 {value}' for value in column or [0])}]"
        for name, column in columns.items()
    )


def begin(f: Body, lane: Value, row: Value) -> None:
    """Makes a lane ready: what is carried from before, or the triggers' values before the start."""
    d = f.layout.events
    goes_on = f.scalar("fcmp ogt", "double", "%t0", "0.0")
    for e, event in enumerate(d.events):
        first = f.compute(f"select i1 {goes_on}, double {UNKNOWN}, double {float(event.initial)}")
        f.put("double", first, f.lane("carry", e, lane))
    for place, count in ((d.pending, 0), (d.random, SEED), (d.executed, 0)):
        f.put("i64", count, f.lane("carry", place, lane))
    with f.when(f.scalar("icmp ne", "ptr", "%carried", "null")):
        source = f.element("double", "%carried", f.scalar("mul", "i64", row, d.carried))
        with f.loop(d.carried) as k:
            f.put("i64", f.get("i64", source, k), f.lane("carry", k, lane))
    f.put("i64", f.get("i64", "%rows", f.scalar("mul", "i64", row, 2)), f.array("stop_row"), lane)
    end = f.scalar("add", "i64", f.scalar("mul", "i64", row, 2), 1)
    f.put("i64", f.get("i64", "%rows", end), f.array("stop_end"), lane)
    f.put("i64", "%most", f.array("allowed"), lane)
    now, never, far = "%t0", "0xFFF0000000000000", "0x7FF0000000000000"
    values = {"stop": now, "resume": now, "h": "%span", "pending": "1.0", "gap": "1.0", "due": far}
    for name, value in (values | {"until": never, "broken": "0.0", "fresh": "1.0"}).items():
        f.put("double", value, f.lane(name, 0, lane))


def keep(f: Body, lane: Value, row: Value) -> None:
    """Hands out what a trajectory carries, where that is asked for."""
    d = f.layout.events
    with f.when(f.scalar("icmp ne", "ptr", "%kept", "null")):
        target = f.element("double", "%kept", f.scalar("mul", "i64", row, d.carried))
        with f.loop(d.carried) as k:
            f.put("i64", f.get("i64", f.lane("carry", k, lane)), target, k)


def _slot(f: Body, k: Value, field: int | Value, lane: Value) -> Value:
    """The address of a field of pending execution k."""
    d = f.layout.events
    row = f.scalar("add", "i64", f.scalar("mul", "i64", k, d.slot), d.queue)
    return f.lane("carry", f.scalar("add", "i64", row, field), lane)


def look(layout: ProgramLayout) -> Body:
    """Looks at one trigger: schedules its event where it turned true, cancels it where it turned false."""
    f = Body(layout, "look", {"e": "i64", "lane": "i64", "persistent": "i1", "work": "ptr"})
    d, many = layout.events, len(layout.events.events)
    pending = f.lane("carry", d.pending, "%lane")
    value, was = (
        f.get("double", f.lane("now", "%e", "%lane")),
        f.get("double", f.lane("carry", "%e", "%lane")),
    )
    is_true, was_true = (f.scalar("fcmp oeq", "double", each, "1.0") for each in (value, was))
    was_false = f.scalar("fcmp oeq", "double", was, "0.0")
    f.put("double", value, f.lane("carry", "%e", "%lane"))
    with f.when(f.scalar("and", "i1", is_true, was_false)):
        k = f.get("i64", pending)
        full = f.scalar("icmp sge", "i64", k, SLOTS)
        with f.when(full):
            f.put("double", f"{float(HANDED_OVER)}", f.lane("broken", 0, "%lane"))
            f.line("ret void")
            f.begin(f.label("unreachable"))
        wait = f.get("double", f.lane("now", f.scalar("add", "i64", "%e", many), "%lane"))
        due = f.scalar("fadd", "double", f.get("double", f.lane("t", 0, "%lane")), wait)
        f.put("i64", "%e", _slot(f, k, 0, "%lane"))
        f.put("double", due, _slot(f, k, 1, "%lane"))
        first = f.scalar("add", "i64", f.get("i64", "@first", "%e"), 3 * many)
        with f.loop(f.get("i64", "@count", "%e")) as v:
            early = f.get("double", f.lane("now", f.scalar("add", "i64", first, v), "%lane"))
            f.put("double", early, _slot(f, k, f.scalar("add", "i64", v, 2), "%lane"))
        f.put("i64", f.scalar("add", "i64", k, 1), pending)
    gone = f.scalar("and", "i1", was_true, f.scalar("xor", "i1", is_true, "true"))
    gone = f.scalar("and", "i1", gone, f.scalar("xor", "i1", "%persistent", "true"))
    with f.when(gone):
        count = f.get("i64", pending)
        with f.loop(count) as back:
            k = f.scalar("sub", "i64", f.scalar("sub", "i64", count, 1), back)
            mine = f.scalar("icmp eq", "i64", f.get("i64", _slot(f, k, 0, "%lane")), "%e")
            with f.when(mine):
                f.line(f"call void @forget(i64 {k}, i64 %lane, ptr %work)")
    f.line("ret void")
    return f


def forget(layout: ProgramLayout) -> Body:
    """Takes pending execution k away; the last one stands in its place."""
    f = Body(layout, "forget", {"k": "i64", "lane": "i64", "work": "ptr"})
    pending = f.lane("carry", layout.events.pending, "%lane")
    last = f.scalar("sub", "i64", f.get("i64", pending), 1)
    f.put("i64", last, pending)
    with f.loop(layout.events.slot) as v:
        f.put("i64", f.get("i64", _slot(f, last, v, "%lane")), _slot(f, "%k", v, "%lane"))
    f.line("ret void")
    return f


def one(layout: ProgramLayout) -> Body:
    """Looks at all triggers of a lane, then executes one event that is due; when none is, the lane is not pending any
    more and `due` is when the next one will be.
    """
    f = Body(layout, "one", {"lane": "i64", "work": "ptr"})
    d = layout.events
    for e, event in enumerate(d.events):
        f.line(f"call void @look(i64 {e}, i64 %lane, i1 {str(event.persistent).lower()}, ptr %work)")
    best, ties, next_due = (f.compute(f"alloca {kind}") for kind in ("i64", "i64", "double"))
    f.put("i64", -1, best)
    f.put("i64", 0, ties)
    f.put("double", "0x7FF0000000000000", next_due)
    t = f.get("double", f.lane("t", 0, "%lane"))
    with f.loop(f.get("i64", f.lane("carry", d.pending, "%lane"))) as k:
        due = f.get("double", _slot(f, k, 1, "%lane"))
        sooner = f.scalar("fcmp olt", "double", due, f.get("double", next_due))
        f.put(
            "double",
            f.compute(f"select i1 {sooner}, double {due}, double {f.get('double', next_due)}"),
            next_due,
        )
        with f.when(f.scalar("fcmp ole", "double", due, t)):
            _prefer(f, k, due, best, ties)
    f.put("double", f.get("double", next_due), f.lane("due", 0, "%lane"))
    chosen = f.get("i64", best)
    with f.when(f.scalar("icmp slt", "i64", chosen, 0)):
        f.put("double", "0.0", f.lane("pending", 0, "%lane"))
        f.line("ret void")
        f.begin(f.label("unreachable"))
    _execute(f, chosen)
    f.line(f"call void @forget(i64 {chosen}, i64 %lane, ptr %work)")
    f.line("ret void")
    return f


def _prefer(f: Body, k: Value, due: Value, best: Value, ties: Value) -> None:
    """Takes a due execution in place of the best so far: what was due earlier, then what has the higher priority;
    of equals each with the same chance.
    """
    many = len(f.layout.events.events)
    have = f.get("i64", best)
    none = f.scalar("icmp slt", "i64", have, 0)
    with f.when(none):
        f.put("i64", k, best)
        f.put("i64", 1, ties)
    with f.when(f.scalar("xor", "i1", none, "true")):
        other = f.get("double", _slot(f, have, 1, "%lane"))
        mine, its = (
            f.get(
                "double",
                f.lane(
                    "now",
                    f.scalar("add", "i64", f.get("i64", _slot(f, which, 0, "%lane")), 2 * many),
                    "%lane",
                ),
            )
            for which in (k, have)
        )
        same_time = f.scalar("fcmp oeq", "double", due, other)
        higher = f.scalar("and", "i1", same_time, f.scalar("fcmp ogt", "double", mine, its))
        better = f.scalar("or", "i1", f.scalar("fcmp olt", "double", due, other), higher)
        with f.when(better):
            f.put("i64", k, best)
            f.put("i64", 1, ties)
        equal = f.scalar("and", "i1", same_time, f.scalar("fcmp oeq", "double", mine, its))
        with f.when(equal):
            number = f.scalar("add", "i64", f.get("i64", ties), 1)
            f.put("i64", number, ties)
            state = f.lane("carry", f.layout.events.random, "%lane")
            drawn = f.scalar("mul", "i64", f.get("i64", state), MULTIPLIER)
            drawn = f.scalar("add", "i64", drawn, INCREMENT)
            f.put("i64", drawn, state)
            rest = f.scalar("urem", "i64", f.scalar("lshr", "i64", drawn, 33), number)
            with f.when(f.scalar("icmp eq", "i64", rest, 0)):
                f.put("i64", k, best)


def _spoiled(f: Body, chosen: Value, e: Value, first: Value) -> Value:
    """Not a number where a value of the trigger's time would be another one now, as another event came in between: what
    sensitivities become, which are those of now, is not known. Else 0.
    """
    found = f.compute("alloca double")
    f.put("double", "0.0", found)
    with f.loop(f.get("i64", "@count", e)) as v:
        place = f.scalar("add", "i64", first, v)
        early = f.scalar("icmp ne", "i64", f.get("i64", "@early", place), 0)
        kept = f.get("double", _slot(f, chosen, f.scalar("add", "i64", v, 2), "%lane"))
        many = len(f.layout.events.events)
        now = f.get("double", f.lane("now", f.scalar("add", "i64", place, 3 * many), "%lane"))
        with f.when(f.scalar("and", "i1", early, f.scalar("fcmp une", "double", kept, now))):
            f.put("double", "0x7FF8000000000000", found)
    return f.get("double", found)


def _execute(f: Body, chosen: Value) -> None:
    d, many = f.layout.events, len(f.layout.events.events)
    e = f.get("i64", _slot(f, chosen, 0, "%lane"))
    first = f.get("i64", "@first", e)
    follows = f.layout.adjoint or any(len(set(event.early)) == 2 for event in d.events)
    spoiled = _spoiled(f, chosen, e, first) if follows else None
    with f.loop(f.get("i64", "@count", e)) as v:
        place = f.scalar("add", "i64", first, v)
        early = f.scalar("icmp ne", "i64", f.get("i64", "@early", place), 0)
        kept = f.get("double", _slot(f, chosen, f.scalar("add", "i64", v, 2), "%lane"))
        now = f.get("double", f.lane("now", f.scalar("add", "i64", place, 3 * many), "%lane"))
        if spoiled is not None and not f.layout.adjoint:
            now = f.scalar("fadd", "double", now, spoiled)
        value = f.compute(f"select i1 {early}, double {kept}, double {now}")
        f.put("double", value, f.lane("y", f.get("i64", "@targets", place), "%lane"))
    f.put("double", "1.0", f.lane("fresh", 0, "%lane"))
    if f.layout.adjoint:
        number = f.scalar("fadd", "double", f.compute(f"sitofp i64 {e} to double"), str(HAPPENED))
        f.put("double", number, f.lane("executing", 0, "%lane"))
        f.put("double", spoiled or "0.0", f.lane("spoiled", 0, "%lane"))
    executed = f.lane("carry", d.executed, "%lane")
    number = f.scalar("add", "i64", f.get("i64", executed), 1)
    f.put("i64", number, executed)
    more = f.scalar("add", "i64", f.get("i64", f.array("allowed"), "%lane"), STEPS_PER_STOP)
    f.put("i64", more, f.array("allowed"), "%lane")
    with f.when(f.scalar("icmp sgt", "i64", number, MOST_EVENTS)):
        f.put("double", f"{float(Status.max_steps)}", f.lane("broken", 0, "%lane"))
