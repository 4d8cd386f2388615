"""Outputs on the way backwards: what readouts count, by the states that they are read from and by parameter."""

from screen.codegen.ir import Value
from screen.kinetics.compiler.numerics import rodas5p as method
from screen.kinetics.compiler.slopes.along import state_between
from screen.kinetics.compiler.slopes.step_records import END, PLACE, TIME, ends_of
from screen.kinetics.compiler.workspace import Body


def outputs_back(f: Body, here: Value, live: Value, h: Value, within: Value) -> None:
    """All outputs of a step: those at its end count for the new sensitivities (`lambda`), those `within` it for both
    ends (`lambda_old` too) and the stages (`bar`).
    """
    ends = ends_of(f, here)
    begin, end, place = f.load(here, TIME), f.load(here, END), f.load(here, PLACE)
    events = f.layout.discrete is not None
    states = f.scalar("mul", "i64", "%sums", f.size)
    with f.when(within):
        with f.loop(states) as k:
            f.write(f.splat(0.0), "lambda_old", k)
        with f.loop(f.scalar("mul", "i64", states, method.STAGES)) as k:
            f.write(f.splat(0.0), "bar", k)
        if events:
            _count_landing(f, place)
    with f.forever() as done:
        wanted = f.read("tout")
        lanes = f.and_(live, f.compare("ogt", wanted, begin))
        f.break_if(f.scalar("icmp eq", f"i{f.width}", f.movemask(lanes), 0), done)
        f.write(f.smaller(wanted, end), "ts")
        at_end = f.compare("oge", wanted, end)
        s = f.select(at_end, place if events else f.splat(1.0), f.div(f.sub(wanted, begin), h))
        with f.loop(f.size) as k:
            f.write(state_between(f, k, s, ends), "at", k)
        f.run("read_tangent", f.array("ts"), f.array("at"), f.array("q"), f.array("r_tangent"))
        s = f.select(lanes, s, f.splat(1.0))
        with f.loop("%sums") as number:
            _count(f, lanes, number)
            first = f.scalar("mul", "i64", number, f.size)
            now = f.at(f.array("lambda"), first)
            with f.loop(f.size) as k:
                f.store(f.fma(s, f.read("counted", k), f.load(now, k)), now, k)
            with f.when(within):
                _count_within(f, s, first)
        with f.lanes_of(lanes) as lane:
            f.next_back(lane)


def _count_landing(f: Body, place: Value) -> None:
    """What the state counts at which events cut a step, by both ends and the stages."""
    with f.loop("%sums") as number:
        first = f.scalar("mul", "i64", number, f.size)
        now = f.at(f.array("lambda"), first)
        with f.loop(f.size) as k:
            f.write(f.load(now, k), "counted", k)
            f.store(f.mul(place, f.load(now, k)), now, k)
        _count_within(f, place, first)


def _count_within(f: Body, s: Value, first: Value) -> None:
    """What is counted at the places s of a step, for the old sensitivities and the stages."""
    r = f.sub(f.splat(1.0), s)
    curve = f.mul(s, r)
    before = f.at(f.array("lambda_old"), first)
    bar = f.at(f.array("bar"), f.scalar("mul", "i64", first, method.STAGES))
    with f.loop(f.size) as k:
        counted, place = f.read("counted", k), f.at(bar, k)
        f.store(f.fma(r, counted, f.load(before, k)), before, k)
        inner = f.mul(curve, counted)
        for j in range(method.STAGES):
            d1, d2, d3 = (f.splat(row[j]) for row in method.DENSE)
            weight = f.fma(s, f.fma(s, d3, d2), d1)
            f.store(f.fma(weight, inner, f.load(place, j * f.size)), place, j * f.size)


def _count(f: Body, lanes: Value, number: Value) -> None:
    """What the readouts of some lanes (a mask) count in a sum, at their next output backwards, from `r_tangent`: by
    state into `counted`, by parameter added to `mu`.
    """
    d = f.layout.sensitive
    with f.loop(d.readouts) as k:
        f.write(f.splat(0.0), "r_weight", k)
    with f.lanes_of(lanes) as lane:
        row = f.get("i64", f.array("row"), lane)
        flat = f.scalar(
            "add", "i64", f.scalar("mul", "i64", row, "%nt"), f.get("i64", f.array("next_out"), lane)
        )
        flat = f.scalar("add", "i64", f.scalar("mul", "i64", flat, "%sums"), number)
        source = f.element("double", "%weights", f.scalar("mul", "i64", flat, d.readouts))
        with f.loop(d.readouts) as k:
            f.put("double", f.get("double", source, k), f.lane("r_weight", k, lane))
    sums: list[Value] = [f.splat(0.0)] * f.size
    for entry, (r, i) in enumerate(d.read):
        sums[i] = f.fma(f.read("r_tangent", entry), f.read("r_weight", r), sums[i])
        f.split(500)
    for place, value in enumerate(sums):
        f.write(f.select(lanes, value, f.splat(0.0)), "counted", place)
    mine = f.at(f.array("mu"), f.scalar("mul", "i64", number, d.parameters))
    for entry, (r, p) in enumerate(d.read_direct, len(d.read)):
        more = f.mul(f.read("r_tangent", entry), f.read("r_weight", r))
        f.store(f.add(f.load(mine, p), f.select(lanes, more, f.splat(0.0))), mine, p)


def outputs_at(f: Body, state: Value, lanes: Value, earliest: float | Value = float("-inf")) -> None:
    """Outputs of some lanes (a mask) that are not earlier than a time, at a state."""
    earliest = f.splat(earliest) if isinstance(earliest, float) else earliest
    with f.forever() as done:
        wanted = f.read("tout")
        mine = f.and_(
            f.and_(lanes, f.compare("oge", wanted, earliest)),
            f.compare("ogt", wanted, f.splat(float("-inf"))),
        )
        f.break_if(f.scalar("icmp eq", f"i{f.width}", f.movemask(mine), 0), done)
        f.write(f.select(mine, wanted, f.read("t")), "ts")
        f.run("read_tangent", f.array("ts"), state, f.array("q"), f.array("r_tangent"))
        with f.loop("%sums") as number:
            _count(f, mine, number)
            now = f.at(f.array("lambda"), f.scalar("mul", "i64", number, f.size))
            with f.loop(f.size) as k:
                f.store(f.add(f.load(now, k), f.read("counted", k)), now, k)
        with f.lanes_of(mine) as lane:
            f.next_back(lane)
