"""A cube as the report sees it: plain arrays in a fixed order of axes, and what the cube says of them."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    from screen.report.section import Section

Array = np.ndarray[Any, Any]
DIMS = ("cell_line", "combination", "dose_1", "dose_2", "time")


@dataclass(frozen=True)
class Readout:
    """A response variable, read from the cube when asked: (cell_line, combination, dose_1, dose_2, time)."""

    name: str
    label: str
    units: str
    source: "xr.DataArray"
    ends: "tuple[xr.DataArray, xr.DataArray] | None" = None
    """The 95 % interval over draws as the cube states it, where it keeps no draws."""

    def load(self, dtype: "type[np.floating[Any]]" = np.float32) -> Array:
        """The response, as float32 unless asked otherwise; over draws its median."""
        draws = self.load_draws(dtype)
        if draws is not None:
            return over_draws(draws, 0.5)
        return np.asarray(self.source.transpose(*DIMS).values, dtype)

    def load_draws(self, dtype: "type[np.floating[Any]]" = np.float32) -> Array | None:
        """The draws on a last axis, or None."""
        if "draw" not in self.source.dims:
            return None
        return np.asarray(self.source.transpose(*DIMS, "draw").values, dtype)

    def load_bounds(self, time: int) -> tuple[Array, Array] | None:
        """Ends of the 95 % interval at one assay time, (cell_line, combination, dose_1, dose_2): over the
        draws, else as the cube states it; None where it says nothing of its sureness.
        """
        if self.draws is not None:
            low, high = over_draws(self.draws[..., time, :], [0.025, 0.975])
            return low, high
        if self.ends is None:
            return None
        low, high = (np.asarray(end.transpose(*DIMS).isel(time=time).values, np.float32) for end in self.ends)
        return low, high

    @property
    def bounded(self) -> bool:
        """Whether there is an interval."""
        return self.ends is not None or "draw" in self.source.dims

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
    `high` its 95 % interval over parameter draws, `probability` the share of draws with a mean above 0.
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
class Screen:
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
    sections: "tuple[Section, ...]" = ()
    """What only some cubes have to tell."""
    replicates: "xr.DataArray | None" = None
    """Viability as virtual plates have it, with the dimension `replicate`, where the cube has some."""
    schedule: str = ""
    """The schedule shown, of a cube that has some."""

    @property
    def draws(self) -> int:
        """How many parameter draws stand behind the intervals; 0 where the cube has none or does not say."""
        source = self.readouts["viability"].source
        if "draw" in source.dims:
            return int(source.sizes["draw"])
        config = self.provenance.get("config")
        stated = self.provenance.get("draws", config.get("ensemble") if isinstance(config, dict) else 0)
        return stated if isinstance(stated, int) and not isinstance(stated, bool) else 0

    @property
    def main_model(self) -> ModelScore | None:
        """Bliss where it was scored, else the first model."""
        return next((model for model in self.models if model.name == "bliss"), next(iter(self.models), None))


def over_draws(values: Array, share: float | list[float]) -> Array:
    """Quantiles over the last axis, from the draws that were solved; NaN where none was."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanquantile(values, share, axis=-1))
