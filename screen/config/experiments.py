"""What a configuration of `herscreen next` may say, with its defaults and checks."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator

from screen.config.cell_lines import LineSpec
from screen.config.fields import Dose, Hours, Name, Part, listed, one_or_more
from screen.config.learning import ABSOLUTE, LikeLine, PriorEnsemble, as_like
from screen.config.messages import validated
from screen.config.screen import ScreenConfig, parse_config
from screen.config.yaml_files.yaml_source import Places, read_settings
from screen.errors import InputError


class Hypothesis(Part):
    """A statement that is true of a member or not: the perturbation changes the response by so much, or more."""

    name: Name = Field(description="in words, as `the loop carries the resistance`")
    line: Name
    treatment: dict[Name, Dose] = Field(description="drugs and doses")
    perturbation: dict[Name, Annotated[float, Field(ge=0, le=1e6)]] = Field(
        min_length=1, description="factors on entities, like PPP3CB: 4"
    )
    changes: float = Field(
        description="the change of viability from which on it is true: -0.1 for 10 points lower"
    )


class Drugs(Part):
    """What stands on the shelf: the anchor and its partners."""

    anchor: Name = "trastuzumab"
    partners: Annotated[list[Name], one_or_more(Name)] = Field(min_length=1)


class Offered(Part):
    """What the laboratory offers to measure."""

    points: int = Field(
        default=3, ge=1, le=12, description="doses above 0 of each drug, over its standard range"
    )
    doses: dict[Name, Annotated[list[Dose], one_or_more(Dose)]] = Field(
        default_factory=dict, description="doses of a drug, in place of the standard ones"
    )
    unit: Literal["plate", "well"] = Field(
        default="plate", description="whole matrices of a line and pair, or single dose pairs, are chosen"
    )
    markers: Annotated[list[Name], one_or_more(Name)] = Field(
        default_factory=list,
        description="observables, as ratios to the vehicle, under the anchor and under each pair",
    )
    marker_time: Hours = 24.0
    knock_downs: Annotated[list[Name], one_or_more(Name)] = Field(
        default_factory=list, description="entities whose knock-down is offered, under the anchor"
    )
    knocked_to: float = Field(default=0.3, gt=0, lt=1, description="what a knock-down leaves")


class Budget(Part):
    """What may be spent, at most."""

    plates: int = Field(default=1, ge=1, le=1000, description="a plate holds one line")
    size: Literal[96, 384] = 96
    rim: bool = Field(default=False, description="use wells at the rim of the plate too")
    vehicle_wells: int = Field(
        default=6, ge=1, le=96, description="on each plate, and of each knock-down on it"
    )
    replicates: int = Field(default=2, ge=1, le=24)
    partners: int | None = Field(default=None, ge=1, description="different partners")
    lines: int | None = Field(default=None, ge=1, description="different lines")
    markers: int = Field(default=0, ge=0, description="marker measurements")


class Errors(Part):
    """How far measurements lie from the truth."""

    well: float = Field(default=0.05, gt=0, le=1, description="viability, of single wells (assumed 5 points)")
    shared: float = Field(
        default=0.03, ge=0, le=1, description="viability, shared by near doses of a plate (assumed 3 points)"
    )
    marker: float = Field(
        default=0.25, gt=0, le=3, description="natural logarithm of a marker's ratio (assumed)"
    )


class NextConfig(Part):
    """Which experiments to choose, for which question, from what, within which budget."""

    name: str = Field("next", description="names the folder results/<name>; the file's name unless given")
    description: str = ""
    about: Literal["best partner", "parameters"] | Hypothesis = Field(
        default="best partner", description="the question, or a hypothesis with its name"
    )
    criterion: Literal["viability", "bliss"] = Field(
        default="viability",
        description="the best partner leaves the least over the grid, or has the most excess",
    )
    parameters: list[Name] = Field(default_factory=list, description="asked for by name; all unless given")
    lines: Annotated[list[Name], one_or_more(Name)] = Field(min_length=1, description="in culture")
    drugs: Drugs
    offered: Offered = Offered()
    time: Hours = 72.0
    budget: Budget = Budget()
    errors: Errors = Errors()
    ensemble: PriorEnsemble = PriorEnsemble()
    cell_lines: Annotated[list[LineSpec], one_or_more(str | LineSpec)] = Field(
        default_factory=list, description="lines that the model does not have, as in `herscreen learn`"
    )
    around: dict[
        Name, Annotated[LikeLine, BeforeValidator(as_like, json_schema_input_type=str | LikeLine)]
    ] = Field(default_factory=dict, description="lines of which only is known what they are like")
    stocks: dict[Name, Dose] = Field(
        default_factory=dict,
        description="stock concentrations; 10 mM, antibodies 21 mg/mL, unless given (assumed)",
    )
    volume_uL: float = Field(default=100.0, gt=0, le=2000, description="of a well")
    members: int = Field(default=256, ge=32, le=10_000)
    seed: int = Field(default=0, ge=0, le=2**63 - 1)

    _places: Places = PrivateAttr(default_factory=Places)

    @field_validator("cell_lines", mode="before")
    @classmethod
    def _names_are_lines(cls, written: Any) -> Any:
        return [{"name": line} if isinstance(line, str) else line for line in listed(written)]

    def error(self, key: str, message: object) -> InputError:
        """An `InputError` that names where in the file `key`, a dotted path, was written."""
        return InputError(f"{self._places.name(tuple(key.split('.')))}: {message}")

    @property
    def places(self) -> Places:
        """Where keys stand in the file."""
        return self._places

    @property
    def lines_key(self) -> str:
        """The key under which lines are named."""
        return "lines"

    def lines_screen(self) -> ScreenConfig:
        """A screen of the lines of `cell_lines`, by which their names are resolved."""
        lines = [line.model_dump(exclude_defaults=True) for line in self.cell_lines]
        pair = {"anchor": "trastuzumab", "partners": ["lapatinib"]}
        return parse_config({"cell_lines": lines, "combinations": pair, "seed": self.seed}, self._places)

    def read_from(self, places: Places) -> "NextConfig":
        """This configuration, which knows from now on where its keys are in the file."""
        self._places = places
        return self


def load_next(path: Path, overrides: tuple[str, ...] = ()) -> NextConfig:
    """The configuration in a YAML file, paths in it relative to the file that names them. Raises `InputError`."""
    settings, places = read_settings(path, overrides, required=("lines", "drugs"))
    settings.setdefault("name", path.stem)
    config = validated(NextConfig, settings, places)

    def beside(written: str, *key: str) -> str:
        return str((places.folder(key) / written).absolute())

    lines = []
    for index, line in enumerate(config.cell_lines):
        named = {name: getattr(line, name) for name in ABSOLUTE if getattr(line, name)}
        found = {name: beside(one, "cell_lines", str(index), name) for name, one in named.items()}
        lines.append(line.model_copy(update=found))
    changes: dict[str, Any] = {"cell_lines": lines}
    if config.ensemble.source is not None:
        source = beside(config.ensemble.source, "ensemble", "from")
        changes["ensemble"] = config.ensemble.model_copy(update={"source": source})
    return config.model_copy(update=changes).read_from(places)
