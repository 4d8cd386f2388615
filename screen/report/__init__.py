"""Figures, the HTML report and table exports of a finished cube or of measured plates; computes none of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from screen.report.plate.pictures.picture import Pictures
    from screen.synergy.plates.read_plates import Plates

__all__ = ["export_tables", "overview_svg", "plate_figures", "write_plate_report", "write_report"]


def write_report(
    cube: "str | Path | xr.DataTree",
    scores: "xr.Dataset | xr.DataTree | None" = None,
    path: str | Path = "report.html",
    limit_MB: float = 6.0,
    explain: int = 0,
    summary: bool = False,
    host: bool = True,
) -> Path:
    """Write the self-contained page of `cube` to `path` (.html, or .pdf through an installed Chromium), or a `summary`
    of it: the answer and what to measure next, on one sheet.

    `scores` stands in for the cube's own group `/scores`. Above `limit_MB` the page leaves data out and
    says so. `explain` pairs of a cube that is a file are explained by counterfactuals; without
    `host` the page does not say on which computer the cube was made. Raises `InputError` for a cube that lacks
    what the page needs or a folder that does not exist.
    """
    from screen.report.page.html import write_page

    return write_page(cube, scores, Path(path), limit_MB, explain, summary, host)


def overview_svg(cube: "str | Path | xr.DataTree", scores: "xr.Dataset | xr.DataTree | None" = None) -> str:
    """One SVG picture of the screen: lines x partners, and the strongest pair's response and excess."""
    from screen.report.cube_view.from_cube import read_screen
    from screen.report.figures.synergy_map import overview_picture
    from screen.report.findings.findings import Findings

    return overview_picture(Findings(read_screen(cube, scores)))


def export_tables(cube: "str | Path | xr.DataTree", path: str | Path) -> list[Path]:
    """Write the cube as long tables to `path` (.csv, .parquet or .xlsx); the files written, in order."""
    from screen.report.tables.long_tables import write_tables

    return write_tables(cube, Path(path))


def plate_figures(
    plates: "Plates | str | Path | pd.DataFrame", models: Sequence[str] | None = None, **options: Any
) -> "Pictures":
    """The pictures of measured plates by name, as objects that notebooks draw; see `screen.plate_figures`."""
    from screen.report.plate.figures import plate_pictures
    from screen.report.plate.from_plates import view_from

    return plate_pictures(view_from(plates, models, **options))


def write_plate_report(
    plates: "Plates | str | Path | pd.DataFrame",
    path: str | Path,
    models: Sequence[str] | None = None,
    **options: Any,
) -> Path:
    """Write the self-contained page of measured plates to `path` (.html, or .pdf through an installed Chromium)."""
    from screen.report.plate.from_plates import view_from
    from screen.report.plate.page import write_plate_page

    source = Path(plates) if isinstance(plates, str | Path) else None
    return write_plate_page(view_from(plates, models, **options), Path(path), source)
