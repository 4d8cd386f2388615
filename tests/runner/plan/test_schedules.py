"""Schedules of a screen: resolved, planned, run as a dimension of the cube, and checked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from screen import runner
from screen.config.screen import load_config
from screen.errors import InputError
from screen.pathway import load_pathway
from screen.runner.plan.plan import Plan, make_plan
from screen.runner.plan.schedules import schedules_as_words
from tests.runner.conftest import ClosedForm, small

PATHWAY = load_pathway()
SCHEDULES: list[Any] = [
    "concurrent",
    {"name": "anchor first", "partner": {"start": "24 h"}},
    {"name": "pulsed", "drugs": {"linsitinib": {"pulse": "8 h", "rest": "16 h"}}},
]


def planned(*schedules: Any, **changes: Any) -> Plan:
    return make_plan(small(schedules=list(schedules), **changes), PATHWAY)


def test_schedules_are_a_dimension_before_the_doses() -> None:
    plan = planned(*SCHEDULES)
    assert plan.design.dims == ("cell_line", "combination", "schedule", "dose_1", "dose_2", "time")
    assert plan.shape == (3, 2, 3, 4, 4, 2)
    assert plan.design.simulations == 3 * 2 * 3 * 16
    assert planned().design.simulations == 3 * 2 * 16
    assert planned().design.dims == ("cell_line", "combination", "dose_1", "dose_2", "time")


def test_each_drug_is_given_as_its_role_or_its_name_says() -> None:
    linsitinib, alpelisib = planned(*SCHEDULES).design.combinations
    assert linsitinib.given == ((0, 0), (0, 1), (0, 2))
    assert alpelisib.given == ((0, 0), (0, 1), (0, 0)), "pulsed says nothing of alpelisib"


def test_a_plan_says_in_words_how_drugs_are_given() -> None:
    plan = planned(*SCHEDULES)
    words = dict(schedules_as_words(plan.design.layers, plan.design.exposures))
    assert words["concurrent"] == "trastuzumab, linsitinib, alpelisib throughout"
    assert words["anchor first"] == "trastuzumab throughout; linsitinib, alpelisib from 24 h"
    assert words["pulsed"].endswith("linsitinib 0 to 8, 24 to 32, 48 to 56 h")


def test_a_plan_without_schedules_is_the_same_plan_as_ever() -> None:
    assert planned().identity != planned("concurrent").identity
    assert planned().design.exposures == planned("concurrent").design.exposures


@pytest.mark.parametrize(
    ("schedules", "words"),
    [
        (
            [{"name": "late", "partner": {"start": "96 h"}}],
            r"schedules.0.partner.start: it starts at 96 h, .* 72 h",
        ),
        (
            [{"name": "late", "all": {"stop": "72 h"}}],
            "schedules.0.all.stop: it stops at 72 h, .* before the last",
        ),
        ([{"name": "h", "all": {"holidays": [["80 h", "90 h"]]}}], "the holiday begins at 80 h"),
        ([{"name": "p", "all": {"pulse": "80 h", "rest": "8 h"}}], "the first pulse ends at 80 h"),
        ([{"name": "p", "all": {"pulse": "8 h"}}], "found pulse without rest"),
        ([{"name": "p", "all": {"every": "8 h"}}], "found every without half_life"),
        ([{"name": "p", "all": {"half_life": "8 h", "table": "x.csv"}}], "found half_life and table"),
        ([{"name": "p", "all": {"start": "9 h", "stop": "8 h"}}], "found stop: 8 h, expected it after start"),
        ([{"name": "p", "all": {"holidays": [["9 h", "8 h"]]}}], "the holiday 9 to 8 h"),
        ([{"name": "p", "all": {}, "partner": {}}], "found all together with anchor or partner"),
        (["concurrent", "Concurrent"], "duplicate schedule 'concurrent'"),
        (["Herceptin first"], "found 'Herceptin first', expected 'concurrent' or a schedule"),
        ([{"name": "n", "drugs": {"linsitinb": {}}}], "unknown drug 'linsitinb'; did you mean 'linsitinib'"),
        ([{"name": "n", "drugs": {"MK-2206": {}}}], "'MK-2206' is in no combination"),
        ([{"name": "n", "partner": {"begin": 3}}], "unknown key 'begin'"),
        ([{"name": "n", "partner": {"table": "absent.csv"}}], "absent.csv: no such file"),
    ],
)
def test_a_bad_schedule_is_one_line(schedules: list[Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        planned(*schedules)
    assert "\n" not in str(caught.value)


def test_schedules_need_time() -> None:
    with pytest.raises(InputError, match="schedules: found no assay time after 0 h"):
        planned({"name": "late", "partner": {"start": "1 h"}}, times=["0 h"])
    assert planned({"name": "late", "partner": {"start": "1 h"}}, times=["0 h", "2 h"]).outputs.times == (
        0.0,
        2.0,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found the columns none"),
        ("time_h,dose\n0,1\n2,3\n", "found the columns time_h, dose; expected time_h and relative"),
        ("time_h,relative\n0,1\n", "found 1 rows"),
        ("time_h,relative\n0,1\n5,much\n", "row 3: found 5, much"),
        ("time_h,relative\n0,1\n5,-1\n", "row 3: expected finite numbers of 0 or more"),
        ("time_h,relative\n5,1\n5,2\n", "times do not ascend"),
        ("time_h,relative\n0,0\n5,0\n", "no concentration above 0"),
    ],
)
def test_a_bad_table_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "curve.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        planned({"name": "n", "partner": {"table": str(path)}})
    assert str(path) in str(caught.value)


def test_a_table_of_concentrations_counts_relative_to_its_peak(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "curve.csv").write_text("time_h,concentration_nM\n0,0\n4,500\n24,100\n")
    (tmp_path / "parts" / "tablets.yaml").write_text(
        "schedules: {name: tablets, partner: {table: curve.csv}}\n"
    )
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: parts/tablets.yaml\ncell_lines: SKBR3\n"
        "combinations: {anchor: trastuzumab, partners: linsitinib}\n"
    )
    plan = make_plan(load_config(path), PATHWAY)
    np.testing.assert_allclose(plan.design.exposures[1].at([0, 2, 4, 14, 50]), [0, 0.5, 1, 0.6, 0.2])


@pytest.mark.slow
def test_a_run_stores_every_schedule_and_merges_equal_wells(assay: type[ClosedForm], home: Path) -> None:
    cube = runner.open_cube(
        runner.run(small(schedules=SCHEDULES, shard_simulations=100), options=runner.RunOptions(jobs=2))
    )
    viability = cube["viability"]
    assert viability.dims == ("cell_line", "combination", "schedule", "dose_1", "dose_2", "time")
    assert cube["schedule"].values.tolist() == ["concurrent", "anchor first", "pulsed"]
    plain = runner.open_cube(runner.run(small(), home / "plain.h5"))
    np.testing.assert_array_equal(viability.sel(schedule="concurrent").values, plain["viability"].values)
    alpelisib = viability.sel(combination="trastuzumab+alpelisib")
    np.testing.assert_array_equal(alpelisib.sel(schedule="pulsed"), alpelisib.sel(schedule="concurrent"))
    alone = viability.isel(dose_2=0)
    assert np.all(alone == alone.isel(schedule=0)), "the anchor is the same in all three"
    assert np.all(viability.sel(schedule="anchor first")[:, :, :, 1:] > viability[:, :, 0, :, 1:])
    scores = cube["scores"]
    assert scores["bliss"].dims == ("cell_line", "combination", "schedule", "time")
    same = plain["scores"]["bliss_excess"].values
    np.testing.assert_allclose(scores["bliss_excess"].sel(schedule="concurrent").values, same, atol=1e-9)
    controls = cube["controls"]
    assert controls["passed"].values.all()
    assert sorted(set(controls["sham_schedule"].values)) == ["anchor first", "concurrent", "pulsed"]
    assert set(controls["point_schedule"].values) <= set(cube["schedule"].values)


def test_restarts_cost_time_in_the_estimate() -> None:
    from screen.runner.cost.estimate import estimate, restarts

    plain, pulsed = planned("concurrent"), planned({"name": "p", "all": {"pulse": "2 h", "rest": "2 h"}})
    assert restarts(plain.design) == restarts(planned().design) == 0
    assert restarts(pulsed.design) == 35, "on and off every two hours for three days"
    assert estimate(pulsed, 1).seconds > estimate(plain, 1).seconds


def test_a_regimen_is_plasma_relative_to_its_peak() -> None:
    weeks = {"name": "q3w", "drugs": {"Herceptin": {"regimen": "8 mg/kg then 6 mg/kg q3w"}}}
    found = planned(weeks, times=["42 d"], scored="gr_value").design.exposures[1]
    curve = found.at(np.arange(0.0, 24 * 42, 6.0))
    assert not found.curved, "steps, whose areas are the curve's"
    assert curve.max() == pytest.approx(1.0, abs=0.03)
    assert 0.1 < curve[24 * 21 // 6 - 1] < 0.35
    with pytest.raises(InputError, match="of a drug by name"):
        planned({"name": "q3w", "all": {"regimen": "8 mg/kg q3w"}}, times=["42 d"])


PATIENTS: dict[str, Any] = {
    "exposure": {
        "Herceptin": "8 mg/kg then 6 mg/kg q3w",
        "alpelisib": {"regimen": "300 mg qd", "multiples": [0.5, 1]},
    },
    "times": ["7 d", "42 d"],
    "scored": "gr_value",
}


def test_drugs_as_in_patients_have_doses_that_are_multiples_of_the_regimen() -> None:
    plan = make_plan(small(**PATIENTS), PATHWAY)
    linsitinib, alpelisib = plan.design.combinations
    trastuzumab, taken = alpelisib.doses
    assert trastuzumab == pytest.approx((0, 1403), rel=0.01), (
        "8 mg/kg of 68 kg in 2.62 L, and what is left of the next"
    )
    assert taken == pytest.approx((0, 0.5 * taken[2], taken[2]))
    assert len(linsitinib.doses[1]) == 4, "what is not exposed keeps its grid"
    assert plan.design.schedules == ("as in patients",)
    assert linsitinib.given == ((1, 0),)
    assert plan.design.as_in_patients == {"trastuzumab", "alpelisib"}
    assert plan.design.drugs["alpelisib"].peak_nM == taken[2]
    words = dict(schedules_as_words(plan.design.layers, plan.design.exposures))["as in patients"]
    assert "Quartino 2019" in words
    assert "absorption assumed" in words


def test_the_answer_is_read_at_the_regimen_itself() -> None:
    from screen.runner.simulate.reference_wells import reference_plan

    plan = make_plan(small(**PATIENTS), PATHWAY)
    (_, alpelisib) = reference_plan(plan).design.combinations
    assert alpelisib.doses == tuple((0.0, doses[-1]) for doses in plan.design.combinations[1].doses)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"exposure": {"lapatinib": "1250 mg qd"}}, "'lapatinib' is in no combination"),
        ({"exposure": {"alpelisib": "twice"}}, "exposure.alpelisib: found the regimen 'twice'"),
        ({"exposure": {"linsitinib": "600 mg qd"}}, "no pharmacokinetics of 'linsitinib'"),
        ({"schedules": ["concurrent"]}, "found exposure together with schedules"),
        ({"doses": {"points": 3, "drugs": {"alpelisib": ["1 uM"]}}}, "expected `multiples` there"),
        ({"scored": "viability", "times": ["84 d"]}, "viability means nothing"),
    ],
)
def test_exposures_that_cannot_be_are_one_line(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        make_plan(small(**(PATIENTS | changes)), PATHWAY)
