"""A cube as the report sees it: plain arrays in a fixed order of axes, and what the cube says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from screen.arrays import Array
from screen.cube.reader import READOUT, CubeReader
from screen.cube.schema import QUANTILES
from screen.cube.stored import StoredVariable

DIMS = READOUT


@dataclass(frozen=True)
class DrawIntervals:
    """The parameter draws behind a cube's intervals, 0 without an ensemble, and between which quantiles of
    them an interval lies.
    """

    draws: int = 0
    low: float = QUANTILES["low"]
    high: float = QUANTILES["high"]

    @property
    def level(self) -> str:
        """What an interval holds of the draws: `90 %`."""
        return f"{100 * (self.high - self.low):.0f}\u00a0%"


@dataclass(frozen=True)
class Readout:
    """A response variable, read from the cube when asked: (cell_line, combination, dose_1, dose_2, time)."""

    name: str
    source: StoredVariable
    ends: tuple[StoredVariable, StoredVariable] | None = None
    """The interval over draws."""
    kept: StoredVariable | None = None
    """The draws themselves, where the cube keeps them."""
    schedule: int = 0
    median: StoredVariable | None = None
    """The median over the draws, where the cube has it: what is shown, since the interval is of the same draws."""

    @property
    def label(self) -> str:
        return str(self.source.attributes.get("long_name", self.name))

    @property
    def units(self) -> str:
        return self.source.units

    @property
    def bounded(self) -> bool:
        """Whether there is an interval."""
        return self.ends is not None

    def load(self, dtype: "type[np.floating[Any]]" = np.float32) -> Array:
        """The response that is shown: the median over the draws, without draws that under the nominal parameters."""
        return (self.median or self.source).array(*DIMS, schedule=self.schedule).astype(dtype)

    def nominal(self, dtype: "type[np.floating[Any]]" = np.float32) -> Array:
        """The response under the nominal parameters."""
        return self.source.array(*DIMS, schedule=self.schedule).astype(dtype)

    def load_bounds(self, time: int) -> tuple[Array, Array] | None:
        """Ends of the interval at one assay time, (cell_line, combination, dose_1, dose_2); None without."""
        if self.ends is None:
            return None
        at = {"time": time, "schedule": self.schedule}
        low, high = (end.array(*DIMS[:4], **at).astype(np.float32) for end in self.ends)
        return low, high

    @cached_property
    def values(self) -> Array:
        """What `load` gives, kept for a second look."""
        return self.load()

    @cached_property
    def draws(self) -> Array | None:
        """The draws on a last axis as float32, or None where the cube keeps none."""
        if self.kept is None:
            return None
        return self.kept.array(*DIMS, "draw", schedule=self.schedule).astype(np.float32)


@dataclass(frozen=True)
class ModelScore:
    """One synergy model: summaries (cell_line, combination, time), percent points, positive = synergy; `low`,
    `high` its interval over parameter draws, `probability` the share of draws with a mean above 0. `mean`, `best` and
    `excess` are medians over the same draws, where the cube has them, `nominal` and `nominal_best` those of the nominal
    parameters.
    """

    name: str
    label: str
    mean: Array
    best: Array | None
    low: Array | None
    high: Array | None
    of_doses: tuple[StoredVariable, int] | None
    """The excess of each dose pair as it is stored, and the row of the schedule shown."""
    reason: Array | None
    probability: Array | None = None
    nominal: Array | None = None
    nominal_best: Array | None = None

    @cached_property
    def excess(self) -> Array | None:
        """The excess of each dose pair, read when it is first asked for and kept; None where there is none."""
        if self.of_doses is None:
            return None
        return self.load_excess(slice(None))

    def load_excess(self, time: "int | slice") -> Array:
        """The excess at one assay time, (cell_line, combination, dose_1, dose_2), or at all, not kept."""
        assert self.of_doses is not None
        source, schedule = self.of_doses
        if isinstance(time, int):
            return source.array(*DIMS[:4], time=time, schedule=schedule).astype(np.float32)
        return source.array(*DIMS, schedule=schedule).astype(np.float32)


@dataclass(frozen=True)
class CubeView:
    """A cube without its file. `concentration_*`: (cell_line or 1, combination, dose) in nM, index 0 is 0."""

    title: str
    lines: tuple[str, ...]
    parents: tuple[int | None, ...]
    combinations: tuple[str, ...]
    drug_1: tuple[str, ...]
    drug_2: tuple[str, ...]
    partners: tuple[str, ...]
    anchor: str
    concentration_1: Array
    concentration_2: Array
    times_h: Array
    readouts: Mapping[str, Readout]
    status: Array
    models: tuple[ModelScore, ...]
    extra_scores: Mapping[str, Array]
    extra_labels: Mapping[str, str]
    markers: Mapping[str, tuple[str, Array]]
    line_notes: Mapping[str, tuple[str, ...]]
    peak_nM: Mapping[str, float]
    provenance: Mapping[str, Any]
    left_out: tuple[str, ...]
    controls: tuple[tuple[bool, str], ...] = ()
    """(passed, sentence) of every control of the run."""
    cube: CubeReader | None = None
    """What it was read from, for the sections of the page that only some cubes have."""
    replicates: StoredVariable | None = None
    """Viability as virtual plates have it, with the dimension `replicate`, where the cube has some."""
    schedule: str = ""
    """The schedule shown, of a cube that has some, and its row."""
    schedule_row: int = 0
    mixtures: tuple[str, ...] = ()
    """The lines that are mixtures of clones."""
    ensemble: DrawIntervals = DrawIntervals()

    @property
    def main_model(self) -> ModelScore | None:
        """Bliss where it was scored, else the first model."""
        return next((model for model in self.models if model.name == "bliss"), next(iter(self.models), None))

    def pair_name(self, column: int) -> str:
        """What a pair is called: its partner where every pair begins with the anchor, else both drugs."""
        if all(drug == self.anchor for drug in self.drug_1):
            return self.partners[column]
        return f"{self.drug_1[column]} + {self.drug_2[column]}"
