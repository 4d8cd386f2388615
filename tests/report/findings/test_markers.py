"""The page's words on markers: signs, the paper's markers by name, and silence where nothing can be said."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.cube_view.view import CubeView
from screen.report.findings.markers import associations_of, sentences, targets_of, tree_words
from screen.report.findings.resensitisation import recovery_of


@pytest.fixture(scope="module")
def screen(make_cube: Callable[..., xr.DataTree]) -> CubeView:
    lines = ["SKBR3", "BT474", *(f"line {number}" for number in range(28))]
    screen = read_screen(make_cube(lines=lines, failures=False))
    effect = 1 - recovery_of(screen).alone[:, -1]
    markers = {"IGF2": ("nM", -effect), "PPP3CB": ("nM", effect), "IRS1": ("nM", np.arange(30.0))}
    return replace(screen, markers=markers)


def test_signs_read_as_sentences(screen: CubeView) -> None:
    said = sentences(screen, associations_of(screen, recovery_of(screen)))
    assert "Trastuzumab works better where more of PPP3CB is found before treatment." in said
    assert "Trastuzumab works worse where more of IGF2 is found before treatment." in said
    assert any(
        "IGF2 rank correlation −1.00 (−1.00 to −1.00); IRS1 rank correlation " in sentence
        for sentence in said
    )


def test_the_tree_is_told_with_its_accuracy_on_unseen_lines(screen: CubeView) -> None:
    sentence, tree = tree_words(screen, recovery_of(screen))
    assert "the 2 sensitive from the 28 resistant lines" in sentence
    assert "balanced accuracy is" in sentence
    assert any(name in tree[0] for name in ("PPP3CB", "IGF2"))
    assert any("sensitive (weight 100%, 2 lines)" in line for line in tree)


def test_a_few_lines_say_nothing(make_cube: Callable[..., xr.DataTree]) -> None:
    screen = read_screen(make_cube(lines=["SKBR3", "JIMT-1"], failures=False))
    found = associations_of(screen, recovery_of(screen))
    assert found == []
    assert "at least eight lines" in sentences(screen, found)[0]


def test_lines_low_in_her2_and_the_outcome_itself_are_no_evidence(screen: CubeView) -> None:
    low = np.where(np.arange(30) == 3, 0.001, 1.0)
    chosen = replace(
        screen, markers={**screen.markers, "HER2": ("", low), "growth_rate": ("1/h", np.arange(30.0))}
    )
    assert np.isnan(targets_of(chosen, recovery_of(chosen))["effect of trastuzumab"][3])
    found = associations_of(chosen, recovery_of(chosen))
    assert "growth_rate" not in {item.marker for item in found}
    assert {item.lines for item in found} == {29}
