"""What a statement reads is found by listening, and how it turns with each reading by asking again."""

import numpy as np

from screen.analysis.calibration.slopes.row_slopes import CELLS, heard_by, value_and_slopes
from screen.analysis.calibration.well_layout import GROWTH, Reading
from screen.arrays import Floats

NUMBERS = {(3, 72.0): np.array([0.9, 1.1]), (4, 72.0): np.array([0.4, 0.2])}
SIGNALS = {(3, 24.0, "pAKT"): np.array([2.0, 5.0]), (4, 0.0, GROWTH): np.array([0.02, 0.03])}


class Wells:
    def log_cells(self, well: int, time: float) -> Floats:
        return NUMBERS[well, time]

    def signal(self, well: int, time: float, name: str) -> Floats:
        return SIGNALS[well, 0.0 if name == GROWTH else time, name]


def statement(reading: Reading) -> Floats:
    cells = np.exp(reading.log_cells(4, 72.0) - reading.log_cells(3, 72.0))
    return np.asarray(cells * reading.signal(3, 24.0, "pAKT") + 10 * reading.signal(4, 72.0, GROWTH))


def test_a_statement_is_heard_to_read_each_thing_once() -> None:
    twice = heard_by(lambda reading: statement(reading) + statement(reading))
    assert twice == ((4, 72.0, CELLS), (3, 72.0, CELLS), (3, 24.0, "pAKT"), (4, 0.0, GROWTH))


def test_slopes_by_what_is_read_are_the_derivatives() -> None:
    value, slopes = value_and_slopes(statement, heard_by(statement), Wells())
    np.testing.assert_allclose(value, statement(Wells()))
    cells = np.exp(NUMBERS[4, 72.0] - NUMBERS[3, 72.0])
    signal = SIGNALS[3, 24.0, "pAKT"]
    np.testing.assert_allclose(slopes, [cells * signal, -cells * signal, cells, [10, 10]], rtol=1e-5)


def test_a_reading_that_failed_leaves_no_number() -> None:
    def one(reading: Reading) -> Floats:
        return reading.log_cells(3, 72.0) * np.nan

    value, slopes = value_and_slopes(one, ((3, 72.0, CELLS),), Wells())
    np.testing.assert_array_equal(value, [np.nan, np.nan])
    np.testing.assert_array_equal(slopes, [[np.nan, np.nan]])
