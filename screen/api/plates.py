"""Plates measured in a laboratory, from Python: read, score, draw, report, and fit a line to them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.analysis.fit_line.fit_line import Sampling
from screen.analysis.fit_line.from_plates import FittedLine, fit_plates
from screen.pathway import known_drug
from screen.report.plate.figures import plate_pictures
from screen.report.plate.from_plates import view_from
from screen.report.plate.page import write_plate_page
from screen.report.plate.pictures.picture import Pictures
from screen.synergy.plate_scores import score_table
from screen.synergy.plates import read_plates as reading
from screen.synergy.plates.read_plates import Plates, ReadingOptions

if TYPE_CHECKING:
    import pandas as pd


def read_plates(
    source: "str | Path | pd.DataFrame",
    *,
    response: str | None = None,
    scale: str | None = None,
    vehicle: Sequence[str] = (),
    map: "str | Path | pd.DataFrame | None" = None,
    line: str | None = None,
) -> Plates:
    """Plates measured in a laboratory, from a file (.csv, .tsv, .xlsx), a table of wells in a DataFrame, or a DataFrame
    that is a matrix (doses of drug 1 as index, of drug 2 as columns).

    `response` (viability, inhibition, growth, gr), `scale` (percent, fraction, raw), more names of the `vehicle` and
    the `map` of a plate reader's wells overrule what is detected; `line` is that of plates that name none.
    `print(plates)` shows how they were read; `plates.messages` are the words, `plates.blocks` the matrices.
    Raises `screen.errors.InputError`.

        plates = screen.read_plates("plates.xlsx", scale="percent")
        print(plates)
    """
    wells = Path(map) if isinstance(map, str) else map
    names = (vehicle,) if isinstance(vehicle, str) else tuple(vehicle)
    use = ReadingOptions(response, scale, names, wells, known_drug, line)  # type: ignore[arg-type]
    return reading.read_plates(source, drugs=4, reading=use)


def score_plates(
    plates: "Plates | str | Path | pd.DataFrame",
    models: Sequence[str] | None = None,
    *,
    cells: bool = False,
    quiet: bool = False,
    **options: Any,
) -> "pd.DataFrame":
    """Synergy scores of measured plates, one row a block, in percent points of inhibition, positive = synergy; with
    `cells`, one row a dose pair. `docs/synergy.md` says what the columns are.

    `options` are those of `herscreen score`: `response`, `scale`, `vehicle`, `map`, `line` (of a file or DataFrame that
    is still to be read), `baseline`, `single_agent`, `fit`, `bootstrap`, `seed`, `against`, `jobs`. What the command
    prints is printed to standard error (unless `quiet`) and stands in `table.attrs["messages"]`. Raises
    `screen.errors.InputError`. Each model's paper is in the table of `docs/synergy.md`; intervals are bootstrapped
    (Davison and Hinkley 1997), q-values Benjamini and Hochberg's (1995).

        table = screen.score_plates("plates.csv", ["bliss", "zip"], bootstrap=200)
        table[["drug_row", "drug_col", "bliss", "bliss_low", "bliss_high", "bliss_q", "reason"]]
    """
    return score_table(plates, models, cells=cells, quiet=quiet, **{"drug_name": known_drug} | options)


def fit_line(
    plates: "Plates | str | Path | pd.DataFrame",
    around: str | None = None,
    *,
    panel: str | Path | None = None,
    line: str | None = None,
    time_h: float | None = None,
    draws: int = 32,
    particles: int = 256,
    seed: int = 0,
) -> FittedLine:
    """A cell line's abundances from plates measured on it, around a named line (or a row of the table `panel`).

    `line` and `time_h` choose among several; `draws` lines are kept of `particles` that are moved. `print(found)` says
    whether the model can make such plates at all; `found.quantities` and `found.posterior` are tables, factors on the
    mean abundances of the named lines. By sequential Monte Carlo over tempered likelihoods (Del Moral, Doucet and Jasra
    2006, doi:10.1111/j.1467-9868.2006.00553.x). Raises `screen.errors.InputError`.

        found = screen.fit_line("plates.csv", around="AU565")
        print(found)
        found.posterior.to_csv("line.csv", index=False)  # cell_lines: [{table: line.csv, scale: fold}]
    """
    read = plates if isinstance(plates, Plates) else read_plates(plates)
    sampling = Sampling(seed, draws, particles)
    return fit_plates(read.blocks, around, panel, line=line, time_h=time_h, sampling=sampling)


def plate_figures(
    plates: "Plates | str | Path | pd.DataFrame", models: Sequence[str] | None = None, **options: Any
) -> Pictures:
    """The pictures of measured plates by name (`overview-bliss`, `<block>_<drugs>-response`, ...), as objects that
    notebooks draw and that `save("a.svg")` writes. `options` as in `score_plates`. Raises `screen.errors.InputError`.

        figures = screen.plate_figures("plates.csv", bootstrap=200)
        figures["1_lapatinib+linsitinib-response"]
    """
    return plate_pictures(view_from(plates, models, **options))


def write_plate_report(
    plates: "Plates | str | Path | pd.DataFrame",
    path: str | Path,
    models: Sequence[str] | None = None,
    **options: Any,
) -> Path:
    """One self-contained HTML page (or PDF) about measured plates; `options` as in `score_plates`. Raises
    `screen.errors.InputError`.

        screen.write_plate_report("plates.xlsx", "plates.html", bootstrap=200)
    """
    source = Path(plates) if isinstance(plates, str | Path) else None
    return write_plate_page(view_from(plates, models, **options), Path(path), source)
