"""Mixtures and composed readouts of a configuration."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from screen import runner
from screen.errors import InputError
from screen.pathway import load_pathway
from screen.runner.plan.cube_variables import panel_texts
from screen.runner.plan.plan import Plan, make_plan
from tests.runner.conftest import ClosedForm, small

PATHWAY = load_pathway()
VARIANT = {"name": "weak", "parent": "BT474", "perturbation": {"IRS1": 0.5}}
MIXTURE = {"name": "both", "mixture": {"BT474": 0.75, "weak": 0.25}}


def planned(*lines: Any, **changes: Any) -> Plan:
    return make_plan(small(cell_lines=list(lines), **changes), PATHWAY)


def test_a_mixture_has_named_lines_and_lines_above_as_clones() -> None:
    line = planned(VARIANT, MIXTURE).design.lines[1]
    assert [(clone.line.name, clone.fraction) for clone in line.clones] == [("BT474", 0.75), ("weak", 0.25)]
    assert line.clones[1].perturbation == {"IRS1": 0.5}
    assert line.values["IRS1"] == pytest.approx(0.875 * PATHWAY.cell_line("BT474").values.get("IRS1", 1.0))
    assert line.values["HER2"] == pytest.approx(PATHWAY.cell_line("BT474").values["HER2"])


def test_the_panel_says_what_the_clones_are() -> None:
    panel = panel_texts(planned(VARIANT, MIXTURE, "SKBR3"))
    assert panel["clone"].values == ["BT474", "weak"]
    assert panel["clone_of"].values == ["both", "both"]
    assert panel["clone_fraction"].values.tolist() == [0.75, 0.25]
    column = list(panel["quantity"].values).index("IRS1")
    assert panel["clone_factor"].values[1, column] == 0.5 * panel["clone_factor"].values[0, column]
    assert "clone" not in panel_texts(planned("SKBR3"))


def test_the_clones_decide_the_identity_of_a_plan() -> None:
    other = {"name": "both", "mixture": {"BT474": 0.5, "weak": 0.5}}
    assert planned(VARIANT, MIXTURE).identity != planned(VARIANT, other).identity


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            [{"name": "m", "mixture": {"BT474": 0.9, "SKBR3": 0.05}}],
            "shares of the clones that add up to 0.95",
        ),
        (
            [{"name": "m", "mixture": {"BT474": 0.9, "SKBR4": 0.1}}],
            "unknown clone 'SKBR4'; did you mean 'SKBR3'",
        ),
        ([{"name": "m", "mixture": {"BT474": 0.9, "bt-474": 0.1}}], "duplicate clone 'BT474'"),
        (
            [{"name": "m", "mixture": {"BT474": 1.5, "SKBR3": -0.5}}],
            "found 1.5, expected less than or equal to 1",
        ),
        ([{"mixture": {"BT474": 1.0}}], "expected one of name, sample, table or expression"),
        (
            [{"name": "SKBR3", "mixture": {"BT474": 1.0}}],
            "a mixture called 'SKBR3', expected a name of its own",
        ),
        ([{"name": "m", "parent": "SKBR3", "mixture": {"BT474": 1.0}}], "found a mixture with parent"),
        ([VARIANT, MIXTURE, {"name": "m", "mixture": {"both": 1.0}}], "'both' is a mixture itself"),
        ([MIXTURE, VARIANT], "cell_lines.0.mixture.weak: unknown clone 'weak'"),
    ],
)
def test_a_bad_mixture_is_one_line(lines: list[Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        planned(*lines)
    assert "\n" not in str(caught.value)


def test_readouts_may_be_expressions_and_shares() -> None:
    asked = ["pAKT_S473 / AKT", {"name": "fall", "expression": "log2(pERK / vehicle(pERK))"}, "share_weak"]
    plan = planned(VARIANT, MIXTURE, readouts=asked)
    assert plan.outputs.readouts == ("viability", "pAKT_S473_per_AKT_total", "fall", "share_weak")
    assert plan.outputs.labels["pAKT_S473_per_AKT_total"] == ("1", "pAKT_S473 / AKT_total")
    assert plan.outputs.composed.signals(plan.outputs.readouts) == ("pAKT_S473", "AKT_total", "pERK")
    assert "AKT_total" in plan.outputs.markers
    assert "AKT_total" not in planned("SKBR3").outputs.markers


@pytest.mark.parametrize(
    ("readout", "words"),
    [
        ("pAKT_S47 / AKT", r"readouts.0: unknown readout 'pAKT_S47' .*did you mean 'pAKT_S473'"),
        ({"name": "pERK", "expression": "pERK / 2"}, "a readout 'pERK' is there already"),
        ({"name": "a/b", "expression": "pERK / 2"}, "found the name 'a/b', expected letters"),
        ("share_SKBR3", "unknown readout 'share_SKBR3'"),
        ({"name": "x", "formula": "pERK"}, "unknown key 'formula', expected one of name, expression"),
    ],
)
def test_a_bad_readout_is_one_line(readout: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        planned("SKBR3", readouts=[readout])
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_an_expression_in_the_cube_is_that_of_its_readouts(assay: type[ClosedForm], home: Path) -> None:
    asked = [
        "pAKT_S473",
        "pERK",
        "pAKT_S473 / pERK",
        {"name": "change", "expression": "pERK / vehicle(pERK)"},
    ]
    cube = runner.open_cube(runner.run(small(readouts=asked)))
    np.testing.assert_array_equal(cube["pAKT_S473_per_pERK"], cube["pAKT_S473"] / cube["pERK"])
    np.testing.assert_allclose(cube["change"], cube["pERK"] / cube["pERK"].isel(dose_1=0, dose_2=0))
    assert cube["pAKT_S473_per_pERK"].attrs["expression"] == "pAKT_S473 / pERK"
    assert cube["change"].attrs["units"] == "1"
    assert cube["controls"]["passed"].values.all()
