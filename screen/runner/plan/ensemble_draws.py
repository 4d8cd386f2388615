"""The draws of a screen with an ensemble: which rows of the table of draws, and how many there may be."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from screen.config.screen import ScreenConfig
from screen.errors import InputError
from screen.pathway.tables.ensemble import BUILT_IN, load_draws

if TYPE_CHECKING:
    from screen.pathway import Pathway
    from screen.pathway.tables.ensemble import Draw

DRAW_STREAM = 3


def draws_of(config: ScreenConfig, pathway: "Pathway") -> Mapping[int, "Draw"]:
    """The draws that a configuration asks for by their row in the table, ascending; none without an ensemble.

    Fewer than there are are chosen by the seed, and are among those that a larger number chooses.
    """
    if config.ensemble is None:
        return {}
    asked, table = config.ensemble.draws, config.ensemble.table
    if table is None and pathway.is_custom:
        raise config.error("ensemble", "the built-in draws are of the built-in model, expected `table:`")
    try:
        there = load_draws(BUILT_IN if table is None else Path(table))
    except InputError as error:
        raise config.error("ensemble.table", error) from None
    if asked > len(there):
        name = (BUILT_IN if table is None else Path(table)).name
        raise config.error("ensemble", f"found {asked} draws, expected at most the {len(there)} of {name}")
    order = np.random.default_rng([config.seed, DRAW_STREAM]).permutation(len(there))
    return {row: there[row] for row in sorted(order[:asked].tolist())}
