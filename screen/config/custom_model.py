"""How a model of the user's own is screened, as a configuration says it: which parameters and species its
drugs act on, what differs between its cell lines, what is read out, and which readout counts as viability.
Symbols of the model are only text here; `screen.pathway.model.custom` finds them in the file.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from screen.config.fields import Dose, Hours, Name, Part, one_or_more

Number = Annotated[float, Field(ge=0, le=1e15)]
NEEDS = {"inhibits": ("IC50",), "activates": ("EC50", "fold"), "sets concentration of": ()}
TAKES = {
    "inhibits": ("IC50", "hill"),
    "activates": ("EC50", "fold", "hill"),
    "sets concentration of": ("units_per_nM",),
}
PER_HOUR = {"s": 3600.0, "min": 60.0, "h": 1.0, "d": 1 / 24}


class Action(Part):
    """What a drug does to one symbol: at the concentration c, `inhibits` divides a constant by
    1 + (c/IC50)^hill, `activates` multiplies it by 1 + (fold - 1) u/(1 + u) with u = (c/EC50)^hill, and
    `sets concentration of` adds c times `units_per_nM` to a species or parameter at the time of dosing.
    """

    action: Literal["inhibits", "activates", "sets concentration of"]
    target: Name = Field(description="a parameter (reaction.parameter for a local one) or a species")
    IC50: Dose | None = None
    EC50: Dose | None = None
    hill: float | None = Field(default=None, gt=0, le=20, description="Hill coefficient; 1 unless given")
    fold: float | None = Field(default=None, gt=1, le=1e6, description="activates: factor at saturation")
    units_per_nM: float | None = Field(
        default=None, gt=0, le=1e15, description="the model's units in 1 nM; 1 unless given"
    )

    @model_validator(mode="after")
    def _what_the_action_takes(self) -> "Action":
        for key in NEEDS[self.action]:
            if getattr(self, key) is None:
                raise ValueError(f"found '{self.action}' without {key}, expected it")
        for key in ("IC50", "EC50", "hill", "fold", "units_per_nM"):
            if getattr(self, key) is not None and key not in TAKES[self.action]:
                takes = ", ".join(TAKES[self.action])
                raise ValueError(f"found {key} next to '{self.action}', which takes {takes}")
        for key in ("IC50", "EC50"):
            potency = getattr(self, key)
            if potency is not None and potency.value == 0:
                raise ValueError(f"found {key}: 0, expected a concentration above zero")
        return self


class CustomDrug(Action):
    """A drug: its first action, any others under `also`, and the doses that it is tested over."""

    also: list[Action] = Field(default_factory=list, description="further symbols that it acts on")
    low: Dose = Field(description="lowest dose above 0 of the standard range")
    high: Dose
    peak: Dose | None = Field(default=None, description="peak clinical concentration, Cmax")
    molar_mass_kDa: float | None = Field(default=None, gt=0, le=1e4)
    antibody: bool = False
    source: str = ""


class CustomLine(Part):
    """A cell line: `factors` on what `varies`, and `values` of single symbols in the model's units."""

    factors: dict[Name, Number] = Field(default_factory=dict)
    values: dict[Name, Number] = Field(default_factory=dict)
    source: str = ""


Formula = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
"""Longer than a name: an observable may be a share of the sum of all states."""


class CustomReadout(Part):
    """A symbol, `amount(S)`, `concentration(S)`, or a formula of symbols."""

    formula: Formula
    units: str = Field(default="model units", max_length=60)


def _readouts(written: Any) -> Any:
    """A list of symbols, or formulas without units, in place of readouts."""
    if isinstance(written, str):
        written = [written]
    if isinstance(written, list):
        written = {name: name for name in written}
    if not isinstance(written, dict):
        return written
    return {name: {"formula": one} if isinstance(one, str) else one for name, one in written.items()}


class CustomDose(Part):
    """What is given to every well, treated or not: an amount of a species (or of a variable with a rate rule), once or
    again and again after dosing.
    """

    into: Name = Field(description="the species that it is added to")
    amount: float = Field(gt=0, le=1e15, description="how much, in the model's unit of substance")
    time: Hours = Field(default=0.0, description="when, after the time of dosing")
    every: Hours | None = Field(default=None, description="how long until it is given again")
    times: int = Field(default=1, ge=1, le=200, description="how often it is given")

    @model_validator(mode="after")
    def _interval(self) -> "CustomDose":
        if (self.times > 1) != bool(self.every):
            raise ValueError("expected `every` above 0 and `times` above 1 together, or neither")
        return self


class _Mapping(Part):
    """What makes a screen of a model: the drugs, what differs between lines, and what counts as viability."""

    time_unit: Literal["s", "min", "h", "d"] = Field(description="the model's unit of time")
    doses: Annotated[list[CustomDose], one_or_more(CustomDose)] = Field(
        default_factory=list, description="what every well is given after the time of dosing"
    )
    fast_reactions: Literal["refuse", "as written", "equilibrium"] = Field(
        default="refuse",
        description="reactions marked fast: refuse them, simulate their rate laws, or hold them in equilibrium",
    )
    drugs: dict[Name, CustomDrug] = Field(min_length=1)
    varies: dict[Name, Annotated[list[Name], one_or_more(Name), Field(min_length=1)]] = Field(
        default_factory=dict, description="what differs between lines: a name and the symbols it multiplies"
    )
    reference: Name | None = Field(default=None, description="the line that the others derive from")
    viability: Name = Field(
        description="the readout, or a formula, whose share of the untreated well's is the viability"
    )


class CustomModel(_Mapping):
    """A model file with the mapping that makes a screen of it."""

    file: str = Field(description="SBML or Antimony, relative to the configuration")
    obtain: str = Field(default="", description="where to get the file; shown while it is missing")
    start: Literal["steady state", "initial"] = Field(
        default="steady state", description="the state in which lines are dosed"
    )
    stimulus: dict[Name, Number] = Field(
        default_factory=dict, description="symbols set in every well at the time of dosing"
    )
    cell_lines: dict[Name, CustomLine] = Field(
        min_length=1, description="by name; the first is the reference"
    )
    readouts: Annotated[dict[Name, CustomReadout], BeforeValidator(_readouts)] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_agree(self) -> "CustomModel":
        if self.reference is not None and self.reference not in self.cell_lines:
            lines = ", ".join(self.cell_lines)
            raise ValueError(f"found the reference '{self.reference}', expected one of the lines {lines}")
        return self


class PetabModel(_Mapping):
    """A PEtab problem in place of a file: its model, its conditions as lines and its observables as readouts, all at
    the nominal values of its parameters.
    """

    petab: str = Field(description="the problem's YAML file, relative to the configuration")
    readouts: Annotated[dict[Name, CustomReadout], BeforeValidator(_readouts)] = Field(
        default_factory=dict, description="in place of the problem's observables"
    )
