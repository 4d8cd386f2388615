"""Plates as the commands that take a cube or plates read and score them; see `plates` for their options."""

from dataclasses import replace
from pathlib import Path

from screen.analysis.plate_model.fitted import find_fit, fit_in
from screen.cli.console import progress_bar, say
from screen.cli.plates import EITHER, FEW, ROUNDS, PlateArguments
from screen.errors import InputError
from screen.files import write_text
from screen.pathway import known_drug
from screen.report.plate.figures import overview_picture, plate_pictures
from screen.report.plate.page import write_plate_page
from screen.report.plate.view import PlateView, beside_of, view_of
from screen.synergy.models.registry import PLATE_MODELS
from screen.synergy.plate_scores import PlateOptions, PlateScores, score_plates
from screen.synergy.plates.intervals import has_intervals
from screen.synergy.plates.read_plates import Plates, read_plates

BOOKS, TEXTS = (".xlsx", ".xlsm"), (".csv", ".tsv", ".txt", ".tab")
SECONDS = 0.7
"""Of the processor for the intervals of a block of 6 x 6 by the usual models, as measured."""


def view_asked(
    asked: PlateArguments, path: Path, simulate: bool = True, fit: Path | None = None
) -> PlateView:
    """The plates of a file that is no cube, scored; what was detected is said. A file that holds neither a cube nor
    plates is one line that names both. Beside stands what the model says: simulated, and by the posterior `fit`."""
    options = PlateOptions(
        models=tuple(name.strip().lower() for name in asked.models.split(",") if name.strip())
        if asked.models
        else None,
        response=asked.response,  # type: ignore[arg-type]
        scale=asked.scale,  # type: ignore[arg-type]
        vehicle=tuple(asked.vehicle or ()),
        map=asked.map,
        baseline=asked.baseline,  # type: ignore[arg-type]
        bootstrap=asked.bootstrap or 0,
        seed=asked.seed,
        drug_name=known_drug,
        line=asked.line,
    )
    plates = _read(path, options)
    for message in plates.messages:
        say(message, err=True)
    if asked.bootstrap is None:
        options = replace(options, bootstrap=_usual_rounds(plates))
        for words in _on_intervals(plates, options.bootstrap):
            say(words, err=True)
    table = find_fit(path) if fit is None and simulate else None if fit is None else fit_in(fit, path)
    beside = beside_of(plates, options.models or PLATE_MODELS, table) if simulate or table else None
    return view_of(plates, options, path.name, beside)


def write_pages(view: PlateView, page: Path, plates: Path, limit: float, picture: Path | None) -> list[Path]:
    """Write the page of plates, and the overview as a picture where one is asked for; what was written."""
    with progress_bar() as progress:
        written = [write_plate_page(view, page, plates, limit, progress)]
    return written if picture is None else [*written, write_text(picture, overview_picture(view).svg)]


def drawings(view: PlateView, blocks: int) -> dict[str, str]:
    """The figures of plates, of their first `blocks`, as SVG by name."""
    return {name: one.svg for name, one in plate_pictures(view, blocks).items()}


def scored_against(path: Path, cube: Path) -> PlateScores:
    """The scores of plates, with intervals where blocks are few, beside those of a cube; what was detected is said."""
    options = PlateOptions(against=cube, drug_name=known_drug)
    plates = _read(path, options)
    for message in plates.messages:
        say(message, err=True)
    return score_plates(plates, replace(options, bootstrap=_usual_rounds(plates)))


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
    if rounds and any(map(has_intervals, plates.blocks)):
        return [f"intervals, p and q: {rounds} bootstrap rounds (--bootstrap 0 leaves them out)"]
    if any(block.simulated for block in plates.blocks):
        return ["intervals, p and q: none, as simulated wells carry no noise to resample"]
    if rounds:
        return ["intervals, p and q: none, as they are of grids of viability and no block is one"]
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
