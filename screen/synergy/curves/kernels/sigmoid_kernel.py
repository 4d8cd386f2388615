"""The search of `fit_sigmoids` as machine code: Levenberg-Marquardt on (midpoint, log hill) with both kept in their
box, a curve in each lane of the processor's vectors, which step together until all are settled.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from screen.codegen.elementary import exponential
from screen.codegen.ir import Value
from screen.synergy.curves.kernels.scalar_ir import Writer, load

STEPS = 60
HILL_RANGE = (0.1, 20.0)
TINY = 1e-300
FARTHEST = (3.0, 1.5)
"""Of a step, in midpoint and log hill."""
REFINE = {"groups": "i64", "points": "i64", "curves": "ptr", "room": "ptr"}
OF_A_CURVE = ("start", "low", "high", "half", "a", "b", "rss")
EVALUATE = {
    "points": "i64", "x": "ptr", "y": "ptr", "w": "ptr", "start": "ptr", "low": "ptr", "high": "ptr", "at": "ptr",
    "room": "ptr", "found": "ptr",
}  # fmt: skip
RSS, GA, GB, HAA, HAB, HBB = range(6)
IN_ROOM = 5
"""Vectors that a point keeps in `room`: s, the distance from the midpoint, residual, and the two slopes."""


@cache
def refine(fixed: bool, width: int) -> Any:
    """The compiled search, of curves whose value at zero dose is given where `fixed`: a function of `REFINE` called
    without the interpreter's lock. `curves` are (group, row, lane), aligned for vectors; the rows are x, y and w at all
    points and then `OF_A_CURVE`, of which `a` and `b` go in as where the search starts and come out as where it ends.
    """
    return load("refine", REFINE, width, [_evaluate(fixed, width), _refine(width)], exponential)


def _larger(f: Writer, one: Value, two: Value) -> Value:
    return f.select(f.compare("ogt", one, two), one, two)


def _smaller(f: Writer, one: Value, two: Value) -> Value:
    return f.select(f.compare("olt", one, two), one, two)


def _between(f: Writer, value: Value, low: Value, high: Value) -> Value:
    return _smaller(f, _larger(f, value, low), high)


def _add_to(f: Writer, sums: Value, place: int, value: Value) -> None:
    f.store(f.add(f.load(sums, place), value), sums, place)


@dataclass(frozen=True)
class _Ends:
    """The best start and end for given shapes, and whether the end is at its bound (a mask)."""

    begin: Value
    end: Value
    bound: Value


def _linear(f: Writer, fixed: bool, sums: Value) -> _Ends:
    """From the sums of w, w y, w s, w s s and w s y; as `fit_sigmoids._linear`."""
    total, y1, s1, s2, sy = (f.load(sums, k) for k in range(5))
    low, high, tiny = f.load("%low"), f.load("%high"), f.splat(TINY)
    if fixed:
        begin = f.load("%start")
        free = f.add(begin, f.div(f.sub(sy, f.mul(begin, s1)), _larger(f, s2, tiny)))
        end = _between(f, free, low, high)
        return _Ends(begin, end, f.compare("une", end, free))
    total = _larger(f, total, f.splat(1.0))
    spread = f.sub(s2, f.div(f.mul(s1, s1), total))
    slope = f.div(f.sub(sy, f.div(f.mul(s1, y1), total)), _larger(f, spread, tiny))
    some = f.compare("ogt", spread, f.fma(s2, f.splat(1e-13), tiny))
    slope = f.select(some, slope, f.splat(0.0))
    begin = f.div(f.sub(y1, f.mul(slope, s1)), total)
    free = f.add(begin, slope)
    end = _between(f, free, low, high)
    bound = f.compare("une", end, free)
    rest = f.add(f.sub(total, f.add(s1, s1)), s2)
    at_bound = f.div(f.sub(f.sub(y1, sy), f.mul(end, f.sub(s1, s2))), _larger(f, rest, tiny))
    moved = f.and_(bound, f.compare("ogt", rest, f.splat(1e-13)))
    return _Ends(f.select(moved, at_bound, begin), end, bound)


def _evaluate(fixed: bool, width: int) -> Writer:
    """Residual sum of squares, its downhill gradient and the Gauss-Newton matrix at `at` (midpoint, log hill), into
    `found`; as `fit_sigmoids._evaluate`.
    """
    f = Writer("evaluate", EVALUATE, width)
    one, zero = f.splat(1.0), f.splat(0.0)
    sums = f.memory(10, f.vector)
    for place in range(10):
        f.store(zero, sums, place)
    middle, hill = f.load("%at"), f.call("vexp", f.load("%at", 1))

    def places(k: Value) -> list[Value]:
        first = f.scalar("mul", "i64", k, IN_ROOM)
        return [f.scalar("add", "i64", first, place) for place in range(IN_ROOM)]

    with f.loop("%points") as k:
        y, w = f.load("%y", k), f.load("%w", k)
        distance = f.sub(f.load("%x", k), middle)
        far = _smaller(f, f.neg(f.mul(hill, distance)), f.splat(700.0))
        s = f.div(one, f.add(one, f.call("vexp", far)))
        ws = f.mul(w, s)
        for place, value in enumerate((w, f.mul(w, y), ws, f.mul(ws, s), f.mul(ws, y))):
            _add_to(f, sums, place, value)
        here = places(k)
        f.store(s, "%room", here[0])
        f.store(distance, "%room", here[1])
    ends = _linear(f, fixed, sums)
    depth = f.sub(ends.end, ends.begin)
    steep = f.mul(depth, hill)
    average = f.div(f.load(sums, 2), _larger(f, f.load(sums, 0), one))

    def basis(w: Value, s: Value) -> Value:
        """What the linear parameter can add to a curve at a point."""
        if fixed:
            return f.mul(w, s)
        return f.mul(w, f.select(ends.bound, f.sub(one, s), f.sub(s, average)))

    with f.loop("%points") as k:
        y, w, here = f.load("%y", k), f.load("%w", k), places(k)
        s, distance = f.load("%room", here[0]), f.load("%room", here[1])
        residual = f.mul(w, f.sub(f.sub(y, ends.begin), f.mul(depth, s)))
        change = f.mul(f.mul(f.mul(w, steep), s), f.sub(one, s))
        slopes = f.neg(change), f.mul(change, distance)
        for place, value in zip((2, 3, 4), (residual, *slopes), strict=True):
            f.store(value, "%room", here[place])
        own = basis(w, s)
        _add_to(f, sums, 5, f.mul(own, own))
        for place, slope in zip((6, 7), slopes, strict=True):
            _add_to(f, sums, place, slope)
    free = f.select(ends.bound, zero, one)
    total = _larger(f, f.load(sums, 0), one)
    level = [zero if fixed else f.mul(f.div(f.load(sums, place), total), free) for place in (6, 7)]
    with f.loop("%points") as k:
        w, here = f.load("%w", k), places(k)
        own = basis(w, f.load("%room", here[0]))
        for place, mean in enumerate(level):
            target = f.sub(f.load("%room", here[3 + place]), f.mul(w, mean))
            f.store(target, "%room", here[3 + place])
            _add_to(f, sums, 8 + place, f.mul(target, own))
    norm = f.div(one, _larger(f, f.load(sums, 5), f.splat(TINY if fixed else 1e-30)))
    if fixed:
        norm = f.mul(free, norm)
    part = [f.mul(f.load(sums, 8 + place), norm) for place in range(2)]
    for place in range(6):
        f.store(zero, "%found", place)
    with f.loop("%points") as k:
        w, here = f.load("%w", k), places(k)
        own, residual = basis(w, f.load("%room", here[0])), f.load("%room", here[2])
        ja, jb = (f.sub(f.load("%room", here[3 + n]), f.mul(part[n], own)) for n in range(2))
        pairs = (residual, residual), (ja, residual), (jb, residual), (ja, ja), (ja, jb), (jb, jb)
        for place, (left, right) in enumerate(pairs):
            _add_to(f, "%found", place, f.mul(left, right))
    f.line("ret void")
    return f


def _refine(width: int) -> Writer:
    """Moves every curve from `a`, `b` to where its search ends."""
    f = Writer("refine", REFINE, width, exported=True)
    zero = f.splat(0.0)
    lowest, highest = (f.splat(math.log(hill)) for hill in HILL_RANGE)
    now, trial = f.memory(6, f.vector), f.memory(6, f.vector)
    at, new, damping, settled = (
        f.memory(2, f.vector),
        f.memory(2, f.vector),
        f.memory(1, f.vector),
        f.memory(1, f.vector),
    )
    step = f.memory(1, "i64")
    wells = f.scalar("mul", "i64", "%points", 3)
    rows = f.scalar("add", "i64", wells, len(OF_A_CURVE))
    with f.loop("%groups") as group:
        x = f.at("%curves", f.scalar("mul", "i64", group, rows))
        y, w = f.at(x, "%points"), f.at(x, f.scalar("mul", "i64", "%points", 2))
        first = f.at(x, wells)
        start, low, high, half, a, b, rss = (f.at(first, k) for k in range(len(OF_A_CURVE)))

        def evaluate(where: Value, found: Value) -> None:
            own = ", ".join(f"ptr {p}" for p in (x, y, w, start, low, high, where, "%room", found))
            f.line(f"call void @evaluate(i64 %points, {own})")

        f.store(f.load(a), at, 0)
        f.store(f.load(b), at, 1)
        f.store(f.splat(1e-3), damping)
        f.store(zero, settled)
        f.put("i64", 0, step)
        evaluate(at, now)
        with f.forever() as ended:
            _propose(f, now, at, new, f.load(damping), f.load(half), (lowest, highest))
            evaluate(new, trial)
            before, after = f.load(now, RSS), f.load(trial, RSS)
            open_ = f.compare("oeq", f.load(settled), zero)
            better = f.and_(f.compare("ole", after, before), open_)
            moved = [f.intrinsic("fabs", f.sub(f.load(new, k), f.load(at, k))) for k in range(2)]
            far = _larger(f, *moved)
            small = f.compare("ole", f.sub(before, after), f.mul(f.splat(1e-8), before))
            small = f.and_(f.and_(better, small), f.compare("olt", far, f.splat(1e-3)))
            done = f.or_(small, f.compare("olt", far, f.splat(1e-11)))
            done = f.or_(done, f.compare("ogt", f.load(damping), f.splat(1e9)))
            done = f.or_(done, f.compare("olt", before, f.splat(1e-28)))
            f.store(f.select(done, f.splat(1.0), f.load(settled)), settled)
            for k in range(2):
                f.store(f.select(better, f.load(new, k), f.load(at, k)), at, k)
            for k in range(6):
                f.store(f.select(better, f.load(trial, k), f.load(now, k)), now, k)
            less = _larger(f, f.mul(f.load(damping), f.splat(0.2)), f.splat(1e-14))
            f.store(f.select(better, less, f.mul(f.load(damping), f.splat(6.0))), damping)
            count = f.scalar("add", "i64", f.get("i64", step), 1)
            f.put("i64", count, step)
            f.break_if(f.scalar("icmp sge", "i64", count, STEPS), ended)
            going = f.any(f.compare("oeq", f.load(settled), zero))
            f.break_if(f.scalar("xor", "i1", going, "true"), ended)
        f.store(f.load(at, 0), a)
        f.store(f.load(at, 1), b)
        f.store(f.load(now, RSS), rss)
    f.line("ret void")
    return f


def _propose(
    f: Writer, now: Value, at: Value, new: Value, damping: Value, half: Value, hills: tuple[Value, Value]
) -> None:
    """The next trial from the slopes in `now`: a damped step, bounded and within the box."""
    zero, tiny, wide = f.splat(0.0), f.splat(TINY), f.add(f.splat(1.0), damping)
    ga, gb, hab = (f.load(now, k) for k in (GA, GB, HAB))
    ha, hb = (f.fma(f.load(now, k), wide, tiny) for k in (HAA, HBB))
    a, b = f.load(at, 0), f.load(at, 1)

    def stuck(place: Value, low: Value, high: Value, slope: Value) -> Value:
        up = f.and_(f.compare("oge", place, high), f.compare("ogt", slope, zero))
        return f.or_(up, f.and_(f.compare("ole", place, low), f.compare("olt", slope, zero)))

    stuck_a, stuck_b = stuck(a, f.neg(half), half, ga), stuck(b, *hills, gb)
    cross = f.select(f.or_(stuck_a, stuck_b), zero, hab)
    least = f.fma(f.mul(f.splat(1e-14), ha), hb, tiny)
    determinant = _larger(f, f.sub(f.mul(ha, hb), f.mul(cross, cross)), least)
    da = f.select(stuck_a, zero, f.div(f.sub(f.mul(hb, ga), f.mul(cross, gb)), determinant))
    db = f.select(stuck_b, zero, f.div(f.sub(f.mul(ha, gb), f.mul(cross, ga)), determinant))
    for k, (place, change, low, high) in enumerate(((a, da, f.neg(half), half), (b, db, *hills))):
        most = f.splat(FARTHEST[k])
        bounded = _between(f, change, f.neg(most), most)
        f.store(_between(f, f.add(place, bounded), low, high), new, k)
