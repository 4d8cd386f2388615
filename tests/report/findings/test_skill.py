"""What is said of the model's measured skill and of calibrated lines is what the cube holds."""

import json
from collections.abc import Callable

import pytest
import xarray as xr

from screen.pathway import load_pathway
from screen.pathway.tables.skill import skill_of
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.findings.skill import calibration_sentences, figures, line_words, skill_sentences, verdict
from screen.report.page.html import render
from tests.report.conftest import PEAK_nM


@pytest.fixture(scope="module")
def stated(cube: xr.DataTree) -> xr.DataTree:
    """The cube with a skill as a run writes it."""
    pathway, drugs = load_pathway(), [name for name in PEAK_nM if name != "trastuzumab"]
    pairs = [(f"trastuzumab+{name}", [pathway.drug("trastuzumab"), pathway.drug(name)]) for name in drugs]
    skill = json.dumps(skill_of(pairs, ["SKBR3", "BT474"], ["lapatinib"]))
    groups = {name: node.to_dataset(inherit=False) for name, node in cube.children.items()}
    groups["provenance"] = groups["provenance"].assign(skill=skill)
    return xr.DataTree.from_dict({"/": cube.to_dataset(), **groups})


def test_a_pair_is_a_hypothesis_with_its_figures(stated: xr.DataTree) -> None:
    view = read_screen(stated)
    assert verdict(view, 0) == "hypothesis, not ranking"
    (said,) = skill_sentences(view)
    assert said.startswith(
        "A hypothesis to test, not a ranking: measured skill for pairs with a HER inhibitor"
    )
    one = view.cube.skill["classes"]["pairs with a HER inhibitor"] if view.cube else {}
    assert f"{one['value']:.2f}".replace("-", "−") in said
    assert f"{one['n']} measured numbers" in said


def test_a_line_is_calibrated_or_its_parent_is(stated: xr.DataTree) -> None:
    view = read_screen(stated)
    words = [line_words(view, view.lines.index(name)) for name in ("SKBR3", "SKBR3-pool2", "JIMT-1")]
    assert words == ["calibrated", "not calibrated (its parent SKBR3 is)", "not calibrated"]
    assert calibration_sentences(view)[0].startswith(
        "The model was calibrated on measured responses of 2 of the 8"
    )


def test_the_page_says_both_beside_each_answer(stated: xr.DataTree) -> None:
    page = render(Findings(read_screen(stated)))
    assert "Hypothesis, not ranking; line not calibrated (its parent SKBR3 is)" in page


def test_a_cube_of_before_says_that_it_does_not_know(cube: xr.DataTree) -> None:
    view = read_screen(cube)
    assert (verdict(view, 0), line_words(view, 0), calibration_sentences(view)) == ("", "", [])
    assert skill_sentences(view) == [
        "This cube does not say what its model's predictions were worth on measured cells."
    ]


def test_other_pairs_are_told_from_those_with_a_her_inhibitor(stated: xr.DataTree) -> None:
    view = read_screen(stated)
    skill = dict(view.cube.skill) if view.cube else {}
    one = next(iter(skill["classes"].values()))
    assert figures(one | {"name": "pairs"}).startswith("pairs without a HER inhibitor: ")


def test_where_no_line_was_calibrated_none_is_listed(make_cube: Callable[..., xr.DataTree]) -> None:
    cube = make_cube(lines=["JIMT-1", "HCC1954"], failures=False)
    groups = {name: node.to_dataset(inherit=False) for name, node in cube.children.items()}
    skill = {"classes": {}, "combinations": {}, "calibrated": {"lines": ["SKBR3"]}}
    groups["provenance"] = groups["provenance"].assign(skill=json.dumps(skill))
    view = read_screen(xr.DataTree.from_dict({"/": cube.to_dataset(), **groups}))
    assert calibration_sentences(view) == [
        "The model was calibrated on measured responses of none of these 2 lines."
    ]
