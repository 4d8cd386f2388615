"""What a calibration file may say, with its defaults and checks."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    ValidationInfo,
    field_validator,
)

from screen.config.fields import Name, Part
from screen.config.messages import validated
from screen.config.yaml_files.yaml_source import read_settings

Weight = Annotated[float, Field(gt=0, lt=1e6)]
FILES = ("evidence", "measured")


class CalibrationConfig(Part):
    """A calibration: members of the prior are brought to measured numbers and evidence by an ensemble smoother, several
    times from other seeds.
    """

    model_config = ConfigDict(strict=True)

    evidence: str = Field(default="", description="the table of statements, the built-in one unless given")
    measured: str = Field(
        default="", description="the table of measured numbers of single drugs, the built-in one unless given"
    )
    seed: NonNegativeInt = 1
    members: Annotated[int, Field(ge=8)] = Field(default=512, description="parameter sets of one smoother")
    steps: NonNegativeInt = Field(
        default=7,
        description="times that the members meet the data, with errors inflated less and less (0: not at all)",
    )
    repeats: PositiveInt = Field(
        default=3, description="smoothers from other members; their agreement is the convergence figure"
    )
    refine: NonNegativeInt = Field(
        default=0,
        description="Gauss-Newton steps from each smoother's mean to an optimum, where draws are then taken; "
        "with chains, as many again from the mean of their states",
    )
    sweeps: NonNegativeInt = Field(
        default=0,
        description="trajectories of each Markov chain, whose states draws are then taken from (0: none)",
    )
    chains: Annotated[int, Field(ge=2)] = Field(
        default=4, description="Markov chains that run side by side, begun around the repeats' optima in turn"
    )
    draws: PositiveInt = Field(
        default=128, validate_default=True, description="members written, evenly from all repeats"
    )
    margin: NonNegativeFloat = Field(
        default=1.0, description="how far intervals of statements are narrowed, in tolerances"
    )
    chance: NonNegativeFloat = Field(
        default=2.5,
        description="rows move a shared value where members correlate by so many times what chance gives (0: all do)",
    )
    weights: dict[Name, Weight] = Field(
        default_factory=dict, description="factors on the squared residuals of a kind of statement"
    )

    @field_validator("sweeps")
    @classmethod
    def _chains_begin_at_an_optimum(cls, sweeps: int, info: ValidationInfo) -> int:
        if sweeps and info.data.get("refine") == 0:
            raise ValueError(f"found {sweeps}, expected 0 where `refine` is 0: chains begin at an optimum")
        return sweeps

    @field_validator("draws")
    @classmethod
    def _draws_are_members(cls, draws: int, info: ValidationInfo) -> int:
        if not {"members", "repeats"} <= info.data.keys():
            return draws
        members = info.data["members"] * info.data["repeats"]
        if draws > members:
            raise ValueError(f"found {draws}, expected at most the {members} members of all repeats")
        return draws


def load_calibration(path: Path) -> CalibrationConfig:
    """The calibration in a YAML file; `evidence` and `measured` are relative to the file that names them.

    Raises `InputError` whose one line names the file, line and key, what was found and what was expected.
    """
    settings, places = read_settings(path)
    config = validated(CalibrationConfig, settings, places)
    named = [name for name in FILES if getattr(config, name)]
    found = {name: str(places.folder((name,)) / getattr(config, name)) for name in named}
    return config.model_copy(update=found)
