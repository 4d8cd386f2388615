"""Each reader meets a few damaged inputs, the same every time; `python -m tests.hardening.fuzz` goes on."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.hardening.fuzz import EDITS, TARGETS, Edit, damaged, explore


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_a_reader_reads_or_refuses_in_one_line(name: str) -> None:
    @settings(
        max_examples=20,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(EDITS)
    def examples(edits: list[Edit]) -> None:
        TARGETS[name](edits)

    examples()


@pytest.mark.slow
def test_a_target_is_explored_and_what_breaks_it_is_raised() -> None:
    seen: list[list[Edit]] = []

    def target(edits: list[Edit]) -> None:
        seen.append(edits)
        assert len(seen) < 5

    with pytest.raises(AssertionError):
        explore(target, 10)
    assert len(seen) >= 5


def test_damage_is_where_and_what_it_says() -> None:
    assert damaged(b"0123456789", [(0.0, 2, b"ab")]) == b"ab23456789"
    assert damaged(b"0123456789", [(0.5, 0, b"-"), (0.99, 5, b"")]) == b"01234-56789"
