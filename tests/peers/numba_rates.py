"""numbalsoda, and SciPy's LSODA, on rates that numba compiled from the same expression graph as the engine.

What depends on parameters alone is computed once per trajectory, as in the engine; numbalsoda's loop over
trajectories is compiled too, so that its time holds no Python.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from screen.kinetics import Engine
from screen.kinetics.expressions.arithmetic import COMPARISONS
from screen.kinetics.expressions.graph import Graph, Node
from tests.peers.rate_nodes import rate_nodes
from tests.peers.solvers import Solve

MOST_STEPS = 1_000_000
_SIGN = {"add": "+", "sub": "-", "mul": "*", "div": "/", "and": "and", "or": "or", "xor": "!="}
_ORDER = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_NAMES = {"ln": "log", "log": "log", "abs": "fabs", "fabs": "fabs"}


@dataclass(frozen=True)
class Compiled:
    """`setup(p, q)` fills what parameters alone decide; `rates` is a cfunc (t, y, dy, q) for numbalsoda;
    `plain` the same function (y, t, q) -> dy for SciPy.
    """

    setup: Callable[..., None]
    rates: Any
    plain: Callable[..., np.ndarray]
    kept: int


@lru_cache(maxsize=1)
def compile_rates(engine: Engine) -> Compiled:
    """The engine's rates, in its own order of states, compiled by numba."""
    import numba
    from numbalsoda import lsoda_sig

    rates = rate_nodes(engine)
    g, place, roots, kept = rates.graph, rates.place, rates.roots, rates.kept
    slot = {node: k for k, node in enumerate(kept)}

    def line(node: Node) -> str:
        return f"    v{node} = {_source(g, node, place)}"

    first = ["def setup(p, q):", *(line(n) for n in g.reachable(kept))]
    first += [f"    q[{k}] = v{node}" for node, k in slot.items()]
    body = []
    for node in rates.nodes:
        if node in slot:
            body.append(f"    v{node} = q[{slot[node]}]")
        elif rates.again(node):
            body.append(line(node))
    body += [f"    dy[{k}] = v{root}" for k, root in enumerate(roots)]
    second = ["def rates(t, y, dy, q):", *body, "    return None"]
    size = len(roots)
    third = ["def plain(y, t, q):", f"    dy = np.empty({size})", *body, "    return dy"]
    scope: dict[str, Any] = {"np": np, "math": __import__("math"), "powr": _power(numba)}
    for lines in (first, second, third):
        exec(compile("\n".join([*lines, "    pass"]), "<rates>", "exec"), scope)
    fast = {"error_model": "numpy"}
    one = numba.float64[::1]
    return Compiled(
        setup=numba.njit(numba.void(one, one), **fast)(scope["setup"]),
        rates=numba.cfunc(lsoda_sig, **fast)(scope["rates"]),
        plain=numba.njit(one(one, numba.float64, one), **fast)(scope["plain"]),
        kept=max(len(kept), 1),
    )


def _power(numba: Any) -> Any:
    @numba.njit(error_model="numpy")
    def power(x: float, n: float) -> float:
        if x < 0 and n != np.floor(n):
            return -((-x) ** n)
        return x**n

    return power


def _source(g: Graph, node: Node, place: dict[int, int]) -> str:
    op, args = g.op[node], [f"v{a}" for a in g.args[node]]
    index = int(g.value[node]) if op in ("parameter", "state") else 0
    if op in ("const", "true", "false"):
        value = g.value[node]
        return {"true": "True", "false": "False"}.get(
            op, repr(value) if np.isfinite(value) else f"np.{value}"
        )
    if op in ("parameter", "state", "time"):
        return {"parameter": f"p[{index}]", "state": f"y[{place.get(index, 0)}]", "time": "t"}[op]
    if op in _SIGN:
        return f"{args[0]} {_SIGN[op]} {args[1]}"
    if op in COMPARISONS:
        return f"{args[0]} {_ORDER[op]} {args[1]}"
    if op in ("neg", "not"):
        return f"{'-' if op == 'neg' else 'not '}{args[0]}"
    if op == "select":
        return f"({args[1]} if {args[0]} else {args[2]})"
    if op in ("pow", "min", "max"):
        return f"{'powr' if op == 'pow' else op}({', '.join(args)})"
    return f"math.{_NAMES.get(op, op)}({', '.join(args)})"


def numbalsoda(engine: Engine, end: float, parameters: np.ndarray, start: np.ndarray | None) -> Solve:
    """LSODA in C++ with compiled rates and a compiled loop over conditions."""
    import numba
    from numbalsoda import lsoda

    code = compile_rates(engine)
    setup, address, kept = code.setup, code.rates.address, code.kept
    first = engine.initial_state(parameters) if start is None else np.ascontiguousarray(start)

    @numba.njit
    def every(rows: np.ndarray, begin: np.ndarray, rtol: float, states: np.ndarray) -> None:
        times = np.array([0.0, end])
        q = np.empty(kept)
        for k in range(len(rows)):
            setup(rows[k], q)
            found, good = lsoda(address, begin[k].copy(), times, q, rtol, rtol * 1e-3, MOST_STEPS)
            if good:
                states[k] = found[1]

    every(parameters[:1], first[:1], 1e-3, np.empty((1, first.shape[1])))

    def solve(rtol: float) -> tuple[np.ndarray, float]:
        states = np.full_like(first, np.nan)
        begin = time.process_time()
        every(parameters, first, rtol, states)
        return states, time.process_time() - begin

    return solve


def scipy_on_numba(engine: Engine, end: float, parameters: np.ndarray, start: np.ndarray | None) -> Solve:
    """SciPy's odeint (LSODA in Fortran) on the same compiled rates."""
    from scipy.integrate import odeint

    code = compile_rates(engine)
    first = engine.initial_state(parameters) if start is None else start

    def solve(rtol: float) -> tuple[np.ndarray, float]:
        states = np.empty_like(first)
        limits = {"rtol": rtol, "atol": rtol * 1e-3, "mxstep": MOST_STEPS}
        q = np.empty(code.kept)
        begin = time.process_time()
        for k, row in enumerate(parameters):
            code.setup(row, q)
            states[k] = odeint(code.plain, first[k], [0.0, end], args=(q,), **limits)[-1]
        return states, time.process_time() - begin

    return solve
