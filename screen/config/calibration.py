"""What a calibration file may say, with its defaults and checks."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    field_validator,
)

from screen.config.fields import Name, Part
from screen.config.messages import validated
from screen.config.yaml_source import read_settings

Weight = Annotated[float, Field(gt=0, lt=1e6)]


class CalibrationConfig(Part):
    """A calibration: a search for the nominal parameters by least squares from draws of the prior, then chains
    of the posterior from the best optima.
    """

    model_config = ConfigDict(strict=True)

    evidence: str = Field(default="", description="the table to fit to, the built-in one unless given")
    seed: NonNegativeInt = 1
    candidates: PositiveInt = Field(default=256, description="draws of the prior to choose the starts from")
    starts: PositiveInt = Field(
        default=8, validate_default=True, description="the best candidates, each of which is improved"
    )
    bursts: PositiveInt = Field(
        default=5, description="runs of least squares a start gets, each from where the last one ended"
    )
    evaluations: PositiveInt = Field(
        default=10, description="evaluations of the residuals in a burst, at most"
    )
    robust: PositiveFloat = Field(
        default=5.0, description="standardised residual above which a row counts by its logarithm"
    )
    margin: NonNegativeFloat = Field(
        default=1.5, description="how far intervals are narrowed, in standard deviations"
    )
    chains: PositiveInt = 4
    steps: PositiveInt = Field(default=20000, description="proposals of each chain")
    warm_up: PositiveInt = Field(default=4750, description="the first of them, to adapt; not kept")
    block: PositiveInt = Field(default=12, description="directions that one proposal changes")
    thin: PositiveInt = Field(default=25, description="every so many states one is kept")
    draws: PositiveInt = Field(default=64, description="states written, evenly from all chains")
    weights: dict[Name, Weight] = Field(
        default_factory=dict, description="factors on the squared residuals of a kind of row"
    )

    @field_validator("starts")
    @classmethod
    def _starts_are_candidates(cls, starts: int, info: ValidationInfo) -> int:
        candidates = info.data.get("candidates", starts)
        if starts > candidates:
            raise ValueError(f"found {starts}, expected at most the {candidates} candidates")
        return starts


def load_calibration(path: Path) -> CalibrationConfig:
    """The calibration in a YAML file; `evidence` is relative to the file that names it.

    Raises `InputError` whose one line names the file, line and key, what was found and what was expected.
    """
    settings, places = read_settings(path)
    config = validated(CalibrationConfig, settings, places)
    if not config.evidence:
        return config
    evidence = places.folder(("evidence",)) / config.evidence
    return config.model_copy(update={"evidence": str(evidence)})
