"""Plates scored as a whole: what options may be, and what is left out of blocks of three drugs."""

from pathlib import Path
from typing import Any

import pytest

from screen.errors import InputError
from screen.synergy.plate_scores import PlateOptions, score_plates
from screen.synergy.plates.read_plates import read_plates


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"response": "death"}, "--response: expected viability, inhibition, growth or gr, found 'death'"),
        ({"scale": "log"}, "--scale: expected percent, fraction or raw, found 'log'"),
        ({"baseline": "some"}, "--baseline: expected none, part or all, found 'some'"),
        ({"single_agent": "hill"}, "--single-agent: expected fit or monotone, found 'hill'"),
        ({"fit": "lm"}, "--fit: expected drc or least-squares, found 'lm'"),
        ({"bootstrap": 1}, "--bootstrap: one round tells no spread"),
    ],
)
def test_an_option_that_means_nothing_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        PlateOptions(**options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (PlateOptions(bootstrap=100), "--bootstrap: for plates"),
        (PlateOptions(fit="drc"), "--fit: for plates, found a cube"),
        (PlateOptions(baseline="all"), "--baseline: for plates, found a cube"),
    ],
)
def test_an_option_of_plates_is_refused_for_a_cube(options: PlateOptions, words: str) -> None:
    with pytest.raises(InputError, match=words):
        options.for_plates_only()


def test_what_a_cube_may_have_is_not_refused() -> None:
    PlateOptions(models=("bliss",), jobs=2).for_plates_only()


def test_every_block_and_every_dose_pair_has_a_row(shared: Path) -> None:
    plates = read_plates(shared / "plates" / "mathews-viability.csv", drugs=3)
    found = score_plates(plates, PlateOptions(models=("hsa",)))
    assert list(found.summary.block_id) == [block.name for block in plates.blocks]
    assert len(found.cells) == sum(block.viability.size for block in plates.blocks)
    assert (found.models, found.notes) == (("hsa",), ())
