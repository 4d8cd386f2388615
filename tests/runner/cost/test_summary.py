"""A plan in words: what the configuration asks for, and nothing of what it does not."""

from pathlib import Path

import pytest

from screen.pathway import load_pathway
from screen.runner import make_plan
from screen.runner.cost.estimate import Estimate
from screen.runner.cost.summary import plan_facts, plan_rows
from tests.runner.conftest import small

TAKEN = Estimate(seconds=12.34, jobs=2, memory=500_000_000, disk=2_000_000)


def test_rows_say_what_is_asked_for_and_facts_the_same() -> None:
    plan = make_plan(small(), load_pathway())
    rows = dict(plan_rows(plan, TAKEN, Path("x.h5")))
    facts = plan_facts(plan, TAKEN, Path("x.h5"))
    assert rows["cell lines"].startswith(f"{facts['cell_lines']}: {plan.design.lines[0].name}")
    assert rows["simulations"] == f"{facts['simulations']:,}" == f"{plan.design.simulations:,}"
    assert rows["estimated time"] == "12 s with 2 jobs"
    assert (rows["cube"], facts["cube"]) == ("x.h5", "x.h5")
    assert {f"doses of {drug}" for drug in plan.design.drugs} <= set(rows)
    assert not {"triples", "design", "ensemble", "virtual plates"} & set(rows)


@pytest.mark.slow
def test_an_ensemble_and_virtual_plates_have_rows_of_their_own() -> None:
    plan = make_plan(small(ensemble=2, replicates={"number": 3, "seeding": 1000}), load_pathway())
    rows = dict(plan_rows(plan, TAKEN, Path("x.h5")))
    assert rows["ensemble"] == "2 draws in addition to the nominal parameters"
    assert rows["virtual plates"].startswith("3 ")
    assert plan_facts(plan, TAKEN, Path("x.h5"))["replicates"] == 3
