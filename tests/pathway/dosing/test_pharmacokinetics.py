"""Plasma under regimens against what the papers say of it, and against the closed form."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.pathway.dosing.pharmacokinetics import load_pharmacokinetics, parse_regimen, plasma

MG_L = 148.0 / 1000  # mg/L a nM of an antibody
USUAL = {
    "trastuzumab": "8 mg/kg then 6 mg/kg q3w",
    "pertuzumab": "840 mg then 420 mg q3w",
    "trastuzumab emtansine": "3.6 mg/kg q3w",
    "trastuzumab deruxtecan": "5.4 mg/kg q3w",
    "tucatinib": "300 mg bid",
    "everolimus": "10 mg qd",
    "lapatinib": "1250 mg qd",
    "alpelisib": "300 mg qd",
    "neratinib": "240 mg qd",
    "palbociclib": "125 mg qd 21 of 28 d",
    "ribociclib": "600 mg qd 21 of 28 days",
    "abemaciclib": "150 mg bid",
    "capivasertib": "400 mg bid 4 of 7 d",
}


def curve(drug: str, regimen: str, until_h: float) -> tuple[np.ndarray, np.ndarray]:
    """Edges of steps (T + 1,) in hours, and their concentrations (T,) in nM."""
    found = plasma(drug, regimen, until_h)
    return np.array([*found.hours, until_h]), np.array(found.nM)


@pytest.mark.slow
def test_every_drug_of_the_table_peaks_near_what_the_table_of_drugs_says() -> None:
    """Two sources each: the curve's parameters, and the clinical peak; within a factor of 1.8."""
    drugs = load_pathway().drugs
    assert set(USUAL) == set(load_pharmacokinetics())
    for name, regimen in USUAL.items():
        peak = drugs[name].peak_nM
        assert peak is not None
        assert peak / 1.8 < plasma(name, regimen, 24 * 28).peak_nM < 1.8 * peak, name


def test_what_is_swallowed_has_the_areas_of_the_closed_form() -> None:
    """Bateman's function for one compartment, integrated over each step; a second dose adds itself."""
    model = load_pharmacokinetics()["alpelisib"]
    hours, nM = curve("alpelisib", "300 mg qd", 48)
    into, out, day = model.absorption, model.clearance / model.central, hours / 24

    def area(since: np.ndarray) -> np.ndarray:
        since = np.maximum(since, 0)
        parts = (1 - np.exp(-out * since)) / out - (1 - np.exp(-into * since)) / into
        return 300 * into / (into - out) * parts / model.central / model.molar_mass * 1000

    expected = np.diff(area(day) + area(day - 1)) / np.diff(day)
    assert len(nM) == 12, "six steps a dose"
    assert nM == pytest.approx(expected, rel=5e-3)


def test_days_off_are_days_without_a_dose() -> None:
    times = parse_regimen("400 mg bid 4 of 7 d").times(14)
    assert times == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 7, 7.5, 8, 8.5, 9, 9.5, 10, 10.5]
    course = plasma("capivasertib", "400 mg bid 4 of 7 d", 24 * 14).exposure()
    assert course.at([6 * 24, 7 * 24 - 1]).max() < 0.04
    assert course.at([2 * 24, 9 * 24 + 1]).min() > 0.1


def test_a_curve_says_where_it_is_from_and_what_is_assumed() -> None:
    words = plasma("lapatinib", "1250 mg qd", 72).words
    assert words.startswith("lapatinib 1250 mg qd: peak ")
    assert "AUC 36.2" in words
    assert "one compartment (assumed)" in words


@pytest.mark.parametrize(("drug", "days"), [("trastuzumab emtansine", 3.94), ("pertuzumab", 18.0)])
def test_half_lives_are_the_papers(drug: str, days: float) -> None:
    assert load_pharmacokinetics()[drug].half_life_days == pytest.approx(days, rel=0.02)


def test_three_weekly_trastuzumab_peaks_and_troughs_as_measured() -> None:
    """Quartino 2019: cycle 1 peak 182 (134 to 280), trough 28.7 (2.9 to 46.3); steady state 179 and 44.2 ug/mL."""
    hours, nM = curve("Trastuzumab", "8 mg/kg then 6 mg/kg q3w", 24 * 7 * 30)
    hours = hours[:-1]
    first = hours < 24 * 21
    assert 134 < nM[first].max() * MG_L < 280
    assert 20 < nM[first].min() * MG_L < 46
    late = (hours > 24 * 7 * 24) & (hours < 24 * 7 * 27)
    assert 123 < nM[late].max() * MG_L < 266
    assert 30 < nM[late].min() * MG_L < 85


def test_a_linear_curve_has_the_areas_of_the_closed_form() -> None:
    model = load_pharmacokinetics()["pertuzumab"]
    hours, nM = curve("pertuzumab", "840 mg q3w", 24 * 21)
    out, to, back = (
        model.clearance / model.central,
        model.exchange / model.central,
        model.exchange / model.peripheral,
    )
    fast, slow = np.sort(np.roots([1, -(out + to + back), out * back]))[::-1]
    start, day = 840 / model.central, hours / 24
    share = (fast - back) / (fast - slow)
    area = -start * (share * np.exp(-fast * day) / fast + (1 - share) * np.exp(-slow * day) / slow)
    assert nM * MG_L == pytest.approx(np.diff(area) / np.diff(day), rel=1e-3)


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
        ("alpelisib", "300 mg qd 8 of 7 d", "at least as many in all"),
    ],
)
def test_what_cannot_be_read_is_refused(drug: str, regimen: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        plasma(drug, regimen, 100)


def test_too_many_doses_are_refused() -> None:
    with pytest.raises(InputError, match="found 600 doses of tucatinib until 300 d, expected at most 500"):
        plasma("tucatinib", "300 mg bid", 24 * 300)
