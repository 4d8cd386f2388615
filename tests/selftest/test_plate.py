"""The synthetic plate of the self-test: the table is what its formulas give, and so is what its scores have to be."""

import csv

import numpy as np

from screen.selftest import plate


def test_the_bundled_table_is_what_the_formulas_give() -> None:
    with plate.path().open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == plate.COLUMNS
    assert [tuple(row) for row in rows] == plate.rows()


def test_drugs_alone_lose_half_at_their_midpoint() -> None:
    assert plate.hill("A", np.array([0.0, 30.0])).tolist() == [1.0, 0.5]


def test_a_fifth_more_dies_in_the_synergistic_block_and_only_where_both_drugs_are() -> None:
    alone, more = plate.viability("independent"), plate.viability("synergy")
    np.testing.assert_allclose(more[1:, 1:], 0.8 * alone[1:, 1:])
    np.testing.assert_array_equal(more[0], alone[0])
    np.testing.assert_array_equal(more[:, 0], alone[:, 0])
