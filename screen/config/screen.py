"""The configuration of a screen as data: what a YAML file may say, with its defaults and checks. Names of
drugs, cell lines and readouts are only text here; `screen.runner` resolves them against the pathway.
"""

import json
import re
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    field_validator,
    model_validator,
)

from screen.config.cell_lines import LineSpec
from screen.config.custom_model import CustomModel, PetabModel
from screen.config.doses_and_combinations import Combinations, Doses
from screen.config.fields import Hours, Name, Part, listed, one_or_more
from screen.config.messages import validated
from screen.config.optimisation import Goal
from screen.config.readouts import ReadoutSpec, Replicates, as_readouts
from screen.config.schedules import Regimens, Schedule, ScheduleSpec
from screen.config.yaml_files.yaml_source import Places, read_settings
from screen.errors import InputError
from screen.html_table import html_table

MODELS = ("hsa", "bliss", "loewe", "zip")


class Solver(Part):
    """Tolerances of the simulation."""

    rtol: float = Field(default=1e-6, ge=1e-12, le=1e-2)
    atol: float | None = Field(
        default=None,
        ge=1e-20,
        le=1.0,
        description="by default 1e-9; of a model of your own by the sizes at which its states begin",
    )


class EnsembleSpec(Part):
    """Draws of the calibrated ensemble under which everything is simulated in addition to the nominal parameters."""

    draws: int = Field(ge=2, le=10_000, description="how many draws; 64 are there")
    keep: bool = Field(default=False, description="keep every draw, not only mean and quantiles")
    table: str | None = Field(default=None, description="another table of draws, as `calibrate` writes it")
    source: str | None = Field(
        default=None,
        alias="from",
        description="the .h5 of `herscreen learn`: draws, nominal set and lines in place of the shipped ones",
    )

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _one_source(self) -> "EnsembleSpec":
        if self.table is not None and self.source is not None:
            raise ValueError("found table and from, expected one of them")
        return self


def _as_ensemble(written: Any) -> Any:
    """A bare number of draws as a mapping."""
    return {"draws": written} if isinstance(written, int) and not isinstance(written, bool) else written


def _kind_of_model(written: Any) -> str:
    if isinstance(written, PetabModel) or (isinstance(written, dict) and "petab" in written):
        return "problem"
    return "mapping" if isinstance(written, dict | CustomModel) else "path"


ModelFile = Annotated[
    Annotated[str, Tag("path")]
    | Annotated[CustomModel, Tag("mapping")]
    | Annotated[PetabModel, Tag("problem")],
    Discriminator(_kind_of_model),
]


class ScreenConfig(Part):
    """A whole screen. `cell_lines` and `readouts` may be `all`; times are hours, doses nM, unless units say
    otherwise.
    """

    name: str = Field(
        "screen", description="names the output results/<name>.h5; the file's name unless given"
    )
    description: str = ""
    extends: Annotated[list[str], one_or_more(str)] = Field(
        default_factory=list,
        exclude=True,
        description="YAML files, relative to this one, whose keys count unless this file has them",
    )
    model: ModelFile | None = Field(
        default=None,
        description="an edited copy of the built-in network (a path), or a custom model or PEtab problem (a mapping)",
    )
    cell_lines: Annotated[list[LineSpec], one_or_more(str | LineSpec)] = Field(min_length=1)
    combinations: Combinations
    doses: Doses = Doses()
    schedules: Annotated[list[ScheduleSpec], one_or_more(str | Schedule)] = Field(
        default_factory=list,
        max_length=100,
        description="when drugs are given; all from time 0 on unless given",
    )
    exposure: Regimens = Field(
        default_factory=dict,
        description="drugs by name as plasma of the typical patient has them, in place of schedules",
    )
    times: Annotated[list[Hours], one_or_more(Hours)] = Field(default=[72.0], min_length=1, max_length=1000)
    readouts: Annotated[list[ReadoutSpec], one_or_more(str | ReadoutSpec, as_readouts)] = Field(
        default=[ReadoutSpec(name="viability"), ReadoutSpec(name="gr_value")],
        min_length=1,
        description="viability, gr_value, growth_rate, log_cells, observables, expressions of these",
    )
    synergy: Annotated[list[Name], one_or_more(Name)] = Field(
        default=list(MODELS), min_length=1, description="reference models to score with"
    )
    replicates: Replicates | None = Field(
        default=None, description="virtual plates with noise, in the group /replicates"
    )
    scored: Literal["viability", "gr_value"] = Field(
        default="viability", description="the readout whose synergy is scored"
    )
    seed: int = Field(default=0, ge=0, le=2**63 - 1)
    ensemble: Annotated[
        EnsembleSpec | None,
        BeforeValidator(_as_ensemble, json_schema_input_type=int | EnsembleSpec | None),
    ] = Field(
        default=None, description="simulate this many parameter draws too, for intervals of every result"
    )
    optimise: Goal = Field(default=Goal(), description="what `herscreen optimise` is to reach, within bounds")
    solver: Solver = Solver()
    shard_simulations: int | None = Field(
        None, ge=1, le=10_000_000, description="simulations in one shard, at most"
    )

    _places: Places = PrivateAttr(default_factory=Places)

    @model_validator(mode="before")
    @classmethod
    def _own_readouts(cls, written: Any) -> Any:
        if isinstance(written, dict) and isinstance(written.get("model"), dict):
            return {"readouts": "all"} | written
        return written

    @field_validator("name")
    @classmethod
    def _name_is_a_file_name(cls, name: str) -> str:
        if not re.fullmatch(r"[^/\\\x00-\x1f]{1,200}", name) or name.strip(". ") == "" or not _is_utf8(name):
            raise ValueError(
                f"found {name!r}, expected a name for a file: no path separators, not blank, not dots"
            )
        return name

    @field_validator("extends")
    @classmethod
    def _extends_is_read(cls, extends: list[str]) -> list[str]:
        if extends:
            raise ValueError("found a file to extend, expected it in a YAML file, which is where it is read")
        return extends

    @field_validator("cell_lines", mode="before")
    @classmethod
    def _names_are_lines(cls, written: Any) -> Any:
        return [{"name": line} if isinstance(line, str) else line for line in listed(written)]

    @field_validator("times")
    @classmethod
    def _times_ascend(cls, times: list[float]) -> list[float]:
        if any(late <= early for early, late in pairwise(times)):
            raise ValueError(f"found {times}, expected times in ascending order without repeats")
        return times

    @model_validator(mode="after")
    def _one_way_of_giving(self) -> Self:
        if self.exposure and self.schedules:
            raise ValueError(
                "found exposure together with schedules, expected regimens there: `drugs: {NAME: {regimen: ...}}`"
            )
        return self

    def _repr_html_(self) -> str:
        """What a notebook shows: the keys that differ from what they are unless given."""
        said = self.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in said.items() if key != "name"]
        return html_table(f"Screen {self.name}", rows, note="every other key is as it is unless given")

    def error(self, key: str, message: object) -> InputError:
        """An `InputError` that names where in the file (or in which --set) `key`, a dotted path, was written."""
        return InputError(f"{self._places.name(tuple(key.split('.')))}: {message}")

    def read_from(self, places: Places) -> Self:
        """This configuration, which knows from now on where its keys are in the files that it was read from."""
        self._places = places
        return self


def _is_utf8(text: str) -> bool:
    """Whether a text can be written down: the name of a file may hold bytes that no text has."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def load_config(path: str | Path, overrides: tuple[str, ...] | list[str] = ()) -> ScreenConfig:
    """The configuration in a YAML file with `a.b=c` overrides applied.

    Raises `InputError` whose one line names the file, line and key, what was found and what was expected.
    """
    path = Path(path)
    settings, places = read_settings(path, overrides, required=("cell_lines", "combinations"))
    settings.setdefault("name", path.stem)
    config = parse_config(settings, places)
    return _beside(config, places)


def _beside(config: ScreenConfig, places: Places) -> ScreenConfig:
    """The configuration with its paths, which are relative to the file that holds them, made absolute."""

    def absolute(*key_and_path: str) -> str:
        *key, path = key_and_path
        found = str((places.folder(tuple(key)) / path).absolute())
        if not _is_utf8(found):
            raise InputError(f"{places.name(tuple(key))}: found {found!r}, expected a path in UTF-8")
        return found

    lines = []
    for index, line in enumerate(config.cell_lines):
        paths = {key: path for key in ("table", "expression") if (path := getattr(line, key))}
        found = {key: absolute("cell_lines", str(index), key, path) for key, path in paths.items()}
        lines.append(line.model_copy(update=found) if found else line)
    changes: dict[str, Any] = {"cell_lines": lines}
    changes["schedules"] = [
        schedule.with_paths(partial(absolute, "schedules", str(index)))
        for index, schedule in enumerate(config.schedules)
    ]
    if config.ensemble is not None and config.ensemble.table is not None:
        table = absolute("ensemble", "table", config.ensemble.table)
        changes["ensemble"] = config.ensemble.model_copy(update={"table": table})
    if config.ensemble is not None and config.ensemble.source is not None:
        learnt = absolute("ensemble", "from", config.ensemble.source)
        changes["ensemble"] = config.ensemble.model_copy(update={"source": learnt})
    if isinstance(config.model, CustomModel):
        file = absolute("model", "file", config.model.file)
        changes["model"] = config.model.model_copy(update={"file": file})
    elif isinstance(config.model, PetabModel):
        problem = absolute("model", "petab", config.model.petab)
        changes["model"] = config.model.model_copy(update={"petab": problem})
    elif config.model is not None:
        changes["model"] = absolute("model", config.model)
    return config.model_copy(update=changes).read_from(places)


def parse_config(settings: dict[str, Any], places: Places | None = None) -> ScreenConfig:
    """The configuration in a mapping, as YAML would give it; raises `InputError`."""
    places = places or Places()
    return validated(ScreenConfig, settings, places).read_from(places)
