"""Measured plates and what other software says about them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Block:
    """One measured matrix: `response` is inhibition in percent, `peer` SynergyFinder's cells by column
    name."""

    name: str
    conc_1: np.ndarray
    conc_2: np.ndarray
    response: np.ndarray
    peer: dict[str, np.ndarray]
    summary: dict[str, float]

    @property
    def viability(self) -> np.ndarray:
        return 1 - self.response / 100


def read_blocks(shared: Path) -> list[Block]:
    """The ten blocks for which SynergyFinder 3.15.0 gave results (baseline `non`)."""
    import pandas as pd

    cells = pd.read_csv(shared / "plates" / "synergyfinder-cells.csv")
    summary = pd.read_csv(shared / "plates" / "synergyfinder-summary.csv")
    summary = summary[summary.baseline == "non"].set_index(["dataset", "block"])
    found = []
    for key, group in cells.groupby(["dataset", "block"]):
        tables = {
            name: group.pivot(index="conc1", columns="conc2", values=name)
            for name in group.columns
            if name == "response" or name.endswith(("_ref", "_fit", "_synergy"))
        }
        response = tables.pop("response")
        peer = {name: table.to_numpy() for name, table in tables.items()}
        found.append(
            Block(
                f"{key[0]}-{key[1]}",
                response.index.to_numpy(),
                response.columns.to_numpy(),
                response.to_numpy(),
                peer,
                summary.loc[key].to_dict(),
            )
        )
    return found
