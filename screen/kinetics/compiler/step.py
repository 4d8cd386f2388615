"""One step of all lanes: stages, error, decision, outputs between the steps."""

from screen.codegen.ir import Function, Value
from screen.kinetics.compiler.discrete.crossing import NONE
from screen.kinetics.compiler.discrete.happening import handed_on
from screen.kinetics.compiler.discrete.stopping import restarted, stopped
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.numerics import rodas5p as method
from screen.kinetics.compiler.slopes.step import accept
from screen.kinetics.compiler.slopes.step import between as slopes_between
from screen.kinetics.compiler.slopes.step import read as read_slopes
from screen.kinetics.compiler.slopes.step_records import log_steps, next_block
from screen.kinetics.compiler.workspace import Body
from screen.kinetics.status import Status

SAFETY, SHRINK, GROW = 0.9, 0.2, 6.0
SMALLEST_STEP = 1e-15  # of the time reached
LARGEST_SCALE = 1e150  # of the error: the product of two must not overflow


def _combine(f: Body, stage: int, inverse_h: Value, h: Value) -> None:
    """The argument `at` and the right-hand part `b` of a stage (counted from 0) from the stages before."""
    u, size = f.array("u"), f.size
    ahead = next_block(f, stage - 1) if f.layout.adjoint else None
    with f.loop(size) as k:
        if ahead is not None:
            f.fetch(ahead, k, to_write=True)
        earlier = [f.load(u, k if j == 0 else f.scalar("add", "i64", k, j * size)) for j in range(stage)]
        if stage < len(method.A):
            arguments = method.A[stage]
            argument = f.read("y", k)
            for a, value in zip(arguments, earlier):
                argument = f.fma(f.splat(a), value, argument)
        else:
            argument = f.add(f.read("at", k), earlier[-1])
        right = f.mul(f.splat(method.C[stage][0]), earlier[0])
        for c, value in zip(method.C[stage][1:], earlier[1:]):
            right = f.fma(f.splat(c), value, right)
        right = f.mul(right, inverse_h)
        if f.layout.time_dependent and method.SLOPE[stage]:
            right = f.fma(f.mul(h, f.splat(method.SLOPE[stage])), f.read("ft", k), right)
        f.write(argument, "at", k)
        f.write(right, "b", k)


def _step(f: Body) -> tuple[Value, Value, Value]:
    """One step of all lanes: fills `new` and `u`. Gives (mean square of the scaled error, step, new time)."""
    if f.layout.discrete is not None:
        with f.when(f.any(f.compare("one", f.read("pending"), f.splat(0.0)))):
            f.line(f"call void @happen({handed_on()})")
        restarted(f)
        end = after = f.smaller(f.read("due"), f.read("stop"))
        f.write(f.read("h"), "unclipped")
    elif f.layout.timed:
        restarted(f)
        end, after = f.read("stop"), f.read("resume")
        f.write(f.read("h"), "unclipped")
    else:
        end = after = f.broadcast("%end")
    t = f.read("t")
    left = f.sub(end, t)
    last = f.compare("oge", f.read("h"), left)
    h = f.select(last, left, f.read("h"))
    f.write(h, "h")
    f.write(f.div(f.splat(1.0 / method.GAMMA), h), "d")
    f.write(f.mul(h, f.splat(method.SLOPE[0])), "hg")
    y, q, lu, u = (f.array(name) for name in ("y", "q", "lu", "u"))
    f.run("factor", f.array("t"), y, q, f.array("d"), f.array("hg"), lu, u, f.array("ft"))
    inverse_h = f.div(f.splat(1.0), h)
    for stage in range(1, method.STAGES):
        at = f.fma(h, f.splat(method.NODE[stage]), t)
        f.write(f.smaller(at, end) if f.layout.timed else at, "ts")
        _combine(f, stage, inverse_h, h)
        f.run("stage", f.array("ts"), f.array("at"), q, lu, f.array("b"), f.at(u, stage * f.size))
    tolerances = "double %rtol, double %atol, ptr %work"
    error = f.compute(f"call {f.vector} @error_norm({tolerances})")
    return error, h, f.select(last, after, f.add(t, h))


def error_norm(layout: ProgramLayout) -> Function:
    """Completes the new state and gives the mean square of the scaled error estimate, over what is allowed;
    `least` becomes the lowest species, or 0.

    Straight-line, with two quotients from one division and four partial sums in a fixed order.
    """
    vector = f"<{layout.width} x double>"
    f = Body(layout, "error_norm", {"rtol": "double", "atol": "double", "work": "ptr"}, vector)
    rtol, atol = f.broadcast("%rtol"), f.broadcast("%atol")
    estimate = f.at(f.array("u"), (method.STAGES - 1) * f.size)
    sums: list[Value] = [f.splat(0.0)] * 4
    least: Value = f.splat(0.0)
    for first in range(0, f.size, 2):
        changes, scales = [], []
        for k in range(first, min(first + 2, f.size)):
            change = f.load(estimate, k)
            new = f.add(f.read("at", k), change)
            f.write(new, "new", k)
            if layout.species[k]:
                least = f.smaller(new, least)
            largest = f.larger(f.intrinsic("fabs", f.read("y", k)), f.intrinsic("fabs", new))
            changes.append(change)
            scales.append(f.smaller(f.fma(largest, rtol, atol), f.splat(LARGEST_SCALE)))
        if len(scales) == 2:
            one = f.div(f.splat(1.0), f.mul(scales[0], scales[1]))
            ratios = [f.mul(f.mul(changes[0], scales[1]), one), f.mul(f.mul(changes[1], scales[0]), one)]
        else:
            ratios = [f.div(changes[0], scales[0])]
        for k, ratio in enumerate(ratios, first):
            sums[k % 4] = f.fma(ratio, ratio, sums[k % 4])
        f.split(500)
    f.write(least, "least")
    total = f.add(f.add(sums[0], sums[1]), f.add(sums[2], sums[3]))
    f.line(f"ret {vector} {f.mul(total, f.splat(method.ALLOWED**-2 / max(f.size, 1)))}")
    return f


def leap(layout: ProgramLayout) -> Function:
    """Marks in `leapt` the lanes whose step would take a species from above zero to below its tolerance.

    A long step may jump over the pole of S / (K + S), where the estimate of the error sees nothing and the
    rates drive S further down. A species that does fall below zero crosses it in short steps.
    """
    f = Body(layout, "leap", {"rtol": "double", "atol": "double", "work": "ptr"})
    rtol, atol = f.broadcast("%rtol"), f.broadcast("%atol")
    found: Value = f.splat(0.0)
    for k in (k for k in range(f.size) if layout.species[k]):
        before = f.read("y", k)
        below = f.compare("olt", f.fma(before, rtol, f.add(f.read("new", k), atol)), f.splat(0.0))
        leapt = f.and_(below, f.compare("ogt", before, f.splat(0.0)))
        found = f.select(leapt, f.splat(1.0), found)
        f.split(500)
    f.write(found, "leapt")
    f.line("ret void")
    return f


def _write_outputs(f: Body, accepted: Value, h: Value, new_time: Value, until: Value) -> None:
    """Readouts at every output time that the accepted steps passed; those at a step's end wait for its events, where
    there are any.
    """
    with f.forever() as done:
        passed = "ole" if f.layout.discrete is None else "olt"
        lanes = f.movemask(f.and_(accepted, f.compare(passed, f.read("tout"), until)))
        f.break_if(f.scalar("icmp eq", f"i{f.width}", lanes, 0), done)
        wanted = f.smaller(f.read("tout"), new_time)
        f.write(wanted, "ts")
        at_end = f.compare("oeq", wanted, new_time)
        s = f.select(at_end, f.splat(1.0), f.div(f.sub(wanted, f.read("t")), h))
        with f.loop(f.size) as k:
            f.write(f.between(k, s), "at", k)
        f.run("readout", f.array("ts"), f.array("at"), f.array("q"), f.array("out"))
        if f.layout.beside:
            slopes_between(f, s)
            read_slopes(f, "ts", "at", "q", f.array("s_read"), "out")
        f.hand_out(lanes)


def _crossed(f: Body, accepted: Value, h: Value, new_time: Value) -> tuple[Value, Value]:
    """Which lanes' comparisons change within the step, and until when each step counts."""
    nothing = f.compare("oeq", f.splat(0.0), f.splat(1.0))
    if f.layout.discrete is None or not f.layout.discrete.switches:
        return nothing, new_time
    f.write(h, "length")
    f.write(new_time, "tn")
    f.write(f.splat(NONE), "cross")
    with f.when(f.any(accepted)):
        f.line("call void @crossing(ptr %work)")
    place = f.read("cross")
    hit = f.and_(accepted, f.compare("olt", place, f.splat(NONE)))
    until = f.fma(place, h, f.read("t"))
    return hit, f.select(f.and_(hit, f.compare("olt", place, f.splat(1.0))), until, new_time)


def _place(f: Body, hit: Value) -> Value:
    """The share of its step at which each lane's comparisons change; 1 where none does."""
    if f.layout.discrete is None or not f.layout.discrete.switches:
        return f.splat(1.0)
    return f.select(hit, f.smaller(f.read("cross"), f.splat(1.0)), f.splat(1.0))


def _landed(f: Body, hit: Value) -> None:
    """The state where comparisons changed in place of the step's end."""
    if f.layout.discrete is None or not f.layout.discrete.switches:
        return
    place = f.read("cross")
    with f.when(f.any(hit)), f.loop(f.size) as k:
        f.write(f.select(hit, f.between(k, place), f.read("new", k)), "new", k)


def _happened(f: Body, accepted: Value, hit: Value, h: Value, t: Value) -> Value:
    """Events at the end of steps that end at a stop, at a due execution or where comparisons change. Gives the next
    step's length.
    """
    live = f.compute(f"load {f.integers}, ptr {f.array('live')}, align {8 * f.width}")
    alive = f.and_(accepted, f.compute(f"icmp ne {f.integers} {live}, zeroinitializer"))
    reached = f.and_(alive, f.compare("oge", t, f.read("stop")))
    due = f.and_(alive, f.compare("oge", t, f.read("due")))
    clipped = f.or_(reached, due)
    h = f.select(clipped, f.larger(h, f.read("unclipped")), h)
    happens = f.or_(clipped, f.and_(alive, hit))
    f.write(h, "h")
    f.write(f.select(happens, f.splat(1.0), f.splat(0.0)), "pending")
    f.write(f.select(reached, f.splat(1.0), f.splat(0.0)), "gap")
    with f.when(f.any(happens)):
        f.line(f"call void @happen({handed_on()})")
    return h


def _stayed(f: Body) -> Value:
    """Which lanes' steps did not leap below zero. Looks closer only when some lane is below its tolerance."""
    f.write(f.splat(0.0), "leapt")
    low = f.compare("olt", f.read("least"), f.neg(f.broadcast("%atol")))
    with f.when(f.any(low)):
        f.line("call void @leap(double %rtol, double %atol, ptr %work)")
    return f.compare("oeq", f.read("leapt"), f.splat(0.0))


def _with_slopes(f: Body, error: Value, accepted: Value, h: Value, new_time: Value) -> Value:
    """Sensitivities of the steps that the states' errors allow. Gives the errors of both, where those of sensitivities
    count.
    """
    f.write(h, "length")
    with f.when(f.any(accepted)):
        needed = f.any(f.and_(accepted, f.compare("olt", f.read("tout"), new_time)))
        f.line(f"call void @slopes(i1 {needed}, ptr %work)")
    worse = f.and_(accepted, f.compare("ugt", f.read("s_error"), error))
    return f.select(worse, f.read("s_error"), error)


def advance(f: Body) -> Value:
    """One step with its decision. Gives the mask (as integer) of lanes that are done, `why` holding the
    reason.
    """
    error, h, new_time = _step(f)
    finite = f.compare("olt", error, f.splat(float("inf")))
    stayed = _stayed(f)
    accepted = f.and_(stayed, f.compare("ole", error, f.splat(1.0)))
    if f.layout.beside:
        error = _with_slopes(f, error, accepted, h, new_time)
        accepted = f.and_(stayed, f.compare("ole", error, f.splat(1.0)))
    factor = f.call("vpow", error, f.splat(-0.5 / method.ORDER_OF_ERROR))
    factor = f.smaller(f.larger(f.mul(factor, f.splat(SAFETY)), f.splat(SHRINK)), f.splat(GROW))
    factor = f.select(f.and_(finite, stayed), factor, f.splat(SHRINK))
    again = f.compare("one", f.read("rejected"), f.splat(0.0))
    factor = f.select(again, f.smaller(factor, f.splat(1.0)), factor)
    f.write(f.select(accepted, f.splat(0.0), f.splat(1.0)), "rejected")
    hit, until = _crossed(f, accepted, h, new_time)
    if f.layout.adjoint:
        log_steps(f, accepted, h, until, _place(f, hit))
    _write_outputs(f, accepted, h, new_time, until)
    _landed(f, hit)
    with f.loop(f.size) as k:
        f.write(f.select(accepted, f.read("new", k), f.read("y", k)), "y", k)
    if f.layout.beside:
        accept(f, accepted)
    t = f.select(accepted, until, f.read("t"))
    f.write(t, "t")
    h = f.mul(h, factor)
    if f.layout.discrete is not None:
        h = _happened(f, accepted, hit, h, t)
        t = f.read("t")
    elif f.layout.timed:
        h = stopped(f, accepted, h, t)
    f.write(h, "h")
    steps = f.compute(f"load {f.integers}, ptr {f.array('steps')}, align {8 * f.width}")
    steps = f.integer("add", steps, f.splat_integer(1))
    f.line(f"store {f.integers} {steps}, ptr {f.array('steps')}, align {8 * f.width}")
    reach = f.larger(f.intrinsic("fabs", t), f.mul(f.broadcast("%span"), f.splat(1e-10)))
    stuck = f.and_(f.not_(accepted), f.compare("ole", h, f.mul(reach, f.splat(SMALLEST_STEP))))
    ended = f.compare("oeq", f.read("tout"), f.splat(float("inf")))
    if f.layout.timed:
        most = f.compute(f"load {f.integers}, ptr {f.array('allowed')}, align {8 * f.width}")
    else:
        most = f.compute(f"insertelement {f.integers} poison, i64 %most, i32 0")
        most = f.compute(
            f"shufflevector {f.integers} {most}, {f.integers} poison, <{f.width} x i32> zeroinitializer"
        )
    many = f.compute(f"icmp sge {f.integers} {steps}, {most}")
    why = f.select(finite, f.splat(float(Status.step_too_small)), f.splat(float(Status.not_finite)))
    why = f.select(stuck, why, f.splat(float(Status.max_steps)))
    f.write(f.select(ended, f.splat(float(Status.ok)), why), "why")
    live = f.compute(f"load {f.integers}, ptr {f.array('live')}, align {8 * f.width}")
    alive = f.compute(f"icmp ne {f.integers} {live}, zeroinitializer")
    over = f.or_(ended, f.or_(stuck, many))
    if f.layout.discrete is not None:
        broken = f.compare("one", f.read("broken"), f.splat(0.0))
        f.write(f.select(broken, f.read("broken"), f.read("why")), "why")
        over = f.or_(over, broken)
    done = f.and_(alive, over)
    return f.compute(f"zext i{f.width} {f.movemask(done)} to i64")
