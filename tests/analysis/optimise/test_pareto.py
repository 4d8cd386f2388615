"""Fronts over doses: what nothing betters stands in them, and little that is best is missed."""

import numpy as np
import pytest

from screen.analysis.optimise.pareto import Lattice, non_dominated, search, spaced


def dominated_by_hand(objectives: np.ndarray) -> np.ndarray:
    lost = [any(np.all(other <= row) and np.any(other < row) for other in objectives) for row in objectives]
    return ~np.array(lost)


@pytest.mark.parametrize("seed", range(5))
def test_a_front_is_what_nothing_betters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    objectives = np.round(rng.random((60, 2)), 1 + seed % 2)
    found = {tuple(row) for row in objectives[non_dominated(objectives)]}
    assert found == {tuple(row) for row in objectives[dominated_by_hand(objectives)]}
    assert len(found) == non_dominated(objectives).sum(), "equal rows count once"


def test_what_breaks_a_bound_is_in_no_front() -> None:
    objectives = np.array([[0.0, np.inf], [np.nan, 0.0], [0.5, 0.5], [np.inf, np.inf]])
    assert non_dominated(objectives).tolist() == [False, False, True, False]


def test_no_dose_exceeds_its_cap_and_none_is_tried_twice() -> None:
    lattice = Lattice.of(np.array([0.3, 1.0]), np.array([700.0, 1e4]), points=7, rounds=3)
    tried = []

    def evaluate(doses: np.ndarray) -> np.ndarray:
        tried.extend(map(tuple, doses.tolist()))
        return np.stack([1 / (1 + doses.sum(axis=1)), doses.sum(axis=1)], axis=-1)[:, None]

    search(lattice, evaluate, 3)
    assert len(tried) == len(set(tried))
    doses = np.array(tried)
    assert np.all(doses.max(axis=0) == [700.0, 1e4])
    assert np.all((doses == 0) | (doses >= [0.3, 1.0]))


def test_the_search_finds_the_front_of_a_curved_problem() -> None:
    """f1 falls with both drugs, f2 rises with the second only beyond 30 nM: the front bends at the knee."""
    lattice = Lattice.of(np.array([0.1, 0.1]), np.array([100.0, 300.0]), points=6, rounds=5)

    def evaluate(doses: np.ndarray) -> np.ndarray:
        left = 1 / ((1 + doses[:, 0] / 20) * (1 + doses[:, 1] / 10))
        return np.stack([left, doses[:, 0] / 200 + np.maximum(doses[:, 1] - 30, 0) / 100], axis=-1)[:, None]

    found = search(lattice, evaluate, 5)
    one, two = np.meshgrid(np.r_[0, np.geomspace(0.1, 100, 150)], np.r_[0, np.geomspace(0.1, 300, 150)])
    fine = evaluate(np.stack([one.ravel(), two.ravel()], axis=-1))[:, 0]
    ours = found.objectives[non_dominated(found.objectives[:, 0]), 0]
    for best in fine[non_dominated(fine)]:
        assert ours[ours[:, 1] <= best[1] + 0.01][:, 0].min() <= best[0] + 0.01
    assert len(found.index) < len(fine) / 10


def test_a_front_is_thinned_evenly_with_its_ends() -> None:
    along = np.linspace(0, 1, 200)
    front = np.stack([1 - along, along], axis=-1)
    kept = front[spaced(front, 5)]
    assert kept[:, 1] == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=0.01)
