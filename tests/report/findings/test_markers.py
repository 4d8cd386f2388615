"""The page's words on markers: signs, the paper's markers by name, and silence where nothing can be said."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from screen.analysis.markers.associations import Association, lines_to_show
from screen.report.cube_view.from_cube import read_screen
from screen.report.cube_view.view import CubeView
from screen.report.findings.markers import (
    associations_of,
    founding_sentences,
    marker_table,
    paired_sentences,
    sentences,
    targets_of,
    tree_words,
)
from screen.report.findings.resensitisation import recovery_of


@pytest.fixture(scope="module")
def screen(make_cube: Callable[..., xr.DataTree]) -> CubeView:
    lines = ["SKBR3", "BT474", *(f"line {number}" for number in range(28))]
    screen = read_screen(make_cube(lines=lines, failures=False))
    effect = 1 - recovery_of(screen).alone[:, -1]
    markers = {"IGF2": ("nM", -effect), "PPP3CB": ("nM", effect), "IRS1": ("nM", np.arange(30.0))}
    return replace(screen, markers=markers)


def test_signs_read_as_sentences(screen: CubeView) -> None:
    said = sentences(screen, recovery_of(screen), associations_of(screen, recovery_of(screen)))
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
    assert "at least eight lines" in sentences(screen, recovery_of(screen), found)[0]


def test_lines_low_in_her2_and_the_outcome_itself_are_no_evidence(screen: CubeView) -> None:
    low = np.where(np.arange(30) == 3, 0.001, 1.0)
    chosen = replace(
        screen, markers={**screen.markers, "HER2": ("", low), "growth_rate": ("1/h", np.arange(30.0))}
    )
    assert np.isnan(targets_of(chosen, recovery_of(chosen))["effect of trastuzumab"][3])
    found = associations_of(chosen, recovery_of(chosen))
    assert "growth_rate" not in {item.marker for item in found}
    assert {item.lines for item in found} == {29}


def test_where_the_founding_markers_show_nothing_the_lines_that_it_would_take_are_told() -> None:
    one, other, sure = (
        Association(name, "effect", 21, rho, low, high, 0.3, 0.5)
        for name, rho, low, high in (
            ("IGF2", -0.26, -0.7, 0.2),
            ("IRS1", 0.01, -0.4, 0.4),
            ("X", -0.9, -1, -0.8),
        )
    )
    [said] = founding_sentences([one, other])
    assert "In this panel of 21 lines IGF2 and IRS1 do not predict it: the interval holds 0." in said
    assert f"it would take {lines_to_show(-0.26)} lines for IGF2 and more than 1,000 lines for IRS1" in said
    assert "it would take" not in founding_sentences([sure])[0]
    assert founding_sentences([]) == []


def test_a_derived_line_is_compared_with_its_own_parent(screen: CubeView) -> None:
    recovery = recovery_of(screen)
    effect = 1 - recovery.alone[:, -1]
    weaker, stronger = int(np.argmin(effect)), int(np.argmax(effect))
    parents: list[int | None] = [None] * 30
    parents[weaker] = stronger
    values = np.ones(30)
    values[weaker] = 2.5
    chosen = replace(
        screen, parents=tuple(parents), markers={"IGF2": ("nM", values), "IRS1": ("nM", np.ones(30))}
    )
    [said] = paired_sentences(chosen, recovery)
    assert said.startswith(
        f"Of {screen.lines[weaker]} trastuzumab removes fewer cells than of the parent; there IGF2"
    )
    assert "IGF2 is raised in 1 of 1 (2.5 times the parent's) and IRS1 is raised in 0 of 1 (1 times" in said
    parents[weaker], parents[stronger] = None, weaker
    assert paired_sentences(replace(chosen, parents=tuple(parents)), recovery) == []


def test_two_quantities_are_merged_only_where_they_are_the_same_fold_in_every_line(
    make_cube: Callable[..., xr.DataTree],
) -> None:
    view = read_screen(make_cube(lines=["SKBR3", "JIMT-1"], failures=False))
    markers = {
        "IGF2": ("nM", np.array([1.0, 2.0])),
        "IGF2_mRNA": ("nM", np.array([3.0, 6.0001])),
        "IRS1": ("nM", np.array([1.01, 0.99])),
        "pS6K": ("nM", np.array([1.03, 0.97])),
        "pHER2": ("nM", np.array([1.0001, 0.9999])),
        "pHER3": ("nM", np.array([0.9998, 1.0002])),
        "alpelisib (gr50)": ("nM", np.array([1.0, 5.0])),
    }
    labels = [row["label"] for row in marker_table(replace(view, markers=markers)) if row["label"]]
    assert sorted(labels) == ["IGF2 = IGF2 mRNA", "IRS1", "pHER2", "pHER3", "pS6K"]


def test_the_founding_markers_and_predictors_have_a_reader_s_names(screen: CubeView) -> None:
    markers = {**screen.markers, "IGF2_mRNA": screen.markers["IGF2"], "miR193a": ("nM", np.arange(30.0))}
    chosen = replace(screen, markers=markers)
    said = " ".join(sentences(chosen, recovery_of(chosen), associations_of(chosen, recovery_of(chosen))))
    assert "IGF2 or IGF2 mRNA is found before treatment" in said
    assert "IGF2 rank correlation −1.00" in said
    assert "IGF2_mRNA" not in said
    assert "rho" not in said
