"""Expressions of readouts: what they are worth, their units, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.errors import InputError
from screen.runner.readouts.expressions import looks_like_expression, parse_expression

UNITS = {"pAKT_S473": "nM", "AKT_total": "nM", "pERK": "nM", "viability": "1", "growth_rate": "1/h"}
WELLS = {
    "pAKT_S473": np.array([2.0, 3.0]),
    "AKT_total": np.array([4.0, 0.0]),
    "pERK": np.array([8.0, 1.0]),
    "viability": np.array([1.0, 0.5]),
    "growth_rate": np.array([0.02, -0.01]),
}
VEHICLE = {name: np.array([2.0]) for name in WELLS}


def value(text: str) -> list[float]:
    made = parse_expression(text, UNITS, {"AKT": "AKT_total"})
    return made.evaluate(WELLS.__getitem__, VEHICLE.__getitem__).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pAKT_S473 * pERK", [16, 3]),
        ("2 * (pAKT_S473 + pERK) - -pERK", [28, 9]),
        ("log2(pERK / vehicle(pERK))", [2, -1]),
        ("sqrt(pAKT_S473 * pERK) / pERK", [0.5, np.sqrt(3)]),
        ("max(pAKT_S473, pERK, AKT)", [8, 3]),
        ("abs(growth_rate)", [0.02, 0.01]),
        ("pERK^2 / pERK**2", [1, 1]),
        ("vehicle(pERK * 2) / pERK", [0.5, 4]),
        ("ln(exp(viability))", [1, 0.5]),
        ("PAKT_S473 / PERK", [0.25, 3]),
    ],
)
def test_an_expression_is_worth_what_it_says(text: str, expected: list[float]) -> None:
    np.testing.assert_allclose(value(text), expected)


def test_what_is_not_defined_is_missing() -> None:
    assert value("pAKT_S473 / AKT")[0] == 0.5
    assert np.isnan(value("pAKT_S473 / AKT")[1])
    assert np.isnan(value("ln(viability - 0.5)")[1])


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("pAKT_S473 / AKT", "1"),
        ("pAKT_S473 * 2", "nM"),
        ("pAKT_S473 * pERK", "nM2"),
        ("sqrt(pAKT_S473 * pERK)", "nM"),
        ("pERK / growth_rate", "h nM"),
        ("1 / pERK", "1/nM"),
        ("log2(pAKT_S473 / pERK)", "1"),
        ("growth_rate * pERK", "nM/h"),
    ],
)
def test_units_follow(text: str, units: str) -> None:
    assert parse_expression(text, UNITS, {"AKT": "AKT_total"}).units == units


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pAKT_S47 / AKT", "unknown readout 'pAKT_S47' in 'pAKT_S47 / AKT'; did you mean 'pAKT_S473'"),
        ("pAKT_S473 + viability", "found nM and 1, expected the same units"),
        ("log2(pERK)", r"found nM, expected a number without unit, .* log2\(pERK / vehicle\(pERK\)\)"),
        ("log3(viability)", "unknown function 'log3'.*did you mean 'log2'"),
        ("max(pERK)", "found 1 arguments, expected two or more"),
        ("2 + 3", "expected a readout in it"),
        ("pERK ** viability", "expected a number as the power"),
        ("pERK if viability else 1", "expected readouts, numbers"),
        ("pERK.real", r"found 'pERK.real' in"),
        ("__import__('os').system('true')", "expected readouts, numbers"),
        ("pERK[0]", "expected readouts, numbers"),
        ("(lambda: pERK)()", "expected readouts, numbers"),
        ("'a' * 3", "expected readouts, numbers"),
        ("pERK // 2", "expected readouts, numbers"),
        ("pERK /", "expected a formula"),
        ("True * pERK", "expected readouts, numbers"),
        ("9" * 400 + " * pERK", "expected"),
        ("-" * 400 + "pERK", "nested at most 50 deep"),
        ("pERK + " * 200 + "pERK", "at most 500"),
    ],
)
def test_a_bad_expression_is_one_line(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        parse_expression(text, UNITS, {"AKT": "AKT_total"})
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="pERK()+-*/^,. 0123456789viablty_'[]{}:@\n\\", max_size=40))
def test_whatever_is_written_is_an_expression_or_an_input_error(text: str) -> None:
    try:
        made = parse_expression(text, UNITS)
    except InputError:
        return
    again = parse_expression(made.text, UNITS)
    assert again.text == made.text
    found = made.evaluate(WELLS.__getitem__, VEHICLE.__getitem__)
    assert not np.isinf(found).any()


def test_names_are_no_expressions() -> None:
    assert not looks_like_expression("pAKT_S473")
    assert looks_like_expression("pAKT_S473/AKT")
