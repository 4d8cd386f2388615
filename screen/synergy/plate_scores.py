"""Plates of two drugs and of three, read and scored together, as `herscreen score` does."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from screen.errors import InputError, nearest
from screen.synergy.curves.single_agent import CurveFit, SingleAgent
from screen.synergy.models.registry import MANY_DRUGS, MODELS, PLATE_MODELS
from screen.synergy.plates.block import correct_baseline
from screen.synergy.plates.compare_to_cube import compare_with_cube
from screen.synergy.plates.intervals import add_intervals, with_ends
from screen.synergy.plates.meaning.signal_levels import Response, Scale
from screen.synergy.plates.read_plates import Plates, ReadingOptions, read_plates
from screen.synergy.plates.score_plates import score_blocks
from screen.synergy.plates.score_triple_plates import joined_tables, score_triple_blocks
from screen.synergy.tensor_intervals import tensor_intervals

if TYPE_CHECKING:
    import pandas as pd

Baseline = Literal["none", "part", "all"]
READING = ("response", "scale", "vehicle", "map", "line")
"""Options of reading, of no use for plates that are read."""


@dataclass(frozen=True)
class PlateOptions:
    """How plates are read and scored; `InputError`, in the words of the command line, for a value that means nothing.

    `models` (None: every model's own choice for pairs and for triples), `response` and
    `scale` (None: found out), more names of the `vehicle`, a `map` of a plate reader's wells, `single_agent`
    and `fit` (None: by the plate's origin), `bootstrap` rounds of `seed` (0: no intervals), `against` a cube
    `jobs` processes. `drug_name` gives the name of a drug for a brand or an alias: names of one drug are joined.
    `line` is the cell line of plates that name none.
    """

    models: tuple[str, ...] | None = None
    response: Response | None = None
    scale: Scale | None = None
    vehicle: tuple[str, ...] = ()
    map: "Path | pd.DataFrame | None" = None
    baseline: Baseline = "none"
    single_agent: SingleAgent | None = None
    fit: CurveFit | None = None
    bootstrap: int = 0
    seed: int = 0
    against: Path | None = None
    drug_name: Callable[[str], str] = str
    jobs: int = 1
    line: str | None = None

    def __post_init__(self) -> None:
        _one_of("--response", self.response, get_args(Response))
        _one_of("--scale", self.scale, get_args(Scale))
        _one_of("--baseline", self.baseline, get_args(Baseline))
        _one_of("--single-agent", self.single_agent, get_args(SingleAgent))
        if self.bootstrap == 1:
            raise InputError("--bootstrap: one round tells no spread; expected 0 or about 100, found 1")
        _one_of("--fit", self.fit, get_args(CurveFit))

    @property
    def reading(self) -> ReadingOptions:
        """What of it overrules how plates are read."""
        return ReadingOptions(self.response, self.scale, self.vehicle, self.map, self.drug_name, self.line)

    def for_plates_only(self) -> None:
        """Raise `InputError` for an option that means nothing for a cube."""
        if self.bootstrap:
            raise InputError("--bootstrap: for plates; simulated wells carry no noise to resample")
        given: dict[str, Any] = {
            "--response": self.response,
            "--scale": self.scale,
            "--vehicle": self.vehicle,
            "--map": self.map,
            "--line": self.line,
            "--baseline": self.baseline != "none",
            "--single-agent": self.single_agent,
            "--fit": self.fit,
            "--against": self.against,
        }
        for name, value in given.items():
            if value is not None and value is not False and value != ():
                raise InputError(f"{name}: for plates, found a cube")


def _one_of(option: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        *others, last = known
        raise InputError(f"{option}: expected {', '.join(others)} or {last}, found {value!r}")


@dataclass(frozen=True)
class PlateScores:
    """One row a block (`summary`), one a dose pair or triple (`cells`), the models of pairs, and what was left out."""

    summary: "pd.DataFrame"
    cells: "pd.DataFrame"
    models: tuple[str, ...]
    notes: tuple[str, ...]


def score_plates(plates: Plates, options: PlateOptions | None = None) -> PlateScores:
    """Score all blocks of plates, in their order. Percent points of inhibition, positive = synergy.

    Raises `InputError` for unknown models, intervals of simulated plates, and a cube that cannot be read.
    """
    use = options or PlateOptions()
    blocks = [correct_baseline(block, use.baseline) for block in plates.blocks]
    pairs = [block for block in blocks if block.conc_3 is None]
    triples = [block for block in blocks if block.conc_3 is not None]
    models = use.models or PLATE_MODELS
    summary, cells, third, third_cells = None, None, None, None
    if pairs:
        summary, cells = score_blocks(
            pairs,
            models,
            single_agent=use.single_agent,
            fit=use.fit,
            jobs=use.jobs,
            strength=use.bootstrap > 0,
        )
    if use.bootstrap and any(block.simulated for block in blocks):
        raise InputError("--bootstrap: for measured plates; simulated wells carry no noise to resample")
    if use.bootstrap and summary is not None:
        summary = add_intervals(summary, pairs, models, use.bootstrap, use.seed, use.fit, use.jobs)
    if use.against is not None and summary is not None:
        summary = compare_with_cube(summary, pairs, use.against, use.drug_name)
    if triples:
        many = use.models or tuple(MANY_DRUGS)
        third, third_cells = score_triple_blocks(triples, many, single_agent=use.single_agent, jobs=use.jobs)
        if use.bootstrap:
            ends = tensor_intervals(triples, many, use.bootstrap, use.seed, use.jobs)
            third = with_ends(third, ends)
    asked = {"--fit": use.fit, "--against": use.against}
    for_pairs = "for pairs, not for blocks of three drugs or four"
    notes = [f"{option}: {for_pairs}" for option in asked if asked[option] and triples]
    if pairs and not use.bootstrap and not any(MODELS[name].curves for name in models):
        notes.append(
            f"strength: ic50, ec50, css and the like are left out, as {', '.join(models)} fit no curve (they come with "
            "loewe or zip among --models, or with --bootstrap N)"
        )
    return PlateScores(
        joined_tables(summary, third, blocks), joined_tables(cells, third_cells, blocks), models, tuple(notes)
    )


def score_table(
    plates: "Plates | str | Path | pd.DataFrame",
    models: Sequence[str] | None = None,
    *,
    cells: bool = False,
    quiet: bool = False,
    **options: Any,
) -> "pd.DataFrame":
    """The summary (or the `cells`) of plates, a file or a DataFrame, with the messages of the command in
    `attrs["messages"]` and, unless `quiet`, on standard error; `options` are fields of `PlateOptions`. InputError for
    an option that is none, or that comes too late for plates that are read already."""
    known = [one.name for one in fields(PlateOptions) if one.name != "models"]
    for name in options:
        if name not in known:
            raise InputError(
                f"score_plates: no option {name!r}{nearest(name, known)}; known: {', '.join(known)}"
            )
    if "vehicle" in options:
        given = options["vehicle"]
        options["vehicle"] = (given,) if isinstance(given, str) else tuple(given)
    for name in ("map", "against"):
        if isinstance(options.get(name), str):
            options[name] = Path(options[name])
    if isinstance(models, str):
        models = [name.strip() for name in models.split(",")]
    use = PlateOptions(models=None if models is None else tuple(models), **options)
    if isinstance(plates, Plates):
        for name in READING:
            if name in options:
                raise InputError(
                    f"score_plates: found {name} and plates that are read, expected it in read_plates"
                )
        read = plates
    else:
        read = read_plates(plates, drugs=4, reading=use.reading)
    found = score_plates(read, use)
    messages = (*read.messages, *found.notes)
    if not quiet:
        for message in messages:
            print(message, file=sys.stderr)
    table = found.cells if cells else found.summary
    table.attrs["messages"] = messages
    return table
