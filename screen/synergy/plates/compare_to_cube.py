"""A measured plate compared with the simulated one: the scores of a cube for the same drugs and cell line."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from screen.arrays import Floats
from screen.cube.reader import CubeReader
from screen.errors import InputError, nearest, plain
from screen.synergy.plates.block import PlateBlock

SAME_DOSE = 0.01


def compare_with_cube(summary: pd.DataFrame, blocks: Sequence[PlateBlock], path: str | Path) -> pd.DataFrame:
    """`summary` with `sim_<model>` and `sim_<model>_max` from the cube's last assay time, of its first
    schedule, and `sim_reason`, which says why a block has none, or that its doses are not the cube's, over
    which either mean is taken.
    Drugs may be in either order; a block without `cell_line` has no partner."""
    try:
        with CubeReader.open(path) as cube:
            scores = cube.part("scores")
            shown = [name for model in cube.models for name in (model, f"{model}_max")]
            last = {
                name: scores[name].array("cell_line", "combination", time=-1, schedule=0) for name in shown
            }
            lines = {plain(name): i for i, name in enumerate(cube.cell_lines)}
            pairs = _pairs(cube.combinations)
            grids = [cube.concentrations(k) for k in (1, 2)]
    except InputError as error:
        raise InputError(f"--against {error}") from None
    rows = []
    for block in blocks:
        line, pair = plain(block.cell_line), (_drug(block.drug_1), _drug(block.drug_2))
        row: dict[str, object] = dict.fromkeys((f"sim_{name}" for name in shown), float("nan"))
        if line not in lines:
            row["sim_reason"] = f"no cell line {block.cell_line!r} in the cube{nearest(line, lines)}"
        elif pair not in pairs and pair[::-1] not in pairs:
            row["sim_reason"] = f"no combination of {block.drug_1} and {block.drug_2} in the cube"
        else:
            swapped = pair not in pairs
            place = pairs[pair[::-1] if swapped else pair]
            at = lines[line]
            row |= {f"sim_{name}": float(last[name][at, place]) for name in shown}
            simulated = [grid[min(at, len(grid) - 1), place] for grid in grids]
            row["sim_reason"] = _other_doses(block, simulated[::-1] if swapped else simulated)
        rows.append(row)
    return pd.concat([summary.reset_index(drop=True), pd.DataFrame(rows)], axis=1)


def _other_doses(block: PlateBlock, simulated: list[Floats]) -> str:
    """Words on a grid that is not the cube's, `''` where it is, or where its unit cannot be compared."""
    if block.unit not in ("nM", ""):
        return f"doses in {block.unit}, the cube's in nM: grids not compared"
    for name, ours, theirs in zip((block.drug_1, block.drug_2), (block.conc_1, block.conc_2), simulated):
        grid = np.sort(theirs[~np.isnan(theirs)])
        if len(grid) != len(ours) or not np.allclose(grid, ours, rtol=SAME_DOSE, atol=0):
            return (
                f"other doses of {name}: {len(ours)} up to {ours.max(initial=0):g} nM, in the cube "
                f"{len(grid)} up to {grid.max(initial=0):g} nM; each mean is over its own grid"
            )
    return ""


def _pairs(combinations: Sequence[str]) -> dict[tuple[str, str], int]:
    names = [name.split("+") for name in combinations]
    return {(_drug(pair[0]), _drug(pair[-1])): i for i, pair in enumerate(names)}


def _drug(name: str) -> str:
    folded = plain(name)
    return "trastuzumab" if folded == "herceptin" else folded
