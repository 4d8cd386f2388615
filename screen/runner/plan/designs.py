"""Designs that leave out a part of each grid: rays of fixed ratio with the single agents, and the coarse grid
that an adaptive design begins with.
"""

from dataclasses import replace

import numpy as np

from screen.config.screen import ScreenConfig
from screen.runner.plan.layers import Combination

SAME = 1e-9
"""Doses nearer to each other than this, relatively, are one."""
EDGE_DOSES, INNER_DOSES = 9, 3
"""Doses of each drug, alone and with the other, that an adaptive design begins with."""


def designed(config: ScreenConfig, whole: Combination) -> Combination:
    """The combination with the wells that the configuration's design has. Raises `InputError` naming the key
    for what the design cannot be.
    """
    if config.doses.rays is not None:
        return _on_rays(config, whole, config.doses.rays)
    if config.doses.adaptive is not None:
        return _coarse(config, whole, config.doses.adaptive.wells)
    return whole


def _on_rays(config: ScreenConfig, whole: Combination, ratios: list[float]) -> Combination:
    if len(whole.drugs) != 2:
        raise config.error("doses.rays", f"found rays with the triple {whole.name}, expected pairs alone")
    one, two = (np.array(doses[1:]) for doses in whole.doses)
    base = two / one if len(one) == len(two) else np.array([0.0, 1.0])
    if np.ptp(base) > SAME * base.max():
        many = " and ".join(f"{len(doses)} of {drug}" for drug, doses in zip(whole.drugs, (one, two)))
        raise config.error(
            "doses.rays",
            f"found doses in no fixed ratio ({many}), expected as many of both with the same steps, like the "
            "same multiples of peak or gr50",
        )
    axis = np.sort(np.concatenate([ratio * two for ratio in ratios]))
    axis = axis[np.append(True, np.diff(axis) > SAME * axis[1:])]
    rays = tuple(
        tuple((k + 1, int(np.abs(axis - dose).argmin()) + 1) for k, dose in enumerate(ratio * two))
        for ratio in ratios
    )
    edges = [(k, 0) for k in range(len(one) + 1)] + [(0, k) for k in range(len(axis) + 1)]
    wells = tuple(sorted({*edges, *(well for ray in rays for well in ray)}))
    doses = (whole.doses[0], (0.0, *(float(dose) for dose in axis)))
    return replace(whole, doses=doses, wells=wells, rays=rays)


def _coarse(config: ScreenConfig, whole: Combination, most: int) -> Combination:
    key = "doses.adaptive"
    if len(whole.drugs) != 2:
        raise config.error(
            key, f"found an adaptive design with the triple {whole.name}, expected pairs alone"
        )
    if config.ensemble is not None:
        raise config.error(key, "found an adaptive design with an ensemble, expected one or the other")
    if whole.exposures:
        raise config.error(key, "found an adaptive design with schedules, expected one or the other")
    if most >= whole.simulations:
        size = " x ".join(map(str, whole.grid))
        raise config.error(
            f"{key}.wells",
            f"found {most} wells for the grid of {size}, expected fewer, or more doses (points: 32)",
        )
    edges, inner = ([_spread(size, many) for size in whole.grid] for many in (EDGE_DOSES, INNER_DOSES + 1))
    wells = {(0, 0), *((k, 0) for k in edges[0]), *((0, k) for k in edges[1])}
    wells |= {(one, two) for one in inner[0][1:] for two in inner[1][1:]}
    if len(wells) > most:
        raise config.error(
            f"{key}.wells", f"found {most}, expected at least {len(wells)}, which the coarse grid has"
        )
    return replace(whole, wells=tuple(sorted(wells)))


def _spread(size: int, many: int) -> list[int]:
    """At most `many` steps above 0 of an axis, evenly spread, the lowest and the highest among them."""
    steps: list[int] = np.unique(np.round(np.linspace(1, size - 1, min(many, size - 1))).astype(int)).tolist()
    return steps
