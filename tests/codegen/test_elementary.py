"""exp, log and pow of the generated code against extended precision, and at the corners of IEEE 754."""

import ctypes
import math
from collections.abc import Callable

import numpy as np
import pytest

from screen.codegen.elementary import elementary_functions
from screen.codegen.ir import Function, preamble
from screen.codegen.target import compile_object

Applied = Callable[..., np.ndarray]


@pytest.fixture(scope="module")
def apply() -> Applied:
    """`apply(name, x, n)`: one of the vector functions on arrays."""
    import llvmlite.binding as llvm

    width = 4
    parts = [preamble(width), elementary_functions(width)]
    for name, count in (("vexp", 1), ("vlog", 1), ("vpow", 2)):
        f = Function(
            f"apply_{name}", {"n": "i64", "x": "ptr", "y": "ptr", "out": "ptr"}, width, exported=True
        )
        with f.loop("%n") as k:
            arguments = [f.load("%x", k), f.load("%y", k)][:count]
            f.store(f.call(name, *arguments), "%out", k)
        f.line("ret void")
        parts.append(f.text())
    image = compile_object("\n".join([*parts, "attributes #0 = { nounwind }\n"]))
    from screen.codegen.target import target_machine

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
    engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(image))
    engine.finalize_object()

    def aligned(values: np.ndarray) -> np.ndarray:
        raw = np.zeros(len(values) + 8)
        shift = (-raw.ctypes.data % 64) // 8
        view = raw[shift : shift + len(values)]
        view[:] = values
        return view

    def run(name: str, x: object, n: object = 0.0) -> np.ndarray:
        first, second = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(n, dtype=float))
        size = first.size
        padded = -(-size // width) * width
        a, b, out = (aligned(np.resize(v.ravel(), padded)) for v in (first, second, np.zeros(size)))
        kind = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
        kind(engine.get_function_address(f"apply_{name}"))(
            padded // width, a.ctypes.data, b.ctypes.data, out.ctypes.data
        )
        return out[:size].copy()

    return run


def ulps(found: np.ndarray, exact: np.ndarray) -> float:
    spacing = np.spacing(np.abs(exact).astype(float))
    return float(np.max(np.abs(found.astype(np.longdouble) - exact) / spacing))


def test_exp_and_log_are_within_about_one_ulp(apply: Applied) -> None:
    random = np.random.default_rng(0)
    x = random.uniform(-700, 700, 200_000)
    assert ulps(apply("vexp", x), np.exp(x.astype(np.longdouble))) < 1.25
    x = np.concatenate([10 ** random.uniform(-300, 300, 100_000), random.uniform(0.5, 2.0, 100_000)])
    assert ulps(apply("vlog", x), np.log(x.astype(np.longdouble))) < 1.25


@pytest.mark.slow
def test_pow_is_within_about_one_ulp_where_rates_live(apply: Applied) -> None:
    random = np.random.default_rng(1)
    x, n = 10 ** random.uniform(-6, 6, 300_000), random.uniform(-2.5, 2.5, 300_000)
    exact = np.power(x.astype(np.longdouble), n.astype(np.longdouble))
    assert ulps(apply("vpow", x, n), exact) < 1.25
    x, n = 10 ** random.uniform(-60, 60, 100_000), random.uniform(-5, 5, 100_000)
    exact = np.power(x.astype(np.longdouble), n.astype(np.longdouble))
    inside = (exact < 1e300) & (exact > 1e-300)
    assert ulps(apply("vpow", x, n)[inside], exact[inside]) < 5.0


@pytest.mark.parametrize(
    ("x", "n", "expected"),
    [
        (0.0, 2.5, 0.0),
        (0.0, 0.0, 1.0),
        (0.0, -1.5, math.inf),
        (-2.0, 3.0, -8.0),
        (-2.0, 2.0, 4.0),
        (-2.0, -1.0, -0.5),
        (-2.0, 0.5, math.nan),
        (math.inf, 0.5, math.inf),
        (math.inf, -0.5, 0.0),
        (math.nan, 2.0, math.nan),
        (2.0, math.nan, math.nan),
        (1e200, 3.0, math.inf),
        (1e200, -3.0, 0.0),
        (5e-324, 0.5, math.sqrt(5e-324)),
        (2.0, 10.0, 1024.0),
        (1.0, 1e300, 1.0),
    ],
)
def test_pow_at_the_corners(apply: Applied, x: float, n: float, expected: float) -> None:
    for neighbour in (1.0, -1.0):  # ordinary and careful path in the other lanes
        found = apply("vpow", [x, neighbour, 2.0, 3.0], [n, 1.0, 1.0, 1.0])
        assert found[0] == pytest.approx(expected, rel=1e-15, nan_ok=True)
        assert found[1:].tolist() == [neighbour, 2.0, 3.0]


def test_exp_and_log_at_the_corners(apply: Applied) -> None:
    x = [0.0, 710.0, 1e9, -746.0, -1e9, math.nan, -math.inf, math.inf]
    found = apply("vexp", x)
    assert found[0] == 1
    assert found[[1, 2, 7]].tolist() == [math.inf] * 3
    assert found[[3, 4, 6]].tolist() == [0.0] * 3
    assert math.isnan(found[5])
    found = apply("vlog", [0.0, -1.0, math.inf, math.nan, 1.0, 5e-324])
    assert found[0] == -math.inf
    assert math.isnan(found[1])
    assert math.isnan(found[3])
    assert found[[2, 4]].tolist() == [math.inf, 0.0]
    assert found[5] == pytest.approx(math.log(5e-324), rel=1e-15)


def test_a_lane_has_the_same_bits_on_both_paths(apply: Applied) -> None:
    random = np.random.default_rng(2)
    x, n = 10 ** random.uniform(-3, 3, 400), random.uniform(0.5, 4, 400)
    plain = apply("vpow", x, n)
    x[::4] = 0.0
    mixed = apply("vpow", x, n)
    keep = np.arange(400) % 4 != 0
    assert np.array_equal(plain[keep], mixed[keep])
