"""Doses as multiples: what turns them into nM, line by line."""

import math
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.runner.plan.plan import Design

if TYPE_CHECKING:
    pass


def centres(design: Design, gr50: Array) -> Array:
    """The doses in nM that multiples are of, (cell_line, drug of `design.centred`)."""
    middles = np.array([math.sqrt(math.prod(design.drugs[drug].range_nM)) for drug in design.centred])
    return np.where(np.isfinite(gr50), gr50, middles)


def scales(design: Design, drugs: tuple[str, ...], gr50: Array | None) -> Array:
    """What the doses of `drugs` in the plan are multiplied with to give nM, (cell_line or 1, drug)."""
    if gr50 is None:
        return np.ones((1, len(drugs)))
    found = centres(design, gr50)
    return np.stack(
        [
            found[:, design.centred.index(drug)] if drug in design.centred else np.ones(len(found))
            for drug in drugs
        ],
        axis=1,
    )
