"""The design of a screen, as a configuration says it: which drugs are dosed together, and at what doses."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from screen.config.fields import Dose, Name, Part, one_or_more

MOST_POINTS = 200


class Combinations(Part):
    """Which drugs are dosed together: an anchor with each partner, all pairs of a list, pairs and triples
    listed one by one; `exclude` leaves out what holds all drugs of one of its entries.
    """

    anchor: Name | None = None
    partners: Annotated[list[Name], one_or_more(Name)] = Field(default_factory=list)
    all_pairs: list[Name] = Field(default_factory=list, description="every two of these drugs")
    pairs: list[list[Name]] = Field(default_factory=list)
    triples: Literal["all"] | list[list[Name]] = Field(
        default_factory=list,
        description="three drugs each, or two that join the anchor; all: the anchor with every two partners",
    )
    exclude: list[list[Name]] = Field(
        default_factory=list, description="two or three drugs each, which are not dosed together"
    )

    @model_validator(mode="after")
    def _something_to_dose(self) -> "Combinations":
        if self.partners and self.anchor is None:
            raise ValueError(
                "found partners without an anchor, expected `anchor: trastuzumab` or another drug"
            )
        if not (self.partners or self.all_pairs or self.pairs or self.triples):
            raise ValueError(
                "found no combination, expected `partners` of an anchor, `pairs`, `all_pairs` or `triples`"
            )
        if self.triples == "all" and len(self.partners) < 2:
            raise ValueError(
                f"found triples: all with {len(self.partners)} partners, expected an anchor and two or more"
            )
        return self

    @field_validator("all_pairs")
    @classmethod
    def _two_at_least(cls, drugs: list[str]) -> list[str]:
        if len(drugs) == 1:
            raise ValueError(f"found one drug, {drugs[0]}, expected two or more")
        return drugs

    @field_validator("pairs")
    @classmethod
    def _pairs_are_two(cls, pairs: list[list[str]]) -> list[list[str]]:
        return _of_sizes(pairs, (2,), "two drugs")

    @field_validator("triples")
    @classmethod
    def _triples_are_three(cls, triples: Any) -> Any:
        return (
            triples
            if triples == "all"
            else _of_sizes(triples, (2, 3), "three drugs, or two besides the anchor")
        )

    @field_validator("exclude")
    @classmethod
    def _excluded_are_together(cls, excluded: list[list[str]]) -> list[list[str]]:
        return _of_sizes(excluded, (2, 3), "two or three drugs that are not dosed together")


def _of_sizes(entries: list[list[str]], sizes: tuple[int, ...], expected: str) -> list[list[str]]:
    """The entries, each of which must hold one of these numbers of drugs."""
    for entry in entries:
        if len(entry) not in sizes:
            raise ValueError(f"found [{', '.join(entry)}], expected {expected}")
    return entries


def _ascending(multiples: list[float]) -> list[float]:
    if any(high <= low for low, high in pairwise([0.0, *multiples])):
        found = ", ".join(f"{multiple:g}" for multiple in multiples)
        raise ValueError(
            f"found {found}, expected multiples above 0 in ascending order (zero is always added)"
        )
    return multiples


def _not_one(points: Any) -> Any:
    if points == 1:
        raise ValueError("found 1, a grid of one dose, expected 2 or more: the zero and a dose above it")
    return points


Points = Annotated[int, BeforeValidator(_not_one), Field(ge=2, le=MOST_POINTS)]
Multiples = Annotated[
    list[Annotated[float, Field(le=1e6)]],
    one_or_more(float),
    AfterValidator(_ascending),
    Field(min_length=1, max_length=MOST_POINTS),
]


class DrugDoses(Part):
    """The doses of one drug: listed, spaced from `low` to `high`, or multiples of its Cmax or of
    each line's own GR50; zero is always added as index 0.
    """

    values: list[Dose] | None = Field(default=None, min_length=1, max_length=MOST_POINTS)
    low: Dose | None = None
    high: Dose | None = None
    points: Points | None = Field(default=None, description="doses counting the zero")
    spacing: Literal["log", "linear"] = "log"
    peak: Multiples | None = Field(default=None, description="multiples of the peak clinical concentration")
    gr50: Multiples | None = Field(default=None, description="multiples of the GR50 of each cell line")

    @model_validator(mode="after")
    def _one_kind(self) -> "DrugDoses":
        spaced = self.low is not None or self.high is not None or self.points is not None
        kinds = {
            "a list of doses": self.values is not None,
            "low, high or points": spaced,
            "peak": self.peak is not None,
            "gr50": self.gr50 is not None,
        }
        found = [kind for kind, there in kinds.items() if there]
        if len(found) > 1:
            raise ValueError(f"found {' together with '.join(found)}, expected one or the other")
        if self.low is not None and self.low.value == 0:
            raise ValueError("found low: 0, expected the lowest dose above zero (zero is always added)")
        return self


class Adaptive(Part):
    """A coarse part of each grid, refined where the score is most uncertain until `wells` are simulated."""

    wells: int = Field(default=40, ge=20, le=10_000, description="wells of each line and pair, edges counted")


class Doses(Part):
    """The dose grid: `points` doses of each drug, counting the zero, over its standard range, or multiples of
    its Cmax or GR50, unless `drugs` says; whole, on `rays` alone, or `adaptive`.
    """

    points: Points = 8
    peak: Multiples | None = Field(
        default=None, description="multiples of each drug's peak clinical concentration"
    )
    gr50: Multiples | None = Field(
        default=None, description="multiples of each drug's GR50 in each cell line"
    )
    rays: Annotated[list[float], one_or_more(float), Field(min_length=1, max_length=20)] | None = Field(
        default=None,
        description="single agents and lines of fixed ratio: 1 pairs the doses in order, 0.5 halves drug 2's",
    )
    adaptive: Adaptive | None = None
    drugs: dict[Name, DrugDoses] = Field(default_factory=dict)

    @field_validator("rays")
    @classmethod
    def _rays_hold_two_drugs(cls, rays: list[float] | None) -> list[float] | None:
        for ratio in rays or []:
            if not ratio > 0:
                raise ValueError(
                    f"found a ray of ratio {ratio:g}, which holds one drug, expected one above 0"
                )
        if rays and len(set(rays)) < len(rays):
            raise ValueError(
                f"found {', '.join(f'{ratio:g}' for ratio in rays)}, expected ratios without repeats"
            )
        return rays

    @field_validator("drugs", mode="before", json_schema_input_type=dict[Name, DrugDoses | list[Dose]])
    @classmethod
    def _lists_are_values(cls, written: Any) -> Any:
        if not isinstance(written, dict):
            return written
        return {
            name: {"values": doses} if isinstance(doses, list) else doses for name, doses in written.items()
        }

    @model_validator(mode="after")
    def _one_kind(self) -> "Doses":
        if self.peak is not None and self.gr50 is not None:
            raise ValueError("found peak together with gr50, expected one or the other")
        if self.rays is not None and self.adaptive is not None:
            raise ValueError("found rays together with adaptive, expected one or the other")
        return self
