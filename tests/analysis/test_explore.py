"""Two doses in one line: what the sliders show is what a screen has."""

import numpy as np
import pytest

from screen.analysis.explore import STEPS, Explorer, explorer
from screen.errors import InputError


@pytest.fixture(scope="module")
def explored() -> Explorer:
    return explorer("BT474-HR20", "trastuzumab+linsitinib")


@pytest.mark.slow
def test_without_drugs_nothing_happens(explored: Explorer) -> None:
    found = explored.courses(0, 0)
    assert found.viability.shape == (4, STEPS)
    np.testing.assert_allclose(found.viability, 1, rtol=1e-6)
    assert all(np.allclose(values, 1, rtol=1e-4) for values in found.readouts.values())
    assert found.excess == pytest.approx(0, abs=1e-3)


@pytest.mark.slow
def test_the_pair_does_more_than_either_drug_in_the_resistant_line(explored: Explorer) -> None:
    found = explored.courses(68, 1000)
    _, one, two, both = found.viability[:, -1]
    assert both < min(one, two) < 1
    assert found.excess == pytest.approx(100 * (one * two - both))
    assert found.excess > 5


@pytest.mark.slow
def test_doses_go_from_none_over_the_drug_s_range(explored: Explorer) -> None:
    for which, drug in enumerate(explored.drugs):
        doses = explored.doses_nM(which)
        assert doses[0] == 0
        assert tuple(doses[[1, -1]]) == pytest.approx(drug.range_nM)
        assert (np.diff(doses) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("SKBR4", "trastuzumab+linsitinib"), "did you mean 'SKBR3'"),
        (("SKBR3", "trastuzumab"), "expected two drugs"),
        (("SKBR3", "trastuzumab+Herceptin"), "found trastuzumab twice"),
        (("SKBR3", "trastuzumab+linsitinip"), "did you mean 'linsitinib'"),
        (("SKBR3", ["trastuzumab", "linsitinib"], ["pERK"], 0), "expected hours above 0"),
    ],
)
def test_what_is_not_known_is_one_line(arguments: tuple[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        explorer(*arguments)
