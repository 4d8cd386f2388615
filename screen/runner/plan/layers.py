"""The shape of a screen: combinations with their dose grids, and shards, the rectangles of cell lines x
combinations into which it is divided.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from screen.arrays import Array
from screen.errors import InputError

FEW_SHARDS, SHARD_SIMULATIONS = 4, (2_048, 65_536)  # a small screen is cut for its processors,
MANY_SHARDS, LARGEST_SHARD = 2_000, 262_144  # a large one into shards of most of a second or more
SHARD_BYTES = 256_000_000
LARGEST_UNIT_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Combination:
    """Two or three drugs, and each one's doses in nM, ascending from 0. `exposures` (schedule, drug) are rows
    of the plan's table of exposures; empty where every drug is there throughout.
    """

    drugs: tuple[str, ...]
    doses: tuple[tuple[float, ...], ...]
    exposures: tuple[tuple[int, ...], ...] = ()
    wells: tuple[tuple[int, ...], ...] | None = None
    """The wells of the design by their steps on each drug's doses, the vehicle first; None is all of them."""
    rays: tuple[tuple[tuple[int, ...], ...], ...] = ()
    """The wells along each ray, from the lowest doses to the highest."""

    @property
    def name(self) -> str:
        return "+".join(self.drugs)

    @property
    def grid(self) -> tuple[int, ...]:
        """How many doses each drug has."""
        return tuple(len(doses) for doses in self.doses)

    @property
    def simulations(self) -> int:
        many = math.prod(self.grid) if self.wells is None else len(self.wells)
        return many * len(self.given)

    @property
    def places(self) -> Array:
        """The wells of the design, (drug, well)."""
        if self.wells is None:
            return np.indices(self.grid).reshape(len(self.grid), -1)
        return np.array(self.wells).T

    @property
    def given(self) -> tuple[tuple[int, ...], ...]:
        """The exposures (schedule, drug), one schedule at least."""
        return self.exposures or ((0,) * len(self.drugs),)

    @property
    def drug_1(self) -> str:
        return self.drugs[0]

    @property
    def drug_2(self) -> str:
        return self.drugs[1]

    @property
    def doses_1(self) -> tuple[float, ...]:
        return self.doses[0]

    @property
    def doses_2(self) -> tuple[float, ...]:
        return self.doses[1]


@dataclass(frozen=True)
class Layer:
    """Combinations of one number of drugs, whose responses share their dimensions: the pairs stand in the
    root group of a cube, the triples in `/triples`. `schedules` are names; without any, responses have no
    such dimension.
    """

    combinations: tuple[Combination, ...]
    schedules: tuple[str, ...] = ()

    @property
    def drugs(self) -> int:
        """Drugs in each combination."""
        return len(self.combinations[0].drugs)

    @property
    def group(self) -> str:
        """The group of the cube, empty for the root."""
        return "triples" if self.drugs == 3 else ""

    @property
    def grid(self) -> tuple[int, ...]:
        """The most doses that any combination has, for each drug."""
        return tuple(map(max, zip(*(combination.grid for combination in self.combinations), strict=True)))

    @property
    def dims(self) -> tuple[str, ...]:
        """The dimensions of a response."""
        return ("cell_line", "combination", *self.inner_dims, "time")

    @property
    def inner_dims(self) -> tuple[str, ...]:
        """The dimensions of the wells of one cell line and combination."""
        schedule = ("schedule",) if self.schedules else ()
        return (*schedule, *(f"dose_{k + 1}" for k in range(self.drugs)))

    @property
    def inner(self) -> tuple[int, ...]:
        """The sizes of `inner_dims`."""
        return (len(self.schedules), *self.grid) if self.schedules else self.grid

    @property
    def partial(self) -> bool:
        """Whether some wells of the grids are not in the design."""
        return any(together.wells is not None for together in self.combinations)

    @property
    def simulations(self) -> int:
        """Wells of one cell line."""
        return sum(combination.simulations for combination in self.combinations)


@dataclass(frozen=True)
class Shard:
    """A rectangle of a layer: half-open ranges of cell lines and of combinations."""

    index: int
    lines: tuple[int, int]
    combinations: tuple[int, int]
    layer: int = 0


def shards_of(
    lines: int, layers: tuple[Layer, ...], numbers: int, most: int | None = None, repeats: int = 1
) -> tuple[Shard, ...]:
    """The shards of every layer, numbered through; arguments as for `make_shards`."""
    shards: list[Shard] = []
    for index, layer in enumerate(layers):
        for shard in make_shards(lines, layer.combinations, numbers, most, repeats):
            shards.append(replace(shard, index=len(shards), layer=index))
    return tuple(shards)


def make_shards(
    lines: int,
    combinations: tuple[Combination, ...],
    numbers: int,
    most: int | None = None,
    repeats: int = 1,
) -> tuple[Shard, ...]:
    """Divide lines x combinations into rectangles of about `most` simulations, each of `numbers` values; a
    well is simulated `repeats` times.

    Whole lines share a shard while they fit; a line too large for one is divided by combinations.
    """
    per_line = repeats * sum(combination.simulations for combination in combinations)
    largest = repeats * max(combination.simulations for combination in combinations)
    if largest * numbers * 8 > LARGEST_UNIT_BYTES:
        size = largest * numbers * 8 / 1e9
        raise InputError(
            f"one cell line x combination makes {size:.1f} GB of responses, expected at most "
            f"{LARGEST_UNIT_BYTES / 1e9:g} GB: ask for fewer doses, times or readouts"
        )
    if most is None:
        total, (low, high) = lines * per_line, SHARD_SIMULATIONS
        share = lines / FEW_SHARDS if lines < FEW_SHARDS else math.ceil(lines / FEW_SHARDS)
        most = min(max(math.ceil(share * per_line), low), high)
        most = max(most, min(math.ceil(total / MANY_SHARDS), LARGEST_SHARD))
        most = max(1, min(most, SHARD_BYTES // (8 * numbers)))
    blocks_wanted = math.ceil(lines / max(1, most // per_line))
    together = math.ceil(lines / blocks_wanted)
    columns = [(0, len(combinations))] if per_line <= most else _columns(combinations, most // repeats)
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
