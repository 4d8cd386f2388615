"""The estimate of a run counts what its controls take, which long exposures make longer than the screen."""

import time

import pytest

from screen.pathway import load_pathway
from screen.runner import make_plan
from screen.runner.controls.controls import simulate_controls
from screen.runner.cost.estimate import SECONDS_TO_START, estimate, seconds_of_part
from screen.runner.execution.prepared import prepare
from tests.runner.conftest import small

DAILY = {"trastuzumab": "8 mg/kg then 6 mg/kg q3w", "alpelisib": "300 mg qd"}


def given(days: int, exposed: bool = True) -> dict[str, object]:
    """A small screen of `days`, its drugs as plasma has them or simply there."""
    pairs = {"anchor": "trastuzumab", "partners": ["alpelisib"]}
    exposure = {name: DAILY[name] for name in ("trastuzumab", "alpelisib")}
    return {
        "combinations": pairs,
        "times": f"{days} d",
        "scored": "gr_value",
        "readouts": ["gr_value", "viability"],
        **({"exposure": exposure} if exposed else {}),
    }


def test_long_exposures_take_longer_for_their_controls() -> None:
    pathway = load_pathway()
    plain, short, long = (
        estimate(make_plan(small(**settings), pathway), 1)
        for settings in (given(63, exposed=False), given(7), given(63))
    )
    assert plain.controls < 3
    assert long.controls > 5 * short.controls > 5 * plain.controls
    assert long.seconds == pytest.approx(SECONDS_TO_START + long.shards + long.controls)


def test_parts_of_a_run_leave_the_controls_to_the_merge() -> None:
    plan = make_plan(small(**given(63)), load_pathway())
    whole = estimate(plan, 1)
    assert seconds_of_part(plan, 1, 1) == pytest.approx(SECONDS_TO_START + whole.shards)


@pytest.mark.slow
def test_what_the_controls_are_said_to_take_is_near_what_they_do() -> None:
    prepared = prepare(small(**given(2)))
    assay, said = prepared.assay, estimate(prepared.plan, 1).controls
    begun = time.process_time()
    simulate_controls(assay, prepared.plan)
    took = time.process_time() - begun
    assert said / 4 < took < 4 * said
