"""Predictive intervals: wider for what was not calibrated, cut at what a metric can be, scored for their width."""

import math

import numpy as np
import pytest

from screen.analysis.skill.interval_noise import NOISE, MetricNoise, Seen, noise_of
from screen.analysis.skill.measured_table import SINGLE, Cell
from screen.analysis.skill.predictive_intervals import (
    holds,
    interval_scores,
    noise_needed,
    predictive_interval,
    widths,
)
from screen.pathway import load_pathway


def cell(metric: str, value: float, side: int = 0, source: str = "HMS_BRCA", line: str = "SKBR3") -> Cell:
    return Cell(source, line, ("lapatinib",), metric, 72.0, value, side, 1.0, (math.nan,))


def test_variances_of_what_was_not_calibrated_add_up() -> None:
    noise = MetricNoise(fitted=0.3, line=0.5, drug=0.5, offset=0.2, source=0.1)
    assert noise.sd(False, False, False) == pytest.approx(0.3)
    assert noise.sd(True, False, False) == pytest.approx(0.5)
    assert noise.sd(False, False, True) == pytest.approx(math.sqrt(0.09 + 0.04 + 0.01))
    assert noise.sd(False, True, True) == pytest.approx(math.sqrt(0.25 + 0.01)), "its offset is in it"
    assert noise.sd(True, True, True) == pytest.approx(math.sqrt(0.25 + 0.16 + 0.01))
    assert MetricNoise(0.3, 0.2, 0.1, 0.2, 0.1).sd(True, True, False) == pytest.approx(0.3), "never less"


@pytest.mark.parametrize("metric", SINGLE)
def test_an_unknown_laboratory_line_or_drug_is_never_surer(metric: str) -> None:
    known, other = (NOISE[metric].sd(False, False, new) for new in (False, True))
    assert known < other <= NOISE[metric].sd(True, False, True)
    assert other <= NOISE[metric].sd(False, True, True)


def test_the_shipped_model_knows_its_laboratories() -> None:
    seen = Seen.shipped(load_pathway())
    assert seen.sources == {"HMS_BRCA", "MEP_LINCS", "GRAY_FallahiSichani2013"}
    mine, other = noise_of([cell("GR50", 1.0), cell("GR50", 1.0, source="another")], seen)
    assert mine < other
    assert np.isnan(noise_of([cell("synergy_bliss", 1.0)], seen)).all()


def test_intervals_end_where_a_metric_does() -> None:
    cells = [cell("GRmax", 0.0), cell("Emax", 0.0), cell("AUC", 0.0), cell("GR_AOC", 0.0), cell("GR50", 0.0)]
    draws = np.tile([-0.95, 0.02, 0.02, 1.98, 0.0], (4, 1))
    low, high = predictive_interval(cells, draws, np.full(5, 0.3))
    assert low[:3].tolist() == [-1.0, 0.0, 0.0]
    assert high[3] == 2.0
    assert low[4] < -0.4 < 0.4 < high[4]


def test_the_noise_that_is_needed_is_what_reaches_the_number() -> None:
    cells = [cell("GR50", 2.0), cell("GR50", 2.0, side=1), cell("GR50", 3.0)]
    draws = np.tile([2.0, 3.0, 2.0], (8, 1))
    needed = noise_needed(cells, draws)
    np.testing.assert_allclose(needed[:2], 0, atol=0.01)
    assert needed[2] == pytest.approx(1 / 1.645, rel=0.1)
    assert holds(cells, *predictive_interval(cells, draws, needed)).all()
    assert not holds(cells, *predictive_interval(cells, draws, 0.9 * needed))[2]


def test_a_wide_interval_and_a_missed_number_both_cost() -> None:
    cells = [cell("GR50", 2.0), cell("GR50", 4.0), cell("GR50", 4.0, side=1), cell("GR50", 2.0)]
    low, high = np.array([1.0, 1.0, 3.0, 1.0]), np.array([3.0, 3.0, 3.5, np.inf])
    np.testing.assert_allclose(widths(cells, low, high), [2.0, 2.0, 0.5, 4.0])
    np.testing.assert_allclose(interval_scores(cells, low, high), [2.0, 2.0 + 20.0, 0.5 + 10.0, 4.0])
