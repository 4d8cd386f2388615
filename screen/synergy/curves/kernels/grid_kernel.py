"""The grid that the fit of sigmoids starts from as machine code: of every midpoint the slope that leaves the least, a
curve in each lane of the processor's vectors.
"""

from functools import cache
from typing import Any

from screen.codegen.elementary import exponential
from screen.codegen.ir import Value
from screen.synergy.curves.kernels.scalar_ir import Writer, load

SEARCH = {
    "groups": "i64",
    "points": "i64",
    "midpoints": "i64",
    "shapes": "ptr",
    "curves": "ptr",
    "room": "ptr",
}
OF_A_SHAPE = ("inverse", "spread", "reach")
OF_A_CURVE = ("low", "high", "first", "first_hill", "first_gain", "second", "second_hill", "second_gain")
LOW, HIGH, FIRST, SECOND = 0, 1, 2, 5
NEAR = 3.0
"""Midpoints on each side of the best one that do not count as elsewhere."""
TIE = 1e-7
"""Share of what is explained by which a later point must be better: of shapes that the data do not tell apart the first
counts, whatever rounding says of them, and so a plate's fits do not hang on the order of its drugs.
"""
PROFILE, HILL = range(2)


@cache
def search(hills: int, width: int) -> Any:
    """The compiled search: a function of `SEARCH`, called without the interpreter's lock. `shapes` are (midpoint, hill,
    row): a shape at all points and then `OF_A_SHAPE`, 1 / spread, spread and 1 / reach; `curves` (group, row, lane),
    aligned for vectors: what is to be explained at all points, then `OF_A_CURVE`, how far the end may go and, as they
    come out, the midpoint, slope (their numbers) and gain of the best point and of the best elsewhere. `room` holds
    two vectors a midpoint.
    """
    return load("search", SEARCH, width, [_search(hills, width)], exponential)


def _search(hills: int, width: int) -> Writer:
    f = Writer("search", SEARCH, width, exported=True)
    lowest, zero = f.splat(float("-inf")), f.splat(0.0)
    overlaps, best = f.memory(hills, f.vector), f.memory(2, f.vector)
    rows = f.scalar("add", "i64", "%points", len(OF_A_CURVE))
    size = f.scalar("add", "i64", "%points", len(OF_A_SHAPE))
    with f.loop("%groups") as group:
        change = f.at("%curves", f.scalar("mul", "i64", group, rows))
        curve = f.at(change, "%points")
        low, high = f.load(curve, LOW), f.load(curve, HIGH)
        f.store(lowest, best, PROFILE)
        with f.loop("%midpoints") as k:
            first = f.scalar("mul", "i64", k, hills)
            shapes = [f.row("%shapes", f.scalar("add", "i64", first, hill), size) for hill in range(hills)]
            for hill in range(hills):
                f.store(zero, overlaps, hill)
            with f.loop("%points") as point:
                here = f.load(change, point)
                for hill, shape in enumerate(shapes):
                    one = f.broadcast(f.get("double", shape, point))
                    f.store(f.fma(here, one, f.load(overlaps, hill)), overlaps, hill)
            profile, which = lowest, zero
            for hill, shape in enumerate(shapes):
                own = f.element("double", shape, "%points")
                found = _gain(f, f.load(overlaps, hill), own, low, high)
                better = f.compare("ogt", f.mul(found, f.splat(1 - TIE)), profile)
                profile = f.select(better, found, profile)
                which = f.select(better, f.splat(float(hill)), which)
            place = f.scalar("mul", "i64", k, 2)
            f.store(profile, "%room", place)
            f.store(which, "%room", f.scalar("add", "i64", place, HILL))
            _keep(f, curve, FIRST, best, (f.broadcast(_number(f, k)), which, profile), profile)
        f.store(lowest, best, PROFILE)
        with f.loop("%midpoints") as k:
            place, here = f.scalar("mul", "i64", k, 2), f.broadcast(_number(f, k))
            profile, which = (
                f.load("%room", f.scalar("add", "i64", place, part)) for part in (PROFILE, HILL)
            )
            far = f.intrinsic("fabs", f.sub(here, f.load(curve, FIRST)))
            elsewhere = f.select(f.compare("ogt", far, f.splat(NEAR)), profile, lowest)
            _keep(f, curve, SECOND, best, (here, which, profile), elsewhere)
    f.line("ret void")
    return f


def _number(f: Writer, k: Value) -> Value:
    return f.compute(f"sitofp i64 {k} to double")


def _gain(f: Writer, overlap: Value, shape: Value, low: Value, high: Value) -> Value:
    """What a shape at its best depth within the bounds explains."""
    inverse, spread, reach = (f.broadcast(f.get("double", shape, row)) for row in range(len(OF_A_SHAPE)))
    depth, least, most = f.mul(overlap, inverse), f.mul(low, reach), f.mul(high, reach)
    depth = f.select(f.compare("ogt", depth, least), depth, least)
    depth = f.select(f.compare("olt", depth, most), depth, most)
    return f.mul(depth, f.sub(f.add(overlap, overlap), f.mul(depth, spread)))


def _keep(
    f: Writer, curve: Value, to: int, best: Value, found: tuple[Value, Value, Value], value: Value
) -> None:
    """Keeps what was found where its value is the largest so far."""
    better = f.compare("ogt", f.mul(value, f.splat(1 - TIE)), f.load(best, PROFILE))
    f.store(f.select(better, value, f.load(best, PROFILE)), best, PROFILE)
    for row, one in enumerate(found, to):
        f.store(f.select(better, one, f.load(curve, row)), curve, row)
