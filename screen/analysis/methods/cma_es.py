"""Separable CMA evolution strategy (Ros and Hansen 2008, 10.1007/978-3-540-87700-4_30).

A global search for hundreds of roughly independent, well-scaled variables: one step size per variable,
adapted from the better half of each generation.
"""

from dataclasses import dataclass, field

import numpy as np

from screen.arrays import Floats


@dataclass
class Evolution:
    """Ask for candidates (population, D), tell their energies (population,), repeat."""

    mean: Floats
    step: float
    population: int
    generation: int = 0
    variance: Floats = field(default_factory=lambda: np.empty(0))
    path: Floats = field(default_factory=lambda: np.empty(0))
    path_variance: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        size = len(self.mean)
        if not len(self.variance):
            self.variance, self.path, self.path_variance = np.ones(size), np.zeros(size), np.zeros(size)
        parents = self.population // 2
        weights = np.log(parents + 0.5) - np.log(np.arange(1, parents + 1))
        self._weights = weights / weights.sum()
        mass = self._mass = 1 / float(np.sum(self._weights**2))
        self._path_rate = (mass + 2) / (size + mass + 5)
        self._damping = 1 + self._path_rate + 2 * max(0.0, np.sqrt((mass - 1) / (size + 1)) - 1)
        self._rank_rate = (4 + mass / size) / (size + 4 + 2 * mass / size)
        faster = (size + 2) / 3
        self._one = min(1.0, faster * 2 / ((size + 1.3) ** 2 + mass))
        self._many = min(1 - self._one, faster * 2 * (mass - 2 + 1 / mass) / ((size + 2) ** 2 + mass))
        self._expected = np.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size**2))

    def ask(self, rng: np.random.Generator) -> Floats:
        """The next candidates (population, D)."""
        normal = rng.standard_normal((self.population, len(self.mean)))
        return self.mean + self.step * np.sqrt(self.variance) * normal

    def tell(self, candidates: Floats, energies: Floats) -> None:
        """Adapt to the energies (population,) of the candidates; lower is better."""
        best = np.argsort(energies, kind="stable")[: len(self._weights)]
        moves = (candidates[best] - self.mean) / self.step
        move = self._weights @ moves
        self.mean = self.mean + self.step * move
        self.generation += 1
        keep = np.sqrt(self._path_rate * (2 - self._path_rate) * self._mass)
        self.path = (1 - self._path_rate) * self.path + keep * move / np.sqrt(self.variance)
        length = float(np.linalg.norm(self.path))
        settled = np.sqrt(1 - (1 - self._path_rate) ** (2 * self.generation))
        steady = length / settled < (1.4 + 2 / (len(self.mean) + 1)) * self._expected
        keep = np.sqrt(self._rank_rate * (2 - self._rank_rate) * self._mass)
        self.path_variance = (1 - self._rank_rate) * self.path_variance + steady * keep * move
        self.variance = (
            (1 - self._one - self._many) * self.variance
            + self._one * self.path_variance**2
            + self._many * (self._weights[:, None] * moves**2).sum(axis=0)
        )
        change = self._path_rate / self._damping * (length / self._expected - 1)
        self.step *= float(np.exp(min(0.6, change)))
