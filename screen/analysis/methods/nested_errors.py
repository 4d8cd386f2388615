"""Errors of rows that share offsets: each row's own, one of its group, one of its group of groups, all normal.

Integrated out they are a covariance; drawn, they leave rows independent, so that what moves other rows can be judged
apart.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from screen.arrays import Floats, Indices

NONE = -1
"""The group of a row that shares no offset."""


@dataclass(frozen=True, eq=False)
class NestedErrors:
    """`own` (M,) standard deviations of rows; `inner` (M,) the group of each and `outer` (groups,) the group that it
    lies in; standard deviations of their offsets (groups,) and (outer groups,).
    """

    own: Floats
    inner: Indices
    outer: Indices
    inner_sd: Floats
    outer_sd: Floats

    def offsets(self, residuals: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """The offsets of outer and of inner groups as rows meet them (K, M) and (K, M), drawn given residuals (K, M);
        0 for rows of no group.
        """
        count = len(residuals)
        mean = (residuals / self.own**2) @ self._member / self._weight
        wide = 1 / (1 / self._weight + self.inner_sd**2)
        precision = 1 / self.outer_sd**2 + wide @ self._within
        outer = (mean * wide) @ self._within / precision
        outer = outer + rng.standard_normal(outer.shape) / np.sqrt(precision)
        mine = outer @ self._within.T
        narrow = self._weight + 1 / self.inner_sd**2
        inner = self._weight * (mean - mine) / narrow
        inner = inner + rng.standard_normal((count, len(self.inner_sd))) / np.sqrt(narrow)
        return mine @ self._member.T, inner @ self._member.T

    def weigh(self, residuals: Floats, integrated: bool) -> Floats:
        """Inverse covariance times residuals (K, M), given the outer offsets; those of inner groups are given too, or
        `integrated` out.
        """
        weighed = residuals / self.own**2
        if not integrated:
            return weighed
        shared = weighed @ self._member / (self._weight + 1 / self.inner_sd**2)
        return weighed - shared @ self._member.T / self.own**2

    @cached_property
    def _member(self) -> Floats:
        """(M, groups): 1 where a row is of a group."""
        return np.asarray(self.inner[:, None] == np.arange(len(self.inner_sd)), dtype=float)

    @cached_property
    def _within(self) -> Floats:
        """(groups, outer groups)."""
        return np.asarray(self.outer[:, None] == np.arange(len(self.outer_sd)), dtype=float)

    @cached_property
    def _weight(self) -> Floats:
        """(groups,) what a group's rows know of its offset."""
        return np.asarray((1 / self.own**2) @ self._member)
