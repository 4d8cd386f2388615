"""Level lines: the isobole of additive drugs is straight, that of synergy bows inwards; contours."""

import numpy as np
import pytest

from screen.report.drawing.contours import contour, crossing, isobole, natural_isobole

DOSES = np.concatenate([[0.0], np.geomspace(0.01, 100, 13)])


def viability(power: float) -> np.ndarray:
    """Two drugs that act alike; `power` 1 is Loewe-additive, above 1 more than that."""
    total = DOSES[:, None] ** (1 / power) + DOSES[None, :] ** (1 / power)
    return 1 / (1 + total**power)


def test_an_additive_pair_lies_on_the_straight_line() -> None:
    found = isobole(viability(1.0), DOSES, DOSES, 0.5)
    assert found.alone_1 == pytest.approx(1.0, rel=0.02)
    shares = [a / found.alone_1 + b / found.alone_2 for a, b in found.points]
    np.testing.assert_allclose(shares, 1.0, atol=0.06)
    assert found.index == pytest.approx(1.0, abs=0.03)


def test_synergy_bows_inwards_and_antagonism_outwards() -> None:
    bowed = [isobole(viability(power), DOSES, DOSES, 0.5).index for power in (2.0, 1.0, 0.6)]
    assert bowed == sorted(bowed)
    assert bowed[0] < 0.9
    assert bowed[2] > 1.05


def test_a_drug_that_never_reaches_the_level_has_no_dose_alone() -> None:
    weak = 0.3 + 0.7 * viability(1.0)
    assert isobole(weak, DOSES, DOSES, 0.25).points == ()
    one = np.minimum(viability(1.0), 1.0)
    one[:, 0] = 1.0
    found = natural_isobole(one, DOSES, DOSES)
    assert found.level == 0.5
    assert found.alone_1 is None
    assert found.alone_2 > 0
    assert found.index is None


def test_a_failed_well_before_the_crossing_hides_it() -> None:
    assert crossing(np.array([0.0, 1, 2]), np.array([1.0, np.nan, 0.1]), 0.5) is None
    assert crossing(np.array([0.0, 1, 100]), np.array([1.0, 0.75, 0.25]), 0.5) == pytest.approx(10.0)


def test_contours_run_where_the_values_are_equal() -> None:
    i, j = np.meshgrid(np.arange(6.0), np.arange(5.0), indexing="ij")
    segments = contour(i + 2 * j, 4.5)
    ends = np.array(segments).reshape(-1, 2)
    np.testing.assert_allclose(ends[:, 0] + 2 * ends[:, 1], 4.5)
    assert contour(i, 99.0) == []
