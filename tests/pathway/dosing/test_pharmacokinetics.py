"""Plasma under regimens against what the papers say of it, and against the closed form."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.pathway.dosing.pharmacokinetics import load_pharmacokinetics, parse_regimen, plasma

MG_L = 148.0 / 1000  # mg/L a nM of an antibody


@pytest.mark.parametrize(("drug", "days"), [("trastuzumab emtansine", 3.94), ("pertuzumab", 18.0)])
def test_half_lives_are_the_papers(drug: str, days: float) -> None:
    assert load_pharmacokinetics()[drug].half_life_days == pytest.approx(days, rel=0.02)


def test_three_weekly_trastuzumab_peaks_and_troughs_as_measured() -> None:
    """Quartino 2019: cycle 1 peak 182 (134 to 280), trough 28.7 (2.9 to 46.3); steady state 179 and 44.2 ug/mL."""
    hours, nM = map(np.array, plasma("Trastuzumab", "8 mg/kg then 6 mg/kg q3w", 24 * 7 * 30))
    first = hours < 24 * 21
    assert 134 < nM[first].max() * MG_L < 280
    assert 20 < nM[first].min() * MG_L < 46
    late = (hours > 24 * 7 * 24) & (hours < 24 * 7 * 27)
    assert 123 < nM[late].max() * MG_L < 266
    assert 30 < nM[late].min() * MG_L < 85


def test_a_linear_curve_is_the_closed_form() -> None:
    model = load_pharmacokinetics()["pertuzumab"]
    hours, nM = map(np.array, plasma("pertuzumab", "840 mg q3w", 24 * 21))
    out, to, back = (
        model.clearance / model.central,
        model.exchange / model.central,
        model.exchange / model.peripheral,
    )
    fast, slow = np.sort(np.roots([1, -(out + to + back), out * back]))[::-1]
    start, day = 840 / model.central, hours / 24
    share = (fast - back) / (fast - slow)
    expected = start * (share * np.exp(-fast * day) + (1 - share) * np.exp(-slow * day))
    assert nM * MG_L == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "first", "after", "days"),
    [
        ("8 mg/kg then 6 mg/kg q3w", 8, 6, 21),
        ("3.6 mg/kg Q3W", 3.6, 3.6, 21),
        ("840 mg then 420 mg q21d", 840, 420, 21),
        ("4 mg/kg then 2 mg/kg qw", 4, 2, 7),
    ],
)
def test_regimens_are_read_as_they_are_written(text: str, first: float, after: float, days: float) -> None:
    found = parse_regimen(text)
    assert (found.first, found.after, found.every_days) == (first, after, days)


@pytest.mark.parametrize(
    ("drug", "regimen", "said"),
    [
        ("trastuzumab", "weekly", "expected `8 mg/kg then"),
        ("trastuzumab", "0 mg q3w", "above 0"),
        ("linsitinib", "600 mg qd", "no pharmacokinetics of 'linsitinib'"),
    ],
)
def test_what_cannot_be_read_is_refused(drug: str, regimen: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        plasma(drug, regimen, 100)
