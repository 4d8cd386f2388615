"""p-values of three drugs: level without interaction, small where there is one, and each question has its own."""

import numpy as np
import pytest

from screen.synergy.plates.block import PlateBlock
from screen.synergy.tensor_intervals import tensor_intervals

CONC = np.array([0.0, 5, 20, 80])


def blocks(seed: int, pairs: float = 0.0, triple: float = 0.0, count: int = 4) -> list[PlateBlock]:
    """Independent drugs with extra kill in all cells of two drugs and more, or in those of three alone."""
    random = np.random.default_rng(seed)
    one, two, three = np.meshgrid(CONC, CONC, CONC, indexing="ij")
    drugs = (one > 0).astype(int) + (two > 0) + (three > 0)
    flat = (
        1 / ((1 + one / 12) * (1 + two / 20) * (1 + three / 40)) - pairs * (drugs > 1) - triple * (drugs > 2)
    )
    wells = flat + random.normal(0, 0.02, (count, *flat.shape))
    return [
        PlateBlock(f"b{k}", "a", "b", "", CONC, CONC, "nM", v[..., None], drug_3="c", conc_3=CONC)
        for k, v in enumerate(wells)
    ]


@pytest.mark.slow
def test_independent_drugs_are_seldom_called() -> None:
    found = tensor_intervals(blocks(0, count=12), ["bliss"], 60)
    assert np.sum(found["bliss_p"] < 0.05) <= 2
    assert np.sum(found["bliss_beyond_p"] < 0.05) <= 2
    assert np.sum(found["bliss_p_max"] < 0.05) <= 2
    assert (found["bliss_q"] >= found["bliss_p"] - 1e-12).all()


@pytest.mark.slow
@pytest.mark.parametrize(("pairs", "triple", "called"), [(0.1, 0.0, "bliss_q"), (0.0, 0.1, "bliss_beyond_q")])
def test_what_drugs_do_to_each_other_is_called(pairs: float, triple: float, called: str) -> None:
    found = tensor_intervals(blocks(1, pairs, triple, count=2), ["bliss"], 40)
    assert (found[called] < 0.01).all()
    assert (found[called.replace("_q", "_p")] <= found[called]).all()


@pytest.mark.slow
def test_models_without_a_null_get_none() -> None:
    found = tensor_intervals(blocks(0, count=1), ["schindler"], 5)
    assert not [name for name in found if name.endswith(("_p", "_q"))]
