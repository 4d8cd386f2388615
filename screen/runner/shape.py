"""The shape of a screen: combinations with their dose grids, and shards, the rectangles of cell lines x
combinations into which it is divided.
"""

import math
from dataclasses import dataclass

from screen.errors import InputError

FEW_SHARDS, SHARD_SIMULATIONS = (
    16,
    (2_048, 32_768),
)  # a small screen is divided for the sake of its processors,
MANY_SHARDS, LARGEST_SHARD = 2_000, 262_144  # a large one into shards of a third of a second or more
SHARD_BYTES = 256_000_000
LARGEST_UNIT_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Combination:
    """Two drugs and their doses in nM, ascending from 0."""

    drug_1: str
    drug_2: str
    doses_1: tuple[float, ...]
    doses_2: tuple[float, ...]

    @property
    def name(self) -> str:
        return f"{self.drug_1}+{self.drug_2}"

    @property
    def simulations(self) -> int:
        return len(self.doses_1) * len(self.doses_2)


@dataclass(frozen=True)
class Shard:
    """A rectangle of the screen: half-open ranges of cell lines and of combinations."""

    index: int
    lines: tuple[int, int]
    combinations: tuple[int, int]


def make_shards(
    lines: int, combinations: tuple[Combination, ...], numbers: int, most: int | None = None
) -> tuple[Shard, ...]:
    """Divide lines x combinations into rectangles of about `most` simulations, each of `numbers` values.

    Whole lines share a shard while they fit; a line too large for one is divided by combinations.
    """
    per_line = sum(combination.simulations for combination in combinations)
    largest = max(combination.simulations for combination in combinations)
    if largest * numbers * 8 > LARGEST_UNIT_BYTES:
        size = largest * numbers * 8 / 1e9
        raise InputError(
            f"one cell line x combination makes {size:.1f} GB of responses, expected at most "
            f"{LARGEST_UNIT_BYTES / 1e9:g} GB: ask for fewer doses, times or readouts"
        )
    if most is None:
        total, (low, high) = lines * per_line, SHARD_SIMULATIONS
        most = min(max(math.ceil(total / FEW_SHARDS), low), high)
        most = max(most, min(math.ceil(total / MANY_SHARDS), LARGEST_SHARD))
        most = max(1, min(most, SHARD_BYTES // (8 * numbers)))
    blocks_wanted = math.ceil(lines / max(1, most // per_line))
    together = math.ceil(lines / blocks_wanted)
    columns = [(0, len(combinations))] if per_line <= most else _columns(combinations, most)
    blocks = [
        ((start, min(start + together, lines)), column)
        for start in range(0, lines, together)
        for column in columns
    ]
    return tuple(Shard(index, *block) for index, block in enumerate(blocks))


def _columns(combinations: tuple[Combination, ...], most: int) -> list[tuple[int, int]]:
    """Consecutive combinations in ranges of at most `most` simulations, or of one combination."""
    columns, start, size = [], 0, 0
    for index, combination in enumerate(combinations):
        if index > start and size + combination.simulations > most:
            columns.append((start, index))
            start, size = index, 0
        size += combination.simulations
    return [*columns, (start, len(combinations))]
