"""Concentrations, times and sizes of memory as people write them; whatever else is written is an InputError."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.errors import InputError
from screen.units import Concentration, parse_concentration, parse_hours, parse_memory


@pytest.mark.parametrize(
    ("written", "nM"),
    [
        (5, 5),
        ("100 nM", 100),
        ("0.1uM", 100),
        ("0.1 µM", 100),
        ("1e-3 mM", 1000),
        ("2 pM", 0.002),
        ("1 M", 1e9),
    ],
)
def test_molar_units(written: object, nM: float) -> None:
    assert parse_concentration(written).to_nM() == pytest.approx(nM)


def test_mass_units_need_a_molar_mass() -> None:
    assert parse_concentration("10 ug/mL").to_nM(148) == pytest.approx(67.57, rel=1e-4)
    assert parse_concentration("10 mg/l").to_nM(148) == pytest.approx(67.57, rel=1e-4)
    with pytest.raises(InputError, match="molar mass"):
        parse_concentration("10 ug/mL").to_nM()


@given(st.floats(0, 1e8), st.sampled_from(["nM", "uM", "pM"]))
def test_a_concentration_reads_back_as_written(value: float, unit: str) -> None:
    written = Concentration(value, unit)
    try:
        nM = written.to_nM()
    except InputError:
        return
    assert parse_concentration(f"{value!r} {unit}").to_nM() == nM


@given(st.one_of(st.text(max_size=20), st.floats(), st.integers(), st.booleans(), st.none()))
def test_whatever_is_written_is_a_quantity_or_an_input_error(written: object) -> None:
    for parse in (parse_concentration, parse_hours):
        try:
            parse(written)
        except InputError as error:
            assert "expected" in str(error) or "unknown unit" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "expected"), [("2GB", 2e9), ("800 mb", 8e8), ("1.5g", 1.5e9), ("5GiB", 5e9)]
)
def test_sizes_are_read(text: str, expected: float) -> None:
    assert parse_memory(text) == expected


@pytest.mark.parametrize("text", ["", "much", "-2GB", "0", "2 EB", "2GB GB", "nan"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a size like 2GB"):
        parse_memory(text)
