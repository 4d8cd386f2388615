"""What is measured of a screen, and how, as a configuration says it."""

import re
from typing import Any

from pydantic import Field, model_validator

from screen.parts import Name, Part


class Measured(Part):
    """A readout by its name, or an `expression` of readouts under a name of its own."""

    name: Name = Field(
        description="viability, gr_value, growth_rate, an observable, share_<clone>, or a new name"
    )
    expression: Name | None = Field(
        default=None, description="like pAKT_S473 / AKT, or log2(pERK / vehicle(pERK))"
    )

    @model_validator(mode="after")
    def _a_variable_s_name(self) -> "Measured":
        if self.expression is not None and not re.fullmatch(r"[A-Za-z_][\w.+-]*", self.name):
            raise ValueError(
                f"found the name {self.name!r}, expected letters, digits, _ . + - and no digit in front"
            )
        return self


def as_readouts(written: Any) -> Any:
    """Texts alone as readouts of that name, or as expressions that name themselves."""
    listed = written if isinstance(written, list | tuple) else [written]
    return [{"name": one} if isinstance(one, str) else one for one in listed]
