"""Surfaces completed from a part of their wells: exact where simulated, fair about the rest."""

import numpy as np
import pytest

from screen.synergy.designs.surrogate import complete, next_wells
from tests.synergy.known_matrices import doses, hill

CONC = np.append(0.0, np.geomspace(1, 1e4, 16))


def surface(shift: float = 3.0) -> np.ndarray:
    """Two drugs, of which each makes the other `shift`-fold more potent, `(1, dose_1, dose_2)`."""
    one, two = CONC[:, None], CONC[None, :]
    gain = 1 + (shift - 1) * (one / (one + 100)) * (two / (two + 100))
    return (hill(one * gain, 0.3, 80.0, 1.0) * hill(two * gain, 0.2, 150.0, 1.2))[None]


def part(viability: np.ndarray, edges: int = 9, inner: int = 3) -> np.ndarray:
    """The coarse part of a grid, NaN elsewhere."""
    size = viability.shape[1]
    along = np.round(np.linspace(1, size - 1, edges)).astype(int)
    both = np.round(np.linspace(1, size - 1, inner + 1)).astype(int)[1:]
    kept = np.zeros(viability.shape[1:], bool)
    kept[0, 0], kept[along, 0], kept[0, along] = True, True, True
    kept[np.ix_(both, both)] = True
    return np.where(kept, viability, np.nan)


def test_simulated_wells_stay_as_they_are() -> None:
    whole = surface()
    seen = part(whole)
    found = complete(seen, CONC[None], CONC[None])
    known = ~np.isnan(seen)
    assert (found.viability[known] == whole[known]).all()
    assert (found.error[known] == 0).all()
    assert np.isfinite(found.viability).all()
    assert np.abs(found.viability - whole).max() < 0.08


def test_drugs_that_do_not_interact_need_no_more_wells() -> None:
    whole = surface(1.0)
    found = complete(part(whole, edges=16), CONC[None], CONC[None])
    assert np.abs(found.viability - whole).max() < 1e-9
    assert found.mean_error[0] < 1e-4


def test_error_falls_with_the_wells_added_and_is_of_the_size_stated() -> None:
    whole, seen = surface(), part(surface())
    errors, stated = [], []
    for _ in range(4):
        found = complete(seen, CONC[None], CONC[None])
        errors.append(100 * np.abs(found.viability - whole)[0, 1:, 1:].mean())
        stated.append(found.mean_error[0])
        chosen = next_wells(seen, CONC[None], CONC[None], 6)
        assert chosen.sum() == 6
        assert np.isnan(seen[chosen]).all()
        seen = np.where(chosen, whole, seen)
    assert errors[-1] < 0.4 * errors[0]
    assert stated == sorted(stated, reverse=True)
    mean = 100 * abs(np.mean((complete(part(whole), CONC[None], CONC[None]).viability - whole)[0, 1:, 1:]))
    assert mean < 3 * stated[0]


def test_swapping_the_drugs_transposes_the_surface() -> None:
    seen = part(surface())
    seen[0, 4, 4] = surface()[0, 4, 4]
    here = complete(seen, CONC[None], 3 * CONC[None])
    there = complete(seen.transpose(0, 2, 1), 3 * CONC[None], CONC[None])
    np.testing.assert_allclose(there.viability.transpose(0, 2, 1), here.viability, atol=1e-9)


def test_no_well_is_chosen_on_an_edge_or_in_padding() -> None:
    seen = np.full((1, 20, 20), np.nan)
    seen[0, :17, :17] = part(surface())
    conc = np.append(CONC, [np.nan] * 3)[None]
    chosen = next_wells(seen, conc, conc, 40)
    assert chosen.sum() == 40
    assert not chosen[:, 0].any()
    assert not chosen[:, :, 0].any()
    assert not chosen[:, 17:].any()
    assert not chosen[:, :, 17:].any()


def test_matrices_do_not_touch_each_other() -> None:
    stack = np.concatenate([part(surface(shift)) for shift in (1.5, 3.0, 6.0)])
    conc = np.repeat(CONC[None], 3, axis=0)
    together = next_wells(stack, conc, conc, 5)
    for k in range(3):
        assert (next_wells(stack[k : k + 1], CONC[None], CONC[None], 5)[0] == together[k]).all()


def test_doses_need_not_be_even() -> None:
    conc = doses(size=7)
    whole = (hill(conc[:, None], 0.3, 80.0, 1.0) * hill(conc[None], 0.2, 150.0, 1.2))[None]
    seen = whole.copy()
    seen[0, 2, 3] = np.nan
    assert complete(seen, conc[None], conc[None]).viability[0, 2, 3] == pytest.approx(
        whole[0, 2, 3], abs=1e-4
    )
