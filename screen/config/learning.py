"""What a configuration of `herscreen learn` may say, with its defaults and checks."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator

from screen.config.cell_lines import LineSpec
from screen.config.fields import Hours, Name, Part, listed, one_or_more
from screen.config.messages import validated
from screen.config.screen import ScreenConfig, parse_config
from screen.config.yaml_files.yaml_source import Places, read_settings
from screen.errors import InputError

ABSOLUTE = ("table", "expression")


class LikeLine(Part):
    """What a line is like of which nothing else is known: a named line, and how far lines may differ from it."""

    like: Name = Field(description="the named line")
    spread: float = Field(default=1.0, gt=0, le=5, description="scales the widths of population.tsv")


class PriorEnsemble(Part):
    """The ensemble that is learnt from: the calibrated one unless a file of draws, or of what was learnt, is given."""

    source: str | None = Field(
        default=None, alias="from", description="a table of draws, or the .h5 of an earlier `herscreen learn`"
    )


def as_like(written: Any) -> Any:
    """A bare name as the line that another is like."""
    return {"like": written} if isinstance(written, str) else written


class LearningConfig(Part):
    """Measured plates of any number of lines, and how they are learnt from."""

    name: str = Field("learn", description="names the folder results/<name>; the file's name unless given")
    description: str = ""
    plates: Annotated[list[str], one_or_more(str)] = Field(
        min_length=1,
        description="files of plates as `herscreen score` reads them, or patterns like plates/*.csv",
    )
    markers: Annotated[list[str], one_or_more(str)] = Field(
        default_factory=list,
        description="files of marker readings: `markers.csv` of `herscreen next` with its column ratio filled in",
    )
    response: Literal["viability", "inhibition"] | None = Field(
        default=None, description="what the plates hold; detected unless given"
    )
    time: Hours | None = Field(
        default=None, description="when plates were read that do not say so; 72 h unless given"
    )
    line: Name | None = Field(default=None, description="the line of plates that name none")
    cell_lines: Annotated[list[LineSpec], one_or_more(str | LineSpec)] = Field(
        default_factory=list,
        description="lines that the model does not have: of a table, of gene expression, variants under a perturbation",
    )
    around: dict[
        Name, Annotated[LikeLine, BeforeValidator(as_like, json_schema_input_type=str | LikeLine)]
    ] = Field(
        default_factory=dict, description="lines of which only is known what they are like, as `MINE: BT474`"
    )
    ensemble: PriorEnsemble = PriorEnsemble()
    members: int = Field(default=256, ge=16, le=10_000, description="parameter sets that meet the plates")
    steps: int = Field(
        default=4, ge=1, le=32, description="times that they do, with errors inflated less and less"
    )
    draws: int = Field(default=64, ge=8, description="members written as the new ensemble")
    folds: int = Field(default=5, ge=0, le=100, description="parts for cross-validation; 0 for none")
    seed: int = Field(default=0, ge=0, le=2**63 - 1)
    plan: Annotated[list[str], one_or_more(str)] = Field(
        default_factory=list, description="plans of `herscreen next` whose predictions are to be checked"
    )

    _places: Places = PrivateAttr(default_factory=Places)

    @field_validator("cell_lines", mode="before")
    @classmethod
    def _names_are_lines(cls, written: Any) -> Any:
        return [{"name": line} if isinstance(line, str) else line for line in listed(written)]

    @field_validator("name")
    @classmethod
    def _name_is_a_folder_name(cls, name: str) -> str:
        if not re.fullmatch(r"[^/\\\x00-\x1f]{1,200}", name) or name.strip(". ") == "":
            raise ValueError(f"found {name!r}, expected a name for a folder")
        return name

    def error(self, key: str, message: object) -> InputError:
        """An `InputError` that names where in the file `key`, a dotted path, was written."""
        return InputError(f"{self._places.name(tuple(key.split('.')))}: {message}")

    @property
    def lines_key(self) -> str:
        """The key under which lines are named."""
        return "plates"

    def lines_screen(self) -> ScreenConfig:
        """A screen of the lines of `cell_lines`, by which their names are resolved."""
        lines = [line.model_dump(exclude_defaults=True) for line in self.cell_lines]
        pair = {"anchor": "trastuzumab", "partners": ["lapatinib"]}
        return parse_config({"cell_lines": lines, "combinations": pair, "seed": self.seed}, self._places)

    def read_from(self, places: Places) -> "LearningConfig":
        """This configuration, which knows from now on where its keys are in the file."""
        self._places = places
        return self


def load_learning(path: Path, overrides: tuple[str, ...] = ()) -> LearningConfig:
    """The configuration in a YAML file, paths in it relative to the file that names them.

    Raises `InputError` whose one line names the file, line and key, what was found and what was expected.
    """
    settings, places = read_settings(path, overrides, required=("plates",))
    settings.setdefault("name", path.stem)
    config = validated(LearningConfig, settings, places)

    def beside(written: str, *key: str) -> str:
        return str((places.folder(key) / written).absolute())

    lines = [
        line.model_copy(
            update={
                name: beside(getattr(line, name), "cell_lines", str(index), name)
                for name in ABSOLUTE
                if getattr(line, name)
            }
        )
        for index, line in enumerate(config.cell_lines)
    ]
    changes: dict[str, Any] = {
        "plates": [beside(one, "plates") for one in config.plates],
        "markers": [beside(one, "markers") for one in config.markers],
        "plan": [beside(one, "plan") for one in config.plan],
        "cell_lines": lines,
    }
    if config.ensemble.source is not None:
        source = beside(config.ensemble.source, "ensemble", "from")
        changes["ensemble"] = config.ensemble.model_copy(update={"source": source})
    return config.model_copy(update=changes).read_from(places)
