"""What must hold for every model on any matrix, plausible or not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from screen.synergy import ScoringOptions, score_matrices
from screen.synergy.models.registry import MODELS
from tests.synergy.known_matrices import doses

SURFACES = ("musyc", "braid", "zimmer")
SIZES = st.tuples(st.integers(4, 8), st.integers(4, 8))
ONE = settings(max_examples=15, deadline=None, derandomize=True)


@st.composite
def matrices(draw):
    m, n = draw(SIZES)
    seed = draw(st.integers(0, 2**32 - 1))
    noise = draw(st.sampled_from([0.0, 0.01, 0.1]))
    rng = np.random.default_rng(seed)
    conc_1, conc_2 = doses(size=m), doses(low=0.03, high=300.0, size=n)
    ends, halves, slopes = rng.uniform(0, 1.2, 2), 10 ** rng.uniform(0, 3, 2), rng.uniform(0.4, 3, 2)
    first = 1 + (ends[0] - 1) * conc_1 ** slopes[0] / (conc_1 ** slopes[0] + halves[0] ** slopes[0])
    second = 1 + (ends[1] - 1) * conc_2 ** slopes[1] / (conc_2 ** slopes[1] + halves[1] ** slopes[1])
    viability = first[:, None] * second[None, :] + noise * rng.normal(size=(m, n))
    return viability, conc_1, conc_2


@pytest.mark.slow
@ONE
@given(matrices(), st.sampled_from(["fit", "monotone"]))
def test_swapping_the_drugs_transposes_the_answer(matrix, single_agent):
    viability, conc_1, conc_2 = matrix
    here = score_matrices(viability, conc_1, conc_2, options=ScoringOptions(single_agent=single_agent))
    there = score_matrices(viability.T, conc_2, conc_1, options=ScoringOptions(single_agent=single_agent))
    for name in here:
        np.testing.assert_allclose(there[name].excess.T, here[name].excess, atol=1e-6)
        assert there[name].mean == pytest.approx(here[name].mean, abs=1e-6)
        assert there[name].best == pytest.approx(here[name].best, abs=1e-6)


@pytest.mark.slow
@ONE
@given(matrices(), st.sampled_from([1e-9, 1e6]))
def test_the_unit_of_dose_does_not_matter(matrix, factor):
    viability, conc_1, conc_2 = matrix
    here = score_matrices(viability, conc_1, conc_2)
    there = score_matrices(viability, conc_1 * factor, conc_2 * factor)
    for name in here:
        np.testing.assert_allclose(there[name].excess, here[name].excess, atol=1e-4)


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True)
@given(matrices(), st.sampled_from(["transpose", "unit"]))
def test_the_other_models_know_neither_order_nor_unit(matrix, change):
    """Surface fits on pure noise have flat valleys, in which the last digits of a sum decide where they stop:
    there the quality of the fit must agree, and the excess to a point."""
    viability, conc_1, conc_2 = matrix
    names = [name for name in MODELS if name not in ("hsa", "bliss", "loewe", "zip")]
    here = score_matrices(viability, conc_1, conc_2, names)
    if change == "transpose":
        there = score_matrices(viability.T, conc_2, conc_1, names)
    else:
        there = score_matrices(viability, conc_1 * 1e-9, conc_2 * 1e-9, names)
    for name in names:
        turned = there[name].excess.T if change == "transpose" else there[name].excess
        np.testing.assert_allclose(
            turned, here[name].excess, atol=0.1 if name in SURFACES else 1e-4, err_msg=name
        )


@pytest.mark.slow
@ONE
@given(matrices())
def test_zero_dose_is_the_single_agent(matrix):
    for score in score_matrices(*matrix).values():
        assert (score.excess[:, 0] == 0).all()
        assert (score.excess[0, :] == 0).all()


@pytest.mark.slow
@ONE
@given(matrices(), st.randoms(use_true_random=False))
def test_the_order_of_doses_does_not_matter(matrix, random):
    viability, conc_1, conc_2 = matrix
    rows, columns = list(range(len(conc_1))), list(range(len(conc_2)))
    random.shuffle(rows)
    random.shuffle(columns)
    here = score_matrices(viability, conc_1, conc_2)
    there = score_matrices(viability[np.ix_(rows, columns)], conc_1[rows], conc_2[columns])
    for name in here:
        np.testing.assert_array_equal(there[name].excess, here[name].excess[np.ix_(rows, columns)])
        assert there[name].best == here[name].best


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(matrices(), min_size=2, max_size=3))
def test_a_matrix_does_not_know_its_neighbours(batch):
    size = (max(len(c) for _, c, _ in batch), max(len(c) for _, _, c in batch))
    stack = np.full((len(batch), *size), np.nan)
    conc_1, conc_2 = np.full((len(batch), size[0]), np.nan), np.full((len(batch), size[1]), np.nan)
    for k, (viability, first, second) in enumerate(batch):
        stack[k, : len(first), : len(second)] = viability
        conc_1[k, : len(first)], conc_2[k, : len(second)] = first, second
    together = score_matrices(stack, conc_1, conc_2)
    for k in range(len(batch)):
        alone = score_matrices(stack[k], conc_1[k], conc_2[k])
        for name in alone:
            np.testing.assert_allclose(together[name].excess[k], alone[name].excess, atol=1e-9)
            assert together[name].reason[k] == alone[name].reason.item()


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    arrays(float, (5, 6), elements=st.floats(-2, 3) | st.sampled_from([np.nan, np.inf, 0.0, 1.0])),
    st.sampled_from(["fit", "monotone"]),
)
def test_no_matrix_makes_it_raise(viability, single_agent):
    scores = score_matrices(
        viability,
        doses(size=5),
        doses(size=6),
        list(MODELS),
        options=ScoringOptions(single_agent=single_agent),
    )
    for name, score in scores.items():
        assert np.isfinite(score.excess).any() or score.reason.item(), name
        assert np.isnan(score.mean) <= (score.reason.item() != "")
        assert not np.isinf(score.excess).any()
        if not np.isnan(score.mean):
            assert abs(score.mean) < 2000


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (1, 1), (1, 3), (2, 1), (2, 2), (4, 2)])
@pytest.mark.parametrize("single_agent", ["fit", "monotone"])
def test_no_size_makes_it_raise(shape, single_agent):
    conc_1, conc_2 = np.arange(shape[0], dtype=float), np.arange(shape[1], dtype=float)
    for count in (0, 2):
        viability = np.ones((count, *shape))
        for score in score_matrices(
            viability, conc_1, conc_2, list(MODELS), options=ScoringOptions(single_agent=single_agent)
        ).values():
            assert score.excess.shape == viability.shape
            assert (~np.isnan(score.mean) | (score.reason != "")).all()


@pytest.mark.slow
def test_measured_plates_know_neither_order_nor_unit(blocks):
    for block in blocks:
        data = block.viability, block.conc_1, block.conc_2
        here = score_matrices(*data, list(MODELS))
        turned = score_matrices(block.viability.T, block.conc_2, block.conc_1, list(MODELS))
        small = score_matrices(block.viability, block.conc_1 * 1e-9, block.conc_2 * 1e-9, list(MODELS))
        for name, score in here.items():
            words = f"{name} on {block.name}"
            np.testing.assert_allclose(turned[name].excess.T, score.excess, atol=1e-4, err_msg=words)
            np.testing.assert_allclose(small[name].excess, score.excess, atol=1e-9, err_msg=words)
