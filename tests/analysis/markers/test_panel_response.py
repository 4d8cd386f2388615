"""A panel's response beside the named lines': the numbers, and the picture that shows them."""

import numpy as np
import pytest

from screen.analysis.markers.panel_response import panel_response, survivals
from screen.pathway import Assay
from screen.pathway.panels.sampled_lines import sample_lines
from screen.report.standalone.panel import panel_picture


def test_a_sampled_panel_is_drawn_beside_the_named_lines(assay: Assay) -> None:
    lines = sample_lines(assay.pathway, 64, seed=1)
    found = panel_response(assay, lines, [{}] * 64, "Herceptin", 68.0, 120.0)
    assert (found.drug, len(found.panel), len(found.named)) == ("trastuzumab", 64, 21)
    assert (np.diff(found.panel) >= 0).all()
    assert found.quantiles()[2][1] == pytest.approx(np.median(found.panel))
    assert 0 < found.distance < 0.4
    picture = panel_picture(found)
    assert all(name in picture for name in found.names)
    assert picture.count("<circle") == 21


def test_a_line_responds_alike_in_any_company(assay: Assay) -> None:
    few, many = (sample_lines(assay.pathway, count, seed=2) for count in (3, 40))
    alone = survivals(assay, few, "trastuzumab", 68.0, 120.0)
    np.testing.assert_allclose(survivals(assay, many, "trastuzumab", 68.0, 120.0)[:3], alone, rtol=1e-4)
