"""Intervals reach every place that shows a number, whether the cube keeps the draws or only their ends."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.figures.single_agents import single_agents
from screen.report.findings.answer import answer_of
from screen.report.findings.certainty import confidence_words, gapless_words
from screen.report.findings.findings import Findings
from screen.report.findings.resensitisation import recovery_of
from screen.report.page.html import render
from screen.report.tables.long_tables import write_tables


def test_ends_belong_to_their_readout_and_score(sure_cube: xr.DataTree) -> None:
    screen = read_screen(sure_cube)
    assert set(screen.readouts) == {"viability", "gr_value", "pAKT_S473"}
    low, high = screen.readouts["viability"].load_bounds(-1)
    values = screen.readouts["viability"].values[..., -1]
    known = np.isfinite(values)
    assert (low[known] <= values[known]).all()
    assert (high[known] >= values[known]).all()
    assert screen.readouts["gr_value"].load_bounds(-1) is None
    assert (screen.ensemble.draws, screen.ensemble.level) == (20, "90\u00a0%")
    bliss = screen.main_model
    np.testing.assert_allclose(bliss.high - bliss.low, 4.0)
    np.testing.assert_allclose(bliss.probability[bliss.mean > 0], 0.95)


def test_the_interval_from_bounds_holds_the_dose_and_that_from_draws(
    make_cube: Callable[..., xr.DataTree], sure_cube: xr.DataTree
) -> None:
    bounds = recovery_of(read_screen(sure_cube))
    draws = recovery_of(read_screen(make_cube(draws=12)))
    assert (bounds.interval_from, draws.interval_from) == ("bounds", "draws")
    for found in (bounds, draws):
        known = np.isfinite(found.dose) & (found.dose > 0)
        assert (found.low[known] <= found.dose[known] * 1.001).all()
        assert (found.high[known] >= found.dose[known] * 0.999).all()
    assert bounds.gap.probability is None
    assert 0 < np.nanmax(draws.gap.probability[draws.dose > 0]) <= 1


@pytest.mark.slow
def test_the_page_says_how_confident_its_numbers_are(
    make_cube: Callable[..., xr.DataTree], sure_cube: xr.DataTree
) -> None:
    def said(cube: xr.DataTree) -> str:
        screen = read_screen(cube)
        recovery = recovery_of(screen)
        return " ".join(confidence_words(screen, recovery, answer_of(screen, recovery)))

    assert "no intervals" in said(make_cube())
    assert "90\u00a0% of 20 parameter sets" in said(sure_cube)
    assert "from the interval of every well" in said(sure_cube)
    assert "noise and what the model misses come on top" in said(sure_cube)
    with_draws = said(make_cube(draws=6))
    assert "90\u00a0% of 6 parameter sets" in with_draws
    assert "Probability that at least 80 % of the gap is closed" in with_draws
    assert "HSA, Bliss, Loewe and ZIP agree" in with_draws
    assert "no intervals" not in render(Findings(read_screen(sure_cube)))


def test_pictures_and_tables_hold_the_intervals(sure_cube: xr.DataTree, tmp_path: Path) -> None:
    screen = read_screen(sure_cube)
    assert single_agents(Findings(screen), 2, 0).count('opacity="0.16"') == 2
    write_tables(sure_cube, tmp_path / "t.csv")
    responses, scores = pd.read_csv(tmp_path / "t.csv"), pd.read_csv(tmp_path / "t_scores.csv")
    assert {"viability_low", "viability_high"} <= set(responses)
    named = ("bliss_low", "bliss_high", "bliss_probability", "ci50_low", "resensitisation_dose_nM_low")
    assert set(named) <= set(scores)


def test_parameter_sets_without_a_gap_are_counted(make_cube: Callable[..., xr.DataTree]) -> None:
    view = read_screen(make_cube(failures=False, draws=4))
    recovery = recovery_of(view)
    assert gapless_words(view, recovery, -1) == []
    wells = recovery.gap.wells
    row = view.lines.index("BT474-HR20")
    compared = wells.compared.copy()
    compared[row, ..., :3] = wells.alone[row, ..., :3]
    changed = replace(recovery, gap=replace(recovery.gap, wells=replace(wells, compared=compared)))
    (said,) = gapless_words(view, changed, -1)
    assert "BT474-HR20 3" in said
