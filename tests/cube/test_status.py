"""Every code of `status` has words and a remedy, and every way that the engine ends has one code."""

import numpy as np
import pytest

from screen.cube.status import CODES, ENDED, FAILED, flags, status_code
from screen.kinetics import Status


def test_codes_are_numbered_in_order_and_each_says_what_to_do() -> None:
    assert [code.code for code in CODES] == list(range(len(CODES)))
    for code in CODES:
        assert " " not in code.meaning, "a CF flag meaning is one word"
        assert code.words
        assert code.label
        assert code.remedy


@pytest.mark.parametrize("status", Status)
def test_what_the_engine_solved_is_solved_in_the_cube_and_nothing_else(status: Status) -> None:
    assert (status_code(np.array([status]))[0] != FAILED) == status.solved


def test_the_reference_solver_has_a_code_of_its_own() -> None:
    assert [CODES[code].meaning for code in status_code(np.arange(4)).tolist()] == [
        "solved",
        "solved",
        "solved_by_reference_solver",
        "failed",
    ]


def test_only_partial_designs_have_wells_that_are_not_simulated() -> None:
    assert flags()["flag_meanings"].split() == [code.meaning for code in ENDED]
    assert flags(partial=True)["flag_meanings"].split()[-1] == "not_simulated"
    assert len(flags(partial=True)["flag_values"]) == len(CODES)
