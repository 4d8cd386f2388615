"""What the parts of a configuration are made of: the base class, quantities with units, names."""

from collections.abc import Callable
from typing import Annotated, Any, Union, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from screen.units import Concentration, parse_concentration, parse_hours

_QUANTITY = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]}
Dose = Annotated[
    Concentration,
    BeforeValidator(parse_concentration),
    PlainSerializer(str),
    WithJsonSchema(_QUANTITY | {"description": "a concentration: 100 nM, 10 ug/mL, or a number in nM"}),
]
Hours = Annotated[
    float,
    BeforeValidator(parse_hours),
    WithJsonSchema(_QUANTITY | {"description": "a time: 72 h, 5 d, or a number in hours"}),
]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]


def listed(written: Any) -> Any:
    """A single value where a list is expected."""
    return written if isinstance(written, list | tuple) else [written]


def one_or_more(one: Any, as_list: Callable[[Any], Any] = listed) -> BeforeValidator:
    """Accepts one item in place of a list of it; `one` is what an item may look like, for the JSON Schema."""
    return BeforeValidator(as_list, json_schema_input_type=Union[one, list[one]])  # noqa: UP007


class Part(BaseModel):
    """What every part of a configuration has in common: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _truth_is_no_number(cls, written: Any, info: ValidationInfo) -> Any:
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(written, bool) and {kind, *get_args(kind)} & {int, float}:
            raise ValueError(f"found {str(written).lower()}, expected a number")
        return written
