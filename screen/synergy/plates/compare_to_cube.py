"""A measured plate compared with the simulated one: the scores of a cube for the same drugs and cell line."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from screen.arrays import Floats
from screen.cube.reader import CubeReader
from screen.errors import InputError, nearest, plain
from screen.synergy.plates.block import PlateBlock

SAME_DOSE = 0.01
SAME_TIME = 0.01


def compare_with_cube(
    summary: pd.DataFrame,
    blocks: Sequence[PlateBlock],
    path: str | Path,
    drug_name: Callable[[str], str] = str,
) -> pd.DataFrame:
    """`summary` with `sim_<model>` and `sim_<model>_max` at the block's assay time, or the cube's last where the block
    has none, of its first schedule, and `sim_reason`, which says why a block has none, or that its doses are not the
    cube's, over which either mean is taken. `drug_name` gives the name in the cube of a brand or an alias. Drugs may be
    in either order; a block without `cell_line` has no partner."""
    try:
        with CubeReader.open(path) as cube:
            scores = cube.part("scores")
            shown = [name for model in cube.models for name in (model, f"{model}_max")]
            times = [float(time) for time in cube.times_h]
            places = {k for block in blocks if (k := _time_of(block, times)) is not None}
            at_time = {
                k: {
                    name: scores[name].array("cell_line", "combination", time=k, schedule=0) for name in shown
                }
                for k in places
            }
            lines = {plain(name): i for i, name in enumerate(cube.cell_lines)}
            pairs = _pairs(cube.combinations)
            grids = [cube.concentrations(k) for k in (1, 2)]
    except InputError as error:
        raise InputError(f"--against {error}") from None
    rows = []
    for block in blocks:
        line, pair = plain(block.cell_line), (_drug(drug_name(block.drug_1)), _drug(drug_name(block.drug_2)))
        row: dict[str, object] = dict.fromkeys((f"sim_{name}" for name in shown), float("nan"))
        if line not in lines:
            named = f"no cell line {block.cell_line!r} in the cube{nearest(line, lines)}"
            row["sim_reason"] = named if line else "the plate names no cell line: --line says which it is"
        elif (when := _time_of(block, times)) is None:
            read = ", ".join(f"{time:g}" for time in times)
            row["sim_reason"] = f"read at {block.time_h:g} h, the cube holds {read} h"
        elif pair not in pairs and pair[::-1] not in pairs:
            row["sim_reason"] = f"no combination of {block.drug_1} and {block.drug_2} in the cube"
        else:
            swapped = pair not in pairs
            place = pairs[pair[::-1] if swapped else pair]
            at = lines[line]
            row |= {f"sim_{name}": float(at_time[when][name][at, place]) for name in shown}
            simulated = [grid[min(at, len(grid) - 1), place] for grid in grids]
            row["sim_reason"] = _other_doses(block, simulated[::-1] if swapped else simulated)
        rows.append(row)
    return pd.concat([summary.reset_index(drop=True), pd.DataFrame(rows)], axis=1)


def _time_of(block: PlateBlock, times: Sequence[float]) -> int | None:
    """The place of a block's assay time among the cube's, the last where it has none, None where it is not there."""
    if np.isnan(block.time_h):
        return len(times) - 1
    fits = [k for k, time in enumerate(times) if abs(time - block.time_h) <= SAME_TIME * time]
    return fits[0] if fits else None


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
