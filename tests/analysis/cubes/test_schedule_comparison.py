"""Schedules compared."""

import numpy as np

from screen.analysis.cubes.schedule_comparison import compare, mirrored


def test_the_largest_difference_is_found_with_its_doses_and_schedules() -> None:
    viability = np.full((1, 2, 3, 3, 3), 0.8)
    viability[0, 0, 1, 2, 1], viability[0, 0, 2, 2, 1] = 0.7, 0.3
    found = compare(viability)
    assert found.difference[0].round(12).tolist() == [0.5, 0.0]
    assert (found.lowest[0, 0], found.highest[0, 0]) == (2, 0)
    assert found.place[0, 0].tolist() == [2, 1]


def test_two_of_the_schedules_are_compared_when_asked() -> None:
    viability = np.full((1, 1, 3, 3, 3), 0.8)
    viability[0, 0, 1, 2, 2], viability[0, 0, 2, 2, 2] = 0.7, 0.3
    found = compare(viability, (0, 1))
    assert (round(float(found.difference[0, 0]), 12), found.lowest[0, 0], found.highest[0, 0]) == (0.1, 1, 0)


def test_single_drugs_have_no_order() -> None:
    viability = np.full((1, 1, 2, 3, 3), 0.8)
    viability[0, 0, 1, 0, :] = 0.1
    viability[0, 0, 1, :, 0] = 0.1
    assert compare(viability).difference[0, 0] == 0


def test_wells_that_failed_under_one_schedule_are_not_compared() -> None:
    viability = np.full((1, 2, 2, 3, 3), 0.8)
    viability[0, 0, 1, 1, 1], viability[0, 0, 0, 1, 1] = 0.1, np.nan
    viability[0, 0, 1, 2, 2] = 0.6
    viability[0, 1] = np.nan
    found = compare(viability)
    assert round(float(found.difference[0, 0]), 12) == 0.2
    assert np.isnan(found.difference[0, 1])
    assert (found.lowest[0, 1], found.place[0, 1].tolist()) == (-1, [-1, -1])


def test_schedules_that_swap_the_drugs_are_each_other_s_mirror() -> None:
    one = np.array([[0, 0, 1, 2], [0, 0, 1, 2]])
    two = np.array([[0, 1, 0, 2], [0, 1, 0, 0]])
    assert mirrored(one, two) == [(1, 2)]
