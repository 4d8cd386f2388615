"""Sizes of memory as people write them."""

import pytest

from screen.errors import InputError
from screen.units import parse_memory


@pytest.mark.parametrize(
    ("text", "expected"), [("2GB", 2e9), ("800 mb", 8e8), ("1.5g", 1.5e9), ("5GiB", 5e9)]
)
def test_sizes_are_read(text: str, expected: float) -> None:
    assert parse_memory(text) == expected


@pytest.mark.parametrize("text", ["", "much", "-2GB", "0", "2 EB", "2GB GB", "nan"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a size like 2GB"):
        parse_memory(text)
