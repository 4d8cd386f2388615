"""Configurations and cubes from Python: load, run, open, score, report, and sliders on the engine."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screen.analysis.explore import explorer
from screen.config import screen as configuration
from screen.cube import tree
from screen.report import write_report as page
from screen.report.standalone.explorer import explorer_widget
from screen.runner import running
from screen.runner.execution.options import RunOptions
from screen.runner.results.rescore import with_intervals
from screen.synergy.score_cube import score_cube

if TYPE_CHECKING:
    import ipywidgets
    import xarray as xr


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> configuration.ScreenConfig:
    """The configuration in a YAML file, with overrides like `doses.points=6`, as `--set` of the commands takes them.
    A notebook shows it as a table. Raises `screen.errors.InputError` with one line that names file, line and key.

        config = screen.load_config("configs/quickstart.yaml", ["doses.points=6", "times=[24 h, 72 h]"])
    """
    return configuration.load_config(path, tuple(overrides))


def run(
    config: configuration.ScreenConfig, output: str | Path | None = None, jobs: int = 1, restart: bool = False
) -> "xr.DataTree":
    """Simulate and score a screen, write the cube (by default `results/<name>.h5`) and open it.

    `jobs` shards at a time, each in a process; the numbers are the same for any. A finished cube of the same
    configuration is opened at once, an unfinished run goes on where it stopped, `restart` begins again. Raises
    `screen.errors.InputError` for a configuration or output that cannot be, and `screen.errors.RunError` for shards
    that failed.

        cube = screen.run(config, jobs=2)
        cube["viability"]  # (cell_line, combination, dose_1, dose_2, time), a fraction of the vehicle's cells
    """
    return open_cube(running.run(config, output, RunOptions(jobs), restart))


def open_cube(path: str | Path) -> "xr.DataTree":
    """A finished cube, read as it is used: an `xarray.DataTree` with the responses at its root and the groups
    `scores`, `panel`, `controls` and `provenance`; `docs/files.md` lists every variable with its unit. Raises
    `screen.errors.InputError` for a file that is no cube.

        cube = screen.open_cube("results/quickstart.h5")
        cube["scores"]["bliss"].sel(cell_line="SKBR3-pool2").to_series()
    """
    return tree.open_cube(path)


def score(
    cube: "xr.DataTree | xr.Dataset",
    models: Sequence[str] = ("hsa", "bliss", "loewe", "zip"),
    readout: str = "viability",
) -> "xr.Dataset":
    """Synergy scores of a cube in percent points of inhibition, positive = synergy.

    `models` are those of `herscreen score`, `readout` any readout of the cube. Of each model: `<model>_excess` with the
    dimensions of the readout, `<model>` its mean over the wells with both drugs and `<model>_max` its best 3 x 3
    window, both (cell_line, combination, time), and the model's own quantities; of a cube with an ensemble the
    intervals too, from its draws or as they stand in it. `docs/synergy.md` names each model's paper (Bliss 1939,
    Yadav 2015 for ZIP, ...), and so does the report. Raises `screen.errors.InputError` for a model or readout that is
    not known.

        scores = screen.score(cube, models=["bliss", "loewe", "musyc"])
    """
    import xarray as xr

    root = cube.to_dataset() if isinstance(cube, xr.DataTree) else cube
    found = score_cube(root, models=tuple(models), readout=readout)
    return with_intervals(cube, found, models, readout) if isinstance(cube, xr.DataTree) else found


def write_report(
    cube: "xr.DataTree | str | Path", scores: "xr.Dataset | None", path: str | Path, explain: int = 0
) -> Path:
    """One self-contained HTML page (or PDF, through an installed Chromium) about a cube or its file; the page's file.

    `scores` stand in for those in the cube, None for its own. `explain` pairs of a cube's file are explained by cutting
    edges of the network: `herscreen report` explains 6. Raises `screen.errors.InputError` for a cube that lacks what
    the page needs.

        screen.write_report("results/quickstart.h5", None, "results/quickstart.html", explain=6)
    """
    return page.write_report(cube, scores, Path(path), explain=explain)


def explore(
    line: str,
    pair: str | Sequence[str],
    readouts: Sequence[str] = ("pERK", "pAKT_S473"),
    time_h: float = 72.0,
) -> "ipywidgets.VBox":
    """Sliders on the engine, for notebooks: the doses in nM of both drugs, and at once what a named line does in time.

    `pair` is `"trastuzumab+linsitinib"` or two names; curves are the vehicle's, those of each drug alone and of both,
    relative to the vehicle, over `time_h` hours. Needs the extra `notebook`. Raises `screen.errors.InputError`.

        screen.explore("BT474-HR20", "trastuzumab+linsitinib")
    """
    return explorer_widget(explorer(line, pair, readouts, time_h))
