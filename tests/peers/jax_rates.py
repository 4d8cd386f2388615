"""diffrax (Kvaerno5, an implicit Runge-Kutta method of order 5, with XLA's own derivatives) on rates written from the
same expression graph as the engine's, all conditions in one `vmap`.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from screen.kinetics import Engine
from screen.kinetics.expressions.graph import Graph, Node
from tests.peers.rate_nodes import rate_nodes
from tests.peers.solvers import Solve

MOST_STEPS = 100_000
_SIGN = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "and": "&", "or": "|", "xor": "^",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
}  # fmt: skip
_NAMES = {
    "ln": "log",
    "select": "where",
    "min": "minimum",
    "max": "maximum",
    "neg": "negative",
    "not": "logical_not",
}


def rates_of(engine: Engine) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`setup(p) -> q`, what parameters alone decide, and `rates(t, y, q)`, in the engine's own order of states."""
    import jax.numpy as jnp

    rates = rate_nodes(engine)
    g, place, roots, kept = rates.graph, rates.place, rates.roots, rates.kept

    def lines(wanted: list[Node]) -> list[str]:
        return [f"    v{node} = {_source(g, node, place)}" for node in wanted]

    body = [f"    v{node} = q[{k}]" for k, node in enumerate(kept)]
    body += lines([node for node in rates.nodes if rates.again(node)])
    q = ", ".join(f"v{node}" for node in kept)
    dy = ", ".join(f"v{node} + 0.0 * y[0]" for node in roots)
    text = ["def setup(p):", *lines(g.reachable(kept)), f"    return jnp.stack([{q}])"]
    text += ["def rates(t, y, q):", *body, f"    return jnp.stack([{dy}])"]
    scope: dict[str, Any] = {"jnp": jnp}
    exec(compile("\n".join(text), "<rates>", "exec"), scope)
    return scope["setup"], scope["rates"]


def _source(g: Graph, node: Node, place: dict[int, int]) -> str:
    op, args = g.op[node], [f"v{a}" for a in g.args[node]]
    if op in ("const", "true", "false"):
        return {"true": "True", "false": "False"}.get(op, f"jnp.float64({g.value[node]!r})")
    if op in ("parameter", "state", "time"):
        index = int(g.value[node]) if op != "time" else 0
        return {"parameter": f"p[{index}]", "state": f"y[{place.get(index, 0)}]", "time": "t"}[op]
    if op in _SIGN:
        return f"{args[0]} {_SIGN[op]} {args[1]}"
    return f"jnp.{_NAMES.get(op, op)}({', '.join(args)})"


def diffrax(engine: Engine, end: float, parameters: np.ndarray, start: np.ndarray | None) -> Solve:
    """All conditions in one compiled call; compilation is not timed, nor the set-up."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import diffrax as package

    setup, rates = rates_of(engine)
    first = engine.initial_state(parameters) if start is None else np.ascontiguousarray(start)
    q = jax.jit(jax.vmap(setup))(parameters)

    def one(y: Any, kept: Any, rtol: Any) -> Any:
        found = package.diffeqsolve(
            package.ODETerm(rates),
            package.Kvaerno5(),
            0.0,
            end,
            None,
            y,
            args=kept,
            stepsize_controller=package.PIDController(rtol=rtol, atol=rtol * 1e-3),
            max_steps=MOST_STEPS,
            saveat=package.SaveAt(t1=True),
            throw=False,
        )
        return found.ys[-1]

    every = jax.jit(jax.vmap(one, in_axes=(0, 0, None)))
    every(first, q, 1e-3).block_until_ready()

    def solve(rtol: float) -> tuple[np.ndarray, float]:
        begin = time.process_time()
        states = np.asarray(every(first, q, rtol).block_until_ready())
        return states, time.process_time() - begin

    return solve
