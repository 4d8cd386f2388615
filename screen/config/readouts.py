"""What is measured of a screen, and how, as a configuration says it."""

import re
from typing import Any, Literal

from pydantic import Field, model_validator

from screen.config.fields import Name, Part


class ReadoutSpec(Part):
    """A readout by its name, or an `expression` of readouts under a name of its own."""

    name: Name = Field(
        description="viability, gr_value, growth_rate, log_cells, an observable, share_<clone>, or a new name"
    )
    expression: Name | None = Field(
        default=None, description="like pAKT_S473 / AKT, or log2(pERK / vehicle(pERK))"
    )

    @model_validator(mode="after")
    def _a_variable_s_name(self) -> "ReadoutSpec":
        if self.expression is not None and not re.fullmatch(r"[A-Za-z_][\w.+-]*", self.name):
            raise ValueError(
                f"found the name {self.name!r}, expected letters, digits, _ . + - and no digit in front"
            )
        return self


def as_readouts(written: Any) -> Any:
    """Texts alone as readouts of that name, or as expressions that name themselves."""
    listed = written if isinstance(written, list | tuple) else [written]
    return [{"name": one} if isinstance(one, str) else one for one in listed]


class Noise(Part):
    """How a measured plate differs from the model; standard deviations as fractions of a signal."""

    additive: float = Field(default=0.0, ge=0, le=1, description="of every well, of the vehicle's signal")
    multiplicative: float = Field(default=0.0, ge=0, le=1, description="of every well, of its own signal")
    plate: float = Field(
        default=0.0, ge=0, le=1, description="shared by the dosed wells of a plate, not by its vehicle wells"
    )
    edge: float = Field(
        default=0.0, ge=0, le=0.9, description="share of the signal that wells at the rim of the plate lose"
    )
    layout: Literal["matrix", "random"] = Field(
        default="matrix", description="dose pairs are placed as in the matrix, or anywhere"
    )


class Replicates(Part):
    """Virtual plates: the viability of every well as `number` plates of each matrix would have it."""

    number: int = Field(default=3, ge=1, le=100)
    vehicle_wells: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="wells without drug next to the matrix, whose mean is viability 1",
    )
    seeding: int | None = Field(
        default=None, ge=1, le=10**9, description="cells in a well at time 0: counting is a Poisson process"
    )
    noise: Noise = Noise()

    @model_validator(mode="after")
    def _something_differs(self) -> "Replicates":
        noise = self.noise
        if self.seeding is None and not (noise.additive or noise.multiplicative or noise.plate):
            raise ValueError(
                "found replicates that differ in nothing, expected seeding or some of noise.additive, "
                "noise.multiplicative and noise.plate"
            )
        return self
