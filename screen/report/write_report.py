"""Write what a finished cube shows: the page, and the overview picture."""

from pathlib import Path
from typing import TYPE_CHECKING

from screen.report.cube_view.from_cube import read_screen
from screen.report.figures.synergy_map import overview_picture
from screen.report.findings.findings import Findings, silent
from screen.report.page.html import write_page
from screen.runner.execution.options import Progress

if TYPE_CHECKING:
    import xarray as xr


def write_report(
    cube: "str | Path | xr.DataTree",
    scores: "xr.Dataset | xr.DataTree | None" = None,
    path: str | Path = "report.html",
    limit_MB: float = 6.0,
    explain: int = 0,
    summary: bool = False,
    host: bool = True,
    progress: Progress | None = None,
) -> Path:
    """Write the self-contained page of `cube` to `path` (.html, or .pdf through an installed Chromium), or a `summary`
    of it: the answer and what to measure next, on one sheet.

    `scores` stands in for the cube's own group `/scores`. Above `limit_MB` the page leaves data out and says so.
    `explain` pairs of a cube that is a file are explained by counterfactuals; without `host` the page does not say on
    which computer the cube was made. `progress` hears how far it is. Raises `InputError` for a cube that lacks what the
    page needs or a folder that does not exist.
    """
    return write_page(cube, scores, Path(path), limit_MB, explain, summary, host, progress or silent)


def overview_svg(cube: "str | Path | xr.DataTree", scores: "xr.Dataset | xr.DataTree | None" = None) -> str:
    """One SVG picture of the screen: lines x partners, and the strongest pair's response and excess."""
    return overview_picture(Findings(read_screen(cube, scores)))
