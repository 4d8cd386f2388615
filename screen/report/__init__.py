"""Figures, the HTML report and table exports of a finished cube; simulates and scores nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["export_tables", "overview_svg", "write_report"]


def write_report(
    cube: "str | Path | xr.DataTree",
    scores: "xr.Dataset | xr.DataTree | None" = None,
    path: str | Path = "report.html",
    limit_MB: float = 6.0,
    explain: int = 0,
) -> Path:
    """Write the self-contained page of `cube` to `path` (.html, or .pdf through an installed Chromium).

    `scores` stands in for the cube's own group `/scores`. Above `limit_MB` the page leaves data out and
    says so. `explain` pairs of a cube that is a file are explained by counterfactuals. Raises `InputError`
    for a cube that lacks what the page needs or a folder that does not exist.
    """
    from screen.report.page.html import write_page

    return write_page(cube, scores, Path(path), limit_MB, explain)


def overview_svg(cube: "str | Path | xr.DataTree", scores: "xr.Dataset | xr.DataTree | None" = None) -> str:
    """One SVG picture of the screen: lines x partners, and the strongest pair's response and excess."""
    from screen.report.cube_view.reading import read_screen
    from screen.report.figures.synergy_map import overview_picture
    from screen.report.findings.findings import Findings

    return overview_picture(Findings(read_screen(cube, scores)))


def export_tables(cube: "str | Path | xr.DataTree", path: str | Path) -> list[Path]:
    """Write the cube as long tables to `path` (.csv, .parquet or .xlsx); the files written, in order."""
    from screen.report.tables.long_tables import write_tables

    return write_tables(cube, Path(path))
