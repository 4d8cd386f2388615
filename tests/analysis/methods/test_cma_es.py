"""The evolution strategy on a known answer."""

import numpy as np

from screen.analysis.methods.cma_es import Evolution


def test_the_evolution_finds_the_minimum_of_a_bad_bowl() -> None:
    scales = np.logspace(0, 2, 20)
    rng = np.random.default_rng(1)
    search = Evolution(np.ones(20), 0.5, 12)
    for _ in range(400):
        candidates = search.ask(rng)
        search.tell(candidates, ((candidates * scales) ** 2).sum(axis=1))
    assert np.abs(search.mean * scales).max() < 1e-3
