"""What commands that take a cube or plates share: telling one from the other by content, and the options of plates.
What reads plates is in `plate_views`, which commands load once they have plates: it brings pandas, which takes as long
to load as the page of a cube takes to write.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import typer

from screen.errors import InputError
from screen.files import ANY_SIZE, require_file

SIGNATURE = b"\x89HDF\r\n\x1a\n"
STARTS = (0, 512, 1024, 2048)
"""Where the signature of an HDF5 file may stand."""
EITHER = "a cube (HDF5, as `herscreen run` writes it) or plates (.csv, .tsv, .xlsx, as `herscreen score` reads them)"
FEW, ROUNDS = 100, 100
"""Up to how many blocks intervals are computed unasked, and from how many bootstrap rounds."""

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
Line = Annotated[
    str | None, typer.Option(metavar="NAME", help="Plates: the cell line, where they name none.")
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
    line: str | None

    def refuse_for_cube(self, simulate: bool, fit: Path | None) -> None:
        """Raise `InputError` for an option of plates that was given with a cube."""
        for one in fields(self):
            if getattr(self, one.name) not in (None, [], one.default, "none", 0):
                raise InputError(f"--{one.name}: for plates, found a cube")
        if fit is not None or not simulate:
            raise InputError(f"{'--fit' if simulate else '--no-simulate'}: for plates, found a cube")


def is_cube(path: Path) -> bool:
    """Whether a file is HDF5, by its content. Raises `InputError` for what is no file."""
    require_file(path, ANY_SIZE, EITHER)
    with path.open("rb") as file:
        for start in STARTS:
            file.seek(start)
            if file.read(len(SIGNATURE)) == SIGNATURE:
                return True
    return False
