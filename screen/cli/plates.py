"""What commands that take a cube or plates share: telling one from the other by content, and the options of plates."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.plate_model.fitted import find_fit, fit_in
from screen.cli.console import say
from screen.errors import InputError
from screen.files import ANY_SIZE, require_file
from screen.pathway import load_pathway
from screen.report.plate.view import PlateView, beside_of, view_of
from screen.synergy.models.registry import PLATE_MODELS
from screen.synergy.plate_scores import PlateOptions, PlateScores, score_plates
from screen.synergy.plates.read_plates import Plates, read_plates

SIGNATURE = b"\x89HDF\r\n\x1a\n"
STARTS = (0, 512, 1024, 2048)
"""Where the signature of an HDF5 file may stand."""
BOOKS, TEXTS = (".xlsx", ".xlsm"), (".csv", ".tsv", ".txt", ".tab")
EITHER = "a cube (HDF5, as `herscreen run` writes it) or plates (.csv, .tsv, .xlsx, as `herscreen score` reads them)"
FEW, ROUNDS = 100, 100
"""Up to how many blocks intervals are computed unasked, and from how many bootstrap rounds."""
SECONDS = 0.7
"""Of the processor for the intervals of a block of 6 x 6 by the usual models, as measured."""

Source = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT", help="A finished cube (.h5), or plates (.csv, .tsv, .xlsx).", show_default=False
    ),
]
Response = Annotated[
    str | None, typer.Option(help="Plates: viability, inhibition, growth or gr; detected unless given.")
]
Scale = Annotated[str | None, typer.Option(help="Plates: percent, fraction or raw; detected unless given.")]
Vehicle = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Plates: a name of wells without drug, beside DMSO and the like."),
]
PlateMap = Annotated[
    Path | None, typer.Option("--map", help="Plates: what the wells of a plate reader's export hold.")
]
Baseline = Annotated[str, typer.Option(help="Plates: baseline correction, none, part or all.")]
Models = Annotated[
    str | None, typer.Option(metavar="A,B", help="Plates: reference models; the usual ones unless given.")
]
Bootstrap = Annotated[
    int | None,
    typer.Option(
        min=0,
        help=f"Plates: bootstrap rounds for intervals, p and q; {ROUNDS} for up to {FEW} blocks unless given.",
    ),
]
Simulate = Annotated[
    bool,
    typer.Option(
        "--simulate/--no-simulate", help="Plates: simulate the pairs whose line and drugs the model has."
    ),
]
Fit = Annotated[
    Path | None,
    typer.Option(
        "--fit", "--line-fit", metavar="PATH",
        help="Plates: what `fit-line` wrote, a table or its folder; results/<plate>-line.csv if it is there.",
    ),
]  # fmt: skip
Seed = Annotated[int, typer.Option(min=0, help="Plates: seed of the bootstrap.")]


@dataclass(frozen=True)
class PlateArguments:
    """The options of plates as they were given."""

    models: str | None
    bootstrap: int | None
    response: str | None
    scale: str | None
    vehicle: list[str] | None
    map: Path | None
    baseline: str
    seed: int

    def refuse_for_cube(self, simulate: bool, fit: Path | None) -> None:
        """Raise `InputError` for an option of plates that was given with a cube."""
        for one in fields(self):
            if getattr(self, one.name) not in (None, [], one.default, "none", 0):
                raise InputError(f"--{one.name}: for plates, found a cube")
        if fit is not None or not simulate:
            raise InputError(f"{'--fit' if simulate else '--no-simulate'}: for plates, found a cube")

    def view(self, path: Path, simulate: bool = True, fit: Path | None = None) -> PlateView:
        """The plates of a file that is no cube, scored; what was detected is said. A file that holds neither a cube nor
        plates is one line that names both. Beside stands what the model says: simulated, and by the posterior `fit`."""
        options = PlateOptions(
            models=tuple(name.strip().lower() for name in self.models.split(",") if name.strip())
            if self.models
            else None,
            response=self.response,  # type: ignore[arg-type]
            scale=self.scale,  # type: ignore[arg-type]
            vehicle=tuple(self.vehicle or ()),
            map=self.map,
            baseline=self.baseline,  # type: ignore[arg-type]
            bootstrap=self.bootstrap or 0,
            seed=self.seed,
        )
        plates = _read(path, options)
        for message in plates.messages:
            say(message, err=True)
        if self.bootstrap is None:
            options = replace(options, bootstrap=_usual_rounds(plates))
            for words in _on_intervals(plates, options.bootstrap):
                say(words, err=True)
        table = find_fit(path) if fit is None and simulate else None if fit is None else fit_in(fit, path)
        beside = beside_of(plates, options.models or PLATE_MODELS, table) if simulate or table else None
        return view_of(plates, options, path.name, beside)


def scored_against(path: Path, cube: Path) -> PlateScores:
    """The scores of plates, with intervals where blocks are few, beside those of a cube; what was detected is said."""
    options = PlateOptions(against=cube, drug_name=known_names())
    plates = _read(path, options)
    for message in plates.messages:
        say(message, err=True)
    return score_plates(plates, replace(options, bootstrap=_usual_rounds(plates)))


def known_names() -> Callable[[str], str]:
    """The name that the model has for a drug's brand or alias; a drug that it does not know keeps its own."""
    pathway = load_pathway()

    def known(drug: str) -> str:
        try:
            return pathway.drug(drug).name
        except InputError:
            return drug

    return known


def is_cube(path: Path) -> bool:
    """Whether a file is HDF5, by its content. Raises `InputError` for what is no file."""
    require_file(path, ANY_SIZE, EITHER)
    with path.open("rb") as file:
        for start in STARTS:
            file.seek(start)
            if file.read(len(SIGNATURE)) == SIGNATURE:
                return True
    return False


def _read(path: Path, options: PlateOptions) -> Plates:
    try:
        return read_plates(path, drugs=4, reading=options.reading)
    except InputError as error:
        if _is_table(path):
            raise
        said = str(error).removeprefix(f"{path}: ")
        raise InputError(f"{path}: expected {EITHER}, found neither ({said})") from None


def _usual_rounds(plates: Plates) -> int:
    """Bootstrap rounds where none are asked for: some where blocks are few and measured."""
    few = len(plates.blocks) <= FEW and not any(block.simulated for block in plates.blocks)
    return ROUNDS if few else 0


def _on_intervals(plates: Plates, rounds: int) -> list[str]:
    """Words on intervals that nobody asked for and that are, or are not, computed."""
    count = len(plates.blocks)
    minutes = max(1, round(SECONDS * count / 60))
    if rounds:
        return [f"intervals, p and q: {rounds} bootstrap rounds (--bootstrap 0 leaves them out)"]
    if any(block.simulated for block in plates.blocks):
        return ["intervals, p and q: none, as simulated wells carry no noise to resample"]
    return [
        f"intervals, p and q: left out, as {count} blocks are more than {FEW}; --bootstrap {ROUNDS} adds them "
        f"(some {minutes} min of one processor)"
    ]


def _is_table(path: Path) -> bool:
    """Whether a file claims to be a table and looks like one: a workbook, or text."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PK\x03\x04"):
        return path.suffix.lower() in BOOKS
    text = b"\0" not in start or start.startswith((b"\xff\xfe", b"\xfe\xff"))
    return text and path.suffix.lower() in TEXTS
