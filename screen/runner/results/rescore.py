"""A cube with an ensemble scored again: intervals from the draws that it keeps, or else those that it has."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screen.cube.netcdf import Variable
from screen.cube.reader import CubeReader
from screen.cube.tree import open_cube, triples_of
from screen.errors import InputError
from screen.runner.results.write_cube import add_scores
from screen.runner.simulate.ensemble import score_intervals
from screen.synergy import score_cube
from screen.synergy.models.registry import MODELS
from screen.synergy.potency.cube_potency import strength
from screen.synergy.score_triples import score_triples_of

if TYPE_CHECKING:
    import xarray as xr

BESIDE = ("_low", "_median", "_high", "_probability")


def with_intervals(
    cube: "xr.DataTree", scores: "xr.Dataset", models: Sequence[str], readout: str, jobs: int = 1
) -> "xr.Dataset":
    """`scores` of a cube's pairs with what its ensemble says of them; unchanged where it has none.

    Draws that are kept are scored; without them, intervals that stand for the same model and readout stay,
    and other models get none.
    """
    if "ensemble" in cube and readout in cube["ensemble"].data_vars:
        draws = cube["ensemble"].to_dataset()[[readout]].load()
        scored = {
            str(name): Variable(tuple(map(str, each.dims)), each.values, dict(each.attrs))
            for name, each in score_cube(draws, models, readout, jobs=jobs).transpose("draw", ...).items()
        }
        found = score_intervals(scored)
        return scores.assign(
            {name: (each.dims, each.values, each.attributes) for name, each in found.items()}
        )
    if "scores" not in cube:
        return scores
    before = cube["scores"].to_dataset()
    stay = {
        f"{name}{end}": before[f"{name}{end}"].load()
        for name in map(str, scores.data_vars)
        for end in BESIDE
        if f"{name}{end}" in before and before[f"{name}{end}"].attrs.get("readout") == readout
    }
    return scores.assign(stay)


def rescore(path: Path, models: Sequence[str], readout: str, jobs: int = 1) -> "xr.Dataset":
    """Score a cube's pairs and triples again, with the drugs' potencies and the intervals of its ensemble: its group
    `/scores` is replaced. The scores of the pairs.
    """
    with open_cube(path) as cube:
        root = cube.to_dataset()
        others = [
            name
            for name, data in root.data_vars.items()
            if "dose_1" in data.dims and name not in (readout, "status")
        ]
        if readout in root.data_vars:
            root = root.drop_vars(others).load()
        scores = score_cube(root, models, readout=readout, jobs=jobs)
        scores = with_intervals(cube, scores, models, readout, jobs)
        triples = triples_of(cube)
        if triples is not None:
            triples = score_triples_of(triples, models, readout).load()
    scores = scores.merge(strength(root, readout), combine_attrs="override")
    add_scores(path, scores, triples)
    return scores


def refuse_loss(cube: Path, models: Sequence[str], readout: str) -> None:
    """Raise `InputError` where scoring a cube by `models` would drop scores that are not made again."""
    with CubeReader.open(cube) as found:
        before = found.models
        scored = {found.part("scores")[name].attributes.get("readout", readout) for name in before}
        if set(models) - set(MODELS) or readout not in found.root:
            return  # what is wrong is told by those who score
    if others := [name for name in before if name not in models]:
        raise InputError(
            f"{cube}: scores by {', '.join(others)} would be lost, expected --models "
            f"{','.join([*models, *others])}, or --force"
        )
    if lost := sorted(map(str, scored - {readout})):
        raise InputError(
            f"{cube}: scores of {', '.join(lost)} would be lost, expected --readout {lost[0]}, or --force"
        )
