"""Curves as R's drc finds them: its search, and what it does with odd curves."""

import numpy as np
import pytest

from screen.synergy.curves import drc
from screen.synergy.curves.drc import drc_curves
from tests.synergy.curves.plain_search import log_logistic
from tests.synergy.known_matrices import doses, hill

CONC = doses()


def responses(count, noise, seed=0):
    """Percent inhibition of noisy curves `(curve, dose)`."""
    rng = np.random.default_rng(seed)
    ends, halves, slopes = (
        rng.uniform(0, 0.6, count),
        10 ** rng.uniform(1.0, 3.0, count),
        rng.uniform(0.7, 2.5, count),
    )
    clean = np.stack([100 * (1 - hill(CONC, *values)) for values in zip(ends, halves, slopes)])
    return clean + noise * rng.normal(size=clean.shape) + 5.0, clean + 5.0


def fitted(y, start=None, conc=CONC):
    return drc_curves(np.tile(conc, (len(y), 1)), y, start)


def test_clean_curves_come_back():
    _, clean = responses(40, 0.0)
    np.testing.assert_allclose(fitted(clean), clean, atol=0.02)
    np.testing.assert_allclose(fitted(clean, clean[:, 0]), clean, atol=0.02)


@pytest.mark.parametrize("held", [False, True])
def test_machine_code_ends_where_plain_python_does(held):
    y, _ = responses(25, 4.0, seed=1)
    found = fitted(y, y[:, 0] if held else None)
    near = []
    for row, curve in zip(y, found):
        plain = log_logistic(CONC, row, row[0] if held else None)
        if plain is not None:
            near.append(np.abs(plain - curve).max())
    assert len(near) > 20
    assert np.median(near) < 1e-3
    assert max(near) < 0.5


def test_a_curve_does_not_know_its_neighbours_to_the_last_bit():
    y, _ = responses(20, 8.0, seed=2)
    y[3, 4] = np.nan
    together = fitted(y, y[:, 0])
    for k in range(len(y)):
        np.testing.assert_array_equal(fitted(y[k : k + 1], y[k : k + 1, 0])[0], together[k])


@pytest.mark.parametrize("factor", [1e-9, 1e6])
def test_the_unit_of_dose_does_not_matter(factor):
    y, _ = responses(40, 8.0, seed=3)
    np.testing.assert_array_equal(fitted(y, conc=CONC * factor), fitted(y))


def test_four_lanes_do_what_eight_do(monkeypatch):
    y, _ = responses(40, 3.0, seed=4)
    here = fitted(y)
    for width in (4, 8):
        monkeypatch.setattr(drc, "host", lambda width=width: type("Host", (), {"width": width}))
        there = fitted(y)
        assert np.median(np.abs(there - here)) < 1e-4
        assert np.abs(there - here).max() < 0.5


def test_the_search_can_stay_on_a_line_that_is_not_the_least_squares_curve(blocks):
    """Drug 1 at 3.125 nM of drug 2 on mathews-2: R's drc, and with it SynergyFinder, reports the value at
    zero dose all along, with more than three times the residual of the best curve."""
    block = next(block for block in blocks if block.name == "mathews-2")
    y = block.response[None, :, 3]
    line = fitted(y, y[:, 0], block.conc_1)
    np.testing.assert_allclose(line, y[0, 0], atol=0.2)


def test_odd_curves():
    y, _ = responses(5, 3.0, seed=5)
    y[0] = 7.0
    y[1, 1:6] = np.nan
    start = y[:, 0].copy()
    start[2] = np.nan
    found = fitted(y, start)
    np.testing.assert_array_equal(found[0], 7.0)
    assert np.isnan(found[1]).all()
    assert np.isnan(found[2]).all()
    assert np.isfinite(found[3:]).all()
    y[3, 4] = np.nan
    assert list(np.flatnonzero(np.isnan(fitted(y)[3]))) == [4]
