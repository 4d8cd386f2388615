"""Division rates that are not fitted: each line's is the one at which it doubles, untreated, in its own time.

The untreated growth is nearly birth rate times a constant less basal death, so a secant in logarithms reaches
it in a few rounds; all parameter sets and lines go through the engine together. The search starts at twice
the line's growth rate, never at a rate found before.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Floats
from screen.pathway import Assay, CellLine
from screen.pathway.assay import FIXED
from screen.pathway.tables.ensemble import Draw

if TYPE_CHECKING:
    from screen.kinetics import Engine

ROUNDS = 5
LEAST = 0.02
"""Growth below this share of the line's own counts as this share while the rate is sought."""


def division_rates(
    engine: "Engine",
    tables: Floats,
    target: Floats,
    column: int,
    limits: tuple[float, float],
    rounds: int = ROUNDS,
) -> tuple[Floats, Floats]:
    """Rates (K, L) per hour, and the growth still missing as a share of the line's own (K, L; below 0: too
    much).

    tables (K, L, P) are the lines' parameters under K parameter sets; target (L,) the growth rates per hour
    (0: any will do); `column` is that of the division rate. A line that does not settle misses all growth.
    """
    count, lines, _ = tables.shape
    low, high = np.log(limits)
    rate = np.tile(np.clip(np.log(2 * np.maximum(target, 1e-6)), low, high), (count, 1))
    goal = np.log(np.maximum(target, 1e-6))
    rows = tables.reshape(-1, tables.shape[-1]).copy()
    start: Floats | None = None
    last_rate = last_growth = None
    for left in range(rounds, -1, -1):
        rows[:, column] = np.exp(rate).ravel()
        steady = engine.steady_state(rows, start, fixed=FIXED, stability=False)
        growth = engine.readout(rows, steady.state)[:, -1].reshape(count, lines)
        begin = engine.initial_state(rows)
        start = np.where(np.isnan(steady.state), begin, steady.state)
        start[:, engine.states.index(FIXED[0])] = 0.0
        log_growth = np.log(np.fmax(growth, LEAST * np.maximum(target, 1e-6)))
        if not left:
            break
        if last_rate is None or last_growth is None:
            slope = np.ones_like(rate)
        else:
            moved = rate - last_rate
            with np.errstate(divide="ignore", invalid="ignore"):
                slope = np.where(np.abs(moved) > 1e-9, (log_growth - last_growth) / moved, 1.0)
            slope = np.clip(np.nan_to_num(slope, nan=1.0), 0.4, 3.0)
        last_rate, last_growth = rate, log_growth
        rate = np.clip(rate + np.clip((goal - log_growth) / slope, -1.5, 1.5), low, high)
    missing = np.where(np.isnan(growth), 1.0, (target - growth) / np.maximum(target, 1e-6))
    return np.exp(rate), np.where(target > 0, missing, 0.0)


def settled(assay: Assay, lines: Sequence[CellLine], draws: Sequence[Draw], rounds: int = 12) -> list[Draw]:
    """The draws with each line's division rate set so that the untreated line doubles in its own time."""
    timed = [line for line in lines if line.doubling_h]
    target = np.array([np.log(2) / (line.doubling_h or np.inf) for line in timed])
    limits = assay.pathway.parameters["k_birth"]
    tables = np.stack([assay.parameters(timed, None, draw) for draw in draws])
    column = assay.engine.parameters.index("k_birth")
    rates, _ = division_rates(assay.engine, tables, target, column, (limits.lower, limits.upper), rounds)
    found = []
    for draw, row in zip(draws, rates):
        own = {name: dict(values) for name, values in draw.lines.items()}
        for line, rate in zip(timed, row):
            own.setdefault(line.name, {})["k_birth"] = float(rate)
        found.append(replace(draw, lines=own))
    return found
