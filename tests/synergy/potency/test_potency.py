"""Single-agent metrics, growth-rate metrics and the combination sensitivity score."""

import numpy as np
import pytest

from screen.synergy.potency.gr_metrics import growth_metrics
from screen.synergy.potency.potency import potencies
from tests.synergy.known_matrices import doses, hill, independent

CONC = doses()


def test_metrics_of_known_curves():
    found = potencies(
        independent(CONC, CONC, (0.0, 100.0, 1.0), (0.2, 50.0, 2.0))[None], CONC[None], CONC[None]
    )
    assert found["ic50_1"] == pytest.approx(100.0, rel=1e-6)
    assert found["ec50_1"] == pytest.approx(100.0, rel=1e-6)
    assert found["ec50_2"] == pytest.approx(50.0, rel=1e-6)
    assert found["emax_2"] == pytest.approx(0.2, abs=1e-6)
    assert found["hill_2"] == pytest.approx(2.0, rel=1e-6)
    assert found["ic50_2"] == pytest.approx(50.0 * (0.5 / 0.3) ** 0.5, rel=1e-6)
    fine = np.geomspace(CONC[1], CONC[-1], 20001)
    area = np.trapezoid(1 - hill(fine, 0.2, 50.0, 2.0), np.log(fine)) / np.log(CONC[-1] / CONC[1])
    assert found["ri_2"] == pytest.approx(100 * area, abs=1e-3)


def test_a_curve_that_never_falls_to_half_has_no_ic50():
    found = potencies(
        independent(CONC, CONC, (0.6, 100.0, 1.0), (1.0, 50.0, 2.0))[None], CONC[None], CONC[None]
    )
    assert np.isinf(found["ic50_1"]).all()
    assert np.isinf(found["ic50_2"]).all()


@pytest.mark.slow
def test_relative_inhibition_and_css_agree_with_synergyfinder(blocks):
    """RI within 0.5 points wherever drc's curve is the least-squares one, i.e. but for the two Mathews
    blocks; CSS within 1 where the EC50 of both lies inside the doses tested."""
    for block in blocks:
        if block.name.startswith("mathews"):
            continue
        found = potencies(block.viability[None], block.conc_1[None], block.conc_2[None])
        for key in ("ri_1", "ri_2"):
            assert found[key][0] == pytest.approx(block.summary[key], abs=0.5), block.name
        inside = [
            abs(np.log(found[f"ec50_{k}"][0] / block.summary[f"ic50_{k}"])) < 0.05
            and block.summary[f"ic50_{k}"] < conc[-1]
            for k, conc in ((1, block.conc_1), (2, block.conc_2))
        ]
        if all(inside):
            assert found["css"][0] == pytest.approx(block.summary["css"], abs=1.0), block.name


def test_growth_metrics_of_a_known_curve():
    gr = hill(CONC, -0.4, 80.0, 1.5)
    found = growth_metrics(CONC[None], gr[None])
    assert found.gr_inf == pytest.approx(-0.4, abs=1e-6)
    assert found.gec50 == pytest.approx(80.0, rel=1e-6)
    assert found.gr50 == pytest.approx(80.0 * (0.5 / 0.9) ** (1 / 1.5), rel=1e-6)
    assert found.gr_max == pytest.approx(gr[-1])
    area = np.trapezoid(1 - gr[1:], np.log(CONC[1:])) / np.log(CONC[-1] / CONC[1])
    assert found.gr_aoc == pytest.approx(area)


def test_growth_metrics_of_an_inert_drug():
    found = growth_metrics(CONC[None], np.ones((1, 8)))
    assert np.isinf(found.gr50).all()
    assert found.gr_aoc == pytest.approx(0.0, abs=1e-9)
