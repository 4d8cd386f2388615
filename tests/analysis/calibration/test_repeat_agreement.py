"""Repeats that ended in different optima: the far ones are left out, and it is said."""

import math

import numpy as np
import pytest

from screen.analysis.calibration.free_values import FreeValues
from screen.analysis.calibration.repeat_agreement import agreement_line, earned, heights, kept
from screen.analysis.calibration.smoothing import Smoothed
from screen.analysis.methods.gauss_newton import Minimum


def optimum(energy: float) -> Minimum:
    return Minimum(np.zeros(2), np.zeros(3), (9e9, energy))


class Narrowed(FreeValues):
    """Free values of one kind, of which only scores are asked."""

    def effective(self, scores: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> dict[str, float]:
        return {"logarithm": float((1 - scores.var(axis=0, ddof=1)).sum())}


def test_a_repeat_further_up_than_draws_of_one_optimum_scatter_is_left_out() -> None:
    optima = [optimum(1796.0), optimum(1184.0), optimum(1184.0 + 23.0), optimum(1184.0 + 23.5)]
    assert heights(optima) == [612.0, 0.0, 23.0, 23.5]
    assert math.sqrt(1088 / 2) == pytest.approx(23.3, abs=0.05)
    assert kept(optima, 4, free=1088) == [1, 2]
    assert kept([], 3, free=1088) == [0, 1, 2], "smoothers alone have no energies"


def test_what_the_data_narrow_is_told_within_repeats() -> None:
    """Two repeats, each a tenth as wide as the prior and six standard deviations apart: pooled, they look wider."""
    rng = np.random.default_rng(1)
    parts = [centre + 0.1 * rng.standard_normal((400, 5)) for centre in (-3.0, 3.0)]
    repeats = [Smoothed(part, part, np.zeros(400, dtype=bool), ()) for part in parts]
    free = Narrowed.__new__(Narrowed)
    assert earned(free, repeats)["logarithm"] == pytest.approx(5 * 0.99, abs=0.05)
    assert free.effective(np.concatenate(parts))["logarithm"] < -40


def test_repeats_that_did_not_agree_are_named_with_their_energies() -> None:
    line = agreement_line([0.0, 1334.1, 608.8], [0], within=0.75, largest=2.281)
    assert "did not agree" in line
    assert "repeat 2 (1334 nats above), 3 (609 nats above)" in line
    assert line.endswith("are of repeat 1")
    assert agreement_line([0.0, 1.0], [0, 1], 1.0, 1.04) == "repeats agreed: R-hat 1.04 at most"
    assert "25% of the values" in agreement_line([0.0, 1.0], [0, 1], 0.75, 1.3)
