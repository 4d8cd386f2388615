"""What omics say of one line: levels of entities, from which its factors follow under any exponents, and what the
line deviates from them in a draw, keyed so that neither shards nor other lines matter.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from screen.arrays import Floats

OMICS_STREAM = 5
UNMEASURED = 2.0
"""Times the deviation of an entity that was measured, for one that was not."""


@dataclass(frozen=True)
class OmicsPrior:
    """How entities follow their levels, alike for all lines: names, groups, the groups' nominal exponents and the
    standard deviations of a line's own deviation, each (E,).
    """

    entities: tuple[str, ...]
    groups: tuple[str, ...]
    exponents: tuple[float, ...]
    deviation_sd: tuple[float, ...]


@dataclass(frozen=True)
class LineOmics:
    """Levels (E,) of a line in natural logarithms relative to the reference. `known` (E,) says which were measured:
    the others stand at the reference, and deviate by `UNMEASURED` times as much.

    `line` and `seed` key the deviations; a derivative keeps its parent's `line`. `from_table` says that the line is
    a user's own: what draws know of a named line of the same name is not of it.
    """

    line: str
    prior: OmicsPrior
    level: tuple[float, ...]
    known: tuple[bool, ...]
    seed: int
    from_table: bool = True

    def factors(
        self, exponents: Mapping[str, float] | None = None, deviations: Floats | None = None
    ) -> dict[str, float]:
        """Each entity's factor, under other exponents by group and with deviations (E,) where they are given."""
        shared = dict(zip(self.prior.groups, self.prior.exponents)) | dict(exponents or {})
        slope = np.array([shared[group] for group in self.prior.groups])
        logs = log_factors(np.array(self.level), slope, deviations)
        return dict(zip(self.prior.entities, np.exp(logs).tolist()))

    def deviations(self, draw: int) -> Floats:
        """What the line deviates in a draw, (E,): the same whatever else is simulated with it."""
        random = np.random.default_rng([self.seed, OMICS_STREAM, *_words(self.line), draw])
        width = np.array(self.prior.deviation_sd) * np.where(self.known, 1.0, UNMEASURED)
        return np.asarray(random.standard_normal(len(width)) * width)


def log_factors(level: Floats, exponent: Floats, deviation: Floats | None = None) -> Floats:
    """Natural logarithms of factors, (E,): `exponent * level + deviation`."""
    return np.asarray(exponent * level + (0.0 if deviation is None else deviation))


def _words(name: str) -> list[int]:
    digest = hashlib.sha256(name.encode()).digest()
    return [int.from_bytes(digest[k : k + 4], "big") for k in range(0, 16, 4)]
