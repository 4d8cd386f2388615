"""Concentrations, times and sizes of memory as people write them; whatever else is written is an InputError."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.errors import InputError
from screen.units import (
    Concentration,
    molar_mass,
    multiply,
    parse_concentration,
    parse_hours,
    parse_memory,
    power,
    table_unit,
    unit_powers,
    unit_text,
)


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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("written", "factor", "kept"),
    [
        ("uM", 1e3, "nM"),
        (" µm ", 1e3, "nM"),
        ("NM", 1.0, "nM"),
        ("nmol/l", 1.0, "nM"),
        ("umol/L", 1e3, "nM"),
        ("fM", 1e-6, "nM"),
        ("mg/L", 1.0, "ug/mL"),
        ("mcg/ml", 1.0, "ug/mL"),
        ("pg/mL", 1e-6, "ug/mL"),
        ("%", 1.0, "%"),
        ("", 1.0, ""),
    ],
)
def test_units_of_a_laboratory_s_table_are_read_whatever_their_case(
    written: str, factor: float, kept: str
) -> None:
    assert table_unit(written) == (factor, kept)


@pytest.mark.parametrize(
    ("stated", "antibody", "mass"),
    [(0.58, False, 0.58), (95.0, True, 95.0), (None, True, 148.0), (None, False, None)],
)
def test_a_molar_mass_is_the_stated_one_or_an_antibody_s(
    stated: float | None, antibody: bool, mass: float | None
) -> None:
    assert molar_mass(SimpleNamespace(molar_mass_kDa=stated, antibody=antibody)) == mass


@pytest.mark.parametrize("text", ["nM", "1/h", "nM/h", "1", "mol/L"])
def test_a_unit_reads_back_as_written(text: str) -> None:
    assert unit_text(unit_powers(text)) == text


def test_units_multiply_and_cancel() -> None:
    rate, dose = unit_powers("nM/h"), unit_powers("nM")
    assert unit_text(multiply(rate, power(dose, -1.0))) == "1/h"
    assert unit_text(power(rate, 2.0)) == "nM2/h2"
    assert power(rate, 0.0) == ()
    assert multiply(dose, rate) == multiply(rate, dose)
