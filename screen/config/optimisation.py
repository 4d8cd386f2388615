"""What `herscreen optimise` is to reach with the combinations of a screen, and within which bounds."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from screen.config.fields import Name, Part, one_or_more
from screen.units import Concentration, parse_concentration


def _cap(written: Any) -> Any:
    """A fraction of the drug's Cmax (a number), or a concentration with its unit."""
    if isinstance(written, str):
        return parse_concentration(written)
    if isinstance(written, bool) or not isinstance(written, int | float | Concentration):
        raise ValueError(f"found {written!r}, expected a fraction of Cmax or a concentration")
    if not isinstance(written, Concentration) and not 0 < written <= 100:
        raise ValueError(f"found {written!r}, expected a fraction of Cmax above 0, at most 100")
    return written if isinstance(written, Concentration) else float(written)


Cap = Annotated[
    float | Concentration,
    BeforeValidator(_cap),
    PlainSerializer(lambda cap: str(cap) if isinstance(cap, Concentration) else cap),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string"}],
            "description": "a fraction of Cmax, the peak clinical concentration (0.5), or a concentration (100 nM)",
        }
    ),
]


class Goal(Part):
    """Least viability in `lines` with every dose at most its cap and a bounded effect on `reference`."""

    lines: Annotated[list[Name], one_or_more(Name)] = Field(
        default=["resistant"],
        min_length=1,
        description="resistant: those in which the first drug at its cap does little; all; or names",
    )
    reference: Name = Field(default="MCF10A", description="the line to be spared")
    reference_effect: float = Field(
        default=0.2, gt=0, le=1, description="the share of the reference's cells that may be removed at most"
    )
    cap: Cap = Field(default=1.0, description="of every drug")
    caps: dict[Name, Cap] = Field(default_factory=dict, description="of single drugs")
    against: Annotated[list[Literal["reference", "dose"]], one_or_more(Literal["reference", "dose"])] = Field(
        default=["reference", "dose"],
        min_length=1,
        description="what viability is traded for: the effect on the reference, or total dose",
    )
    points: int = Field(default=11, ge=3, le=60, description="doses of each drug in the first grid")
    rounds: int = Field(default=4, ge=0, le=8, description="refinements, each of which halves the step")
