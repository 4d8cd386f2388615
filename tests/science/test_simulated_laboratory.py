"""The simulated laboratory plays by its rules; the retrospective choice is judged on the same drugs as its null."""

import numpy as np
import pytest

from screen.pathway import Assay, load_pathway
from tests.science import interval_coverage as intervals
from tests.science import retrospective as past
from tests.science import simulated_laboratory as lab


@pytest.fixture(scope="module")
def bare() -> Assay:
    return Assay.compile(load_pathway(), [])


@pytest.fixture(scope="module")
def truth(bare: Assay) -> lab.Laboratory:
    return lab.laboratory(bare, 0)


def test_the_best_partner_is_right_and_the_worst_is_not(truth: lab.Laboratory) -> None:
    left = truth.left()
    assert lab.right(left, truth) == 1
    assert lab.right(-left, truth) < 0.5


def test_a_matrix_reads_the_same_whenever_it_is_asked_for(truth: lab.Laboratory) -> None:
    one, again = (truth.measure(truth.bench.grid[3]) for _ in range(2))
    assert np.array_equal(one.wells, again.wells)
    assert np.nanstd(one.wells - truth.truth[truth.bench.grid[3]].reshape(9, 1)) == pytest.approx(
        lab.NOISE, rel=0.5
    )


@pytest.mark.slow
def test_the_wrong_model_lacks_what_the_right_one_has(bare: Assay, truth: lab.Laboratory) -> None:
    other = lab.laboratory(lab.feedback_removed(bare), 0)
    apart = max(np.abs(truth.truth[cell] - other.truth[cell]).max() for cell in truth.bench.grid)
    assert apart > 0.03


@pytest.mark.slow
def test_two_rounds_measure_what_they_may_and_know_more(
    bare: Assay, truth: lab.Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "ROUNDS", 2)
    monkeypatch.setattr(lab, "MEMBERS", 48)
    monkeypatch.setattr(lab, "STEPS", 2)
    rounds = lab.play(bare, truth, "next", 1)
    assert [one.matrices for one in rounds] == [0, 3, 6]
    assert all(0 <= one.right <= 1 for one in rounds)
    assert rounds[-1].coverage > 0.6
    assert "round 2" in lab.table({"next": [rounds]})[0]


def test_chosen_drugs_predict_the_rest_better_where_drugs_go_together() -> None:
    """Two families of drugs, one of which does not vary: reading one of the other tells all."""
    rng = np.random.default_rng(1)
    family = np.array([1.0] * 6 + [0.05] * 14)

    def draw(count: int) -> np.ndarray:
        return 0.2 * rng.standard_normal((count, 9, 1)) * family + 0.02 * rng.standard_normal((count, 9, 20))

    found = past.Areas(tuple("abcdefghi"), tuple(map(str, range(20))), draw(1)[0], draw(200))
    errors = past.errors(found)
    assert errors["chosen"][1].mean() < 0.7 * errors["random"][1].mean()
    assert errors["chosen"][1].mean() < errors["drug mean, of what was not chosen"][1].mean()
    assert past.greedy(np.cov(draw(200)[:, 0].T), 1)[0] < 6


@pytest.mark.parametrize(("bench", "least", "most"), [(lab.NAMED, 0.85, 1.0), (lab.OPEN, 0.25, 0.6)])
def test_only_the_open_bench_leaves_the_best_partner_to_be_found(
    bare: Assay, bench: lab.Bench, least: float, most: float
) -> None:
    """How many members of the prior have, in their line, the best partner that their mean names."""
    prior = lab.priors(bare, 32, 7, bench)
    wells = lab.Simulator(bare, prior, bench.wells(bench.grid)).predict(prior.scores)
    left = wells.reshape(32, len(bench.lines), len(bench.partners), 3, 3)[..., 1:, 1:].mean(axis=(3, 4))
    named = left.mean(axis=0).argmin(axis=1)
    near = np.take_along_axis(left, named[None, :, None], axis=2)[..., 0] <= left.min(axis=2) + lab.NEARLY
    assert least <= near.mean() <= most


@pytest.mark.slow
def test_intervals_are_counted_before_and_after_plates(bare: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "LEARNT", (0, 2))
    found = intervals.coverages(bare, 0, 24, 1)
    assert found.shape == (2, 4)
    assert np.isnan(found[0, 1])
    assert (found[1, :3] > 0.5).all()
