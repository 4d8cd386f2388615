"""A cube as the report sees it: plain arrays in a fixed order of axes, and what the cube says of them."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array

if TYPE_CHECKING:
    import xarray as xr


DIMS = ("cell_line", "combination", "dose_1", "dose_2", "time")


@dataclass(frozen=True)
class Ensemble:
    """The parameter draws behind a cube's intervals: how many, between which quantiles an interval lies, and
    whether the numbers beside it are those of the nominal parameters, and not medians over the draws.
    """

    draws: int = 0
    low: float = 0.025
    high: float = 0.975
    nominal: bool = False

    @property
    def level(self) -> str:
        """What an interval holds of the draws: `90 %`."""
        return f"{100 * (self.high - self.low):.0f}\u00a0%"


@dataclass(frozen=True)
class Readout:
    """A response variable, read from the cube when asked: (cell_line, combination, dose_1, dose_2, time)."""

    name: str
    label: str
    units: str
    source: "xr.DataArray"
    ends: "tuple[xr.DataArray, xr.DataArray] | None" = None
    """The interval over draws as the cube states it."""
    kept: "xr.DataArray | None" = None
    """The draws beside the nominal response, where the cube keeps them."""

    @property
    def varied(self) -> bool:
        """Whether the response itself is one for every draw, without a nominal one."""
        return "draw" in self.source.dims

    @property
    def bounded(self) -> bool:
        """Whether there is an interval."""
        return self.ends is not None or self.varied

    def load(self, dtype: "type[np.floating[Any]]" = np.float32) -> Array:
        """The response, as float32 unless asked otherwise: nominal, else the median over draws."""
        if self.varied:
            return over_draws(np.asarray(self.source.transpose(*DIMS, "draw").values, dtype), 0.5)
        return np.asarray(self.source.transpose(*DIMS).values, dtype)

    def load_draws(self) -> Array | None:
        """The draws on a last axis as float32, or None where the cube keeps none."""
        source = self.source if self.varied else self.kept
        return None if source is None else np.asarray(source.transpose(*DIMS, "draw").values, np.float32)

    def load_bounds(self, time: int) -> tuple[Array, Array] | None:
        """Ends of the interval at one assay time, (cell_line, combination, dose_1, dose_2): as the cube
        states it, else over its draws; None where it says nothing of its uncertainty.
        """
        if self.ends is not None:
            low, high = (
                np.asarray(end.transpose(*DIMS).isel(time=time).values, np.float32) for end in self.ends
            )
            return low, high
        if not self.varied or self.draws is None:
            return None
        low, high = over_draws(self.draws[..., time, :], [Ensemble.low, Ensemble.high])
        return low, high

    @cached_property
    def values(self) -> Array:
        """What `load` gives, kept for a second look."""
        return self.load()

    @cached_property
    def draws(self) -> Array | None:
        """What `load_draws` gives, kept for a second look."""
        return self.load_draws()


@dataclass(frozen=True)
class ModelScore:
    """One synergy model: summaries (cell_line, combination, time), percent points, positive = synergy; `low`,
    `high` its interval over parameter draws, `probability` the share of draws with a mean above 0.
    """

    name: str
    label: str
    mean: Array
    best: Array | None
    low: Array | None
    high: Array | None
    excess: Array | None
    reason: Array | None
    probability: Array | None = None


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
    cube: "xr.DataTree | None" = None
    """What it was read from, for the sections of the page that only some cubes have."""
    """What only some cubes have to tell."""
    replicates: "xr.DataArray | None" = None
    """Viability as virtual plates have it, with the dimension `replicate`, where the cube has some."""
    schedule: str = ""
    """The schedule shown, of a cube that has some."""
    mixtures: tuple[str, ...] = ()
    """The lines that are mixtures of clones."""
    ensemble: Ensemble = Ensemble()

    @property
    def main_model(self) -> ModelScore | None:
        """Bliss where it was scored, else the first model."""
        return next((model for model in self.models if model.name == "bliss"), next(iter(self.models), None))


def over_draws(values: Array, share: float | list[float]) -> Array:
    """Quantiles over the last axis, from the draws that were solved; NaN where none was."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanquantile(values, share, axis=-1))
