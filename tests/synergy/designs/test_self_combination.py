"""A drug combined with itself is additive, whatever its curve."""

import numpy as np
import pytest

from screen.synergy.designs.self_combination import self_combination_excess

DOSES = np.concatenate([[0.0], np.geomspace(1, 1e4, 7)])
FINE = np.concatenate([[0.0], np.geomspace(1, 1e4, 31)])


def hill(dose: np.ndarray) -> np.ndarray:
    return 1 - 0.8 * dose**1.5 / (dose**1.5 + 80**1.5)


def paradox(dose: np.ndarray) -> np.ndarray:
    return hill(dose) + 0.2 * np.exp(-((np.log10(dose + 1e-9) - 3.3) ** 2) * 4)


@pytest.mark.parametrize(("curve", "monotone"), [(hill, True), (paradox, False)])
def test_a_drug_with_itself_has_no_excess_on_its_curve(curve, monotone: bool) -> None:  # type: ignore[no-untyped-def]
    total = DOSES[:, None] + DOSES
    found = self_combination_excess(DOSES, curve(total)[None], FINE, curve(FINE)[None])
    assert bool(found.monotone[0]) == monotone
    assert found.largest[0] < 0.2
    assert found.on_curve.sum() == 36
    assert not found.excess[0, 0].any()


def test_synergy_with_itself_is_seen_with_its_sign() -> None:
    total = DOSES[:, None] + DOSES
    better = hill(total) - np.where((DOSES[:, None] > 0) & (DOSES > 0), 0.02, 0.0)
    found = self_combination_excess(DOSES, better[None], FINE, hill(FINE)[None])
    assert found.mean[0] == pytest.approx(2.0, abs=0.1)
    assert found.largest[0] == pytest.approx(2.0, abs=0.2)


def test_failed_wells_are_left_out() -> None:
    total = DOSES[:, None] + DOSES
    cells = hill(total)[None].copy()
    cells[0, 2, 3] = np.nan
    found = self_combination_excess(DOSES, cells, FINE, hill(FINE)[None])
    assert np.isnan(found.excess[0, 2, 3])
    assert found.largest[0] < 0.2


def test_one_dose_has_no_cell_on_the_curve() -> None:
    doses = np.array([0.0, 100.0])
    found = self_combination_excess(doses, hill(doses[:, None] + doses)[None], doses, hill(doses)[None])
    assert np.isnan(found.mean[0])
