"""herscreen: virtual drug-combination screens on a mechanistic model of Herceptin resistance.

config = screen.load_config("configs/quickstart.yaml")
cube = screen.run(config, jobs=2)
scores = screen.score(cube, models=["bliss", "loewe", "zip"])
screen.write_report(cube, scores, "results/quickstart.html")

table = screen.score_plates("plates.xlsx", ["bliss", "loewe"])  # measured in a laboratory
line = screen.fit_line("plates.xlsx", around="AU565")
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen._version import __version__

if TYPE_CHECKING:
    from types import ModuleType

    import ipywidgets
    import pandas as pd
    import xarray as xr

    from screen.analysis.fit_line.from_plates import FittedLine
    from screen.config.screen import ScreenConfig
    from screen.report.plate.pictures.picture import Pictures
    from screen.synergy.plates.read_plates import Plates

__all__ = [
    "__version__",
    "explore",
    "fit_line",
    "load_config",
    "open_cube",
    "plate_figures",
    "read_plates",
    "run",
    "score",
    "score_plates",
    "write_plate_report",
    "write_report",
]
PACKAGES = ("analysis", "config", "cube", "kinetics", "pathway", "report", "runner", "synergy")


def __getattr__(name: str) -> "ModuleType":
    """The packages, loaded when they are first used: `screen.kinetics.load_model(...)`."""
    if name in PACKAGES:
        return import_module(f"screen.{name}")
    raise AttributeError(f"module 'screen' has no attribute '{name}'")


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> "ScreenConfig":
    """The configuration in a YAML file, with overrides like `doses.points=6`, as `--set` of the commands takes them.
    A notebook shows it as a table. Raises `screen.errors.InputError` with one line that names file, line and key.

        config = screen.load_config("configs/quickstart.yaml", ["doses.points=6", "times=[24 h, 72 h]"])
    """
    from screen.config.screen import load_config

    return load_config(path, tuple(overrides))


def run(
    config: "ScreenConfig", output: str | Path | None = None, jobs: int = 1, restart: bool = False
) -> "xr.DataTree":
    """Simulate and score a screen, write the cube (by default `results/<name>.h5`) and open it.

    `jobs` shards at a time, each in a process; the numbers are the same for any. A finished cube of the same
    configuration is opened at once, an unfinished run goes on where it stopped, `restart` begins again. Raises
    `screen.errors.InputError` for a configuration or output that cannot be, and `screen.errors.RunError` for shards
    that failed.

        cube = screen.run(config, jobs=2)
        cube["viability"]  # (cell_line, combination, dose_1, dose_2, time), a fraction of the vehicle's cells
    """
    from screen.runner import RunOptions, open_cube, run

    return open_cube(run(config, output, RunOptions(jobs), restart))


def open_cube(path: str | Path) -> "xr.DataTree":
    """A finished cube, read as it is used: an `xarray.DataTree` with the responses at its root and the groups
    `scores`, `panel`, `controls` and `provenance`; `docs/files.md` lists every variable with its unit. Raises
    `screen.errors.InputError` for a file that is no cube.

        cube = screen.open_cube("results/quickstart.h5")
        cube["scores"]["bliss"].sel(cell_line="SKBR3-pool2").to_series()
    """
    from screen.cube.tree import open_cube

    return open_cube(path)


def score(
    cube: "xr.DataTree | xr.Dataset",
    models: Sequence[str] = ("hsa", "bliss", "loewe", "zip"),
    readout: str = "viability",
) -> "xr.Dataset":
    """Synergy scores of a cube in percent points of inhibition, positive = synergy.

    `models` are those of `herscreen score`, `readout` any readout of the cube. Of each model: `<model>_excess` with the
    dimensions of the readout, `<model>` its mean over the wells with both drugs and `<model>_max` its best 3 x 3
    window, both (cell_line, combination, time), and the model's own quantities; of a cube with an ensemble the
    intervals too, from its draws or as they stand in it. Raises `screen.errors.InputError` for a
    model or readout that is not known.

        scores = screen.score(cube, models=["bliss", "loewe", "musyc"])
    """
    import xarray as xr

    from screen.runner.results.rescore import with_intervals
    from screen.synergy import score_cube

    root = cube.to_dataset() if isinstance(cube, xr.DataTree) else cube
    found = score_cube(root, models=tuple(models), readout=readout)
    return with_intervals(cube, found, models, readout) if isinstance(cube, xr.DataTree) else found


def write_report(cube: "xr.DataTree", scores: "xr.Dataset | None", path: str | Path) -> Path:
    """One self-contained HTML page (or PDF, through an installed Chromium) about a cube; the file.

    `scores` stand in for those in the cube. Raises `screen.errors.InputError` for a cube that lacks what the page
    needs.

        screen.write_report(cube, scores, "results/quickstart.html")
    """
    from screen.report import write_report

    return write_report(cube, scores, Path(path))


def read_plates(
    source: "str | Path | pd.DataFrame",
    *,
    response: str | None = None,
    scale: str | None = None,
    vehicle: Sequence[str] = (),
    map: "str | Path | pd.DataFrame | None" = None,
) -> "Plates":
    """Plates measured in a laboratory, from a file (.csv, .tsv, .xlsx), a table of wells in a DataFrame, or a DataFrame
    that is a matrix (doses of drug 1 as index, of drug 2 as columns).

    `response` (viability, inhibition, growth, gr), `scale` (percent, fraction, raw), more names of the `vehicle` and
    the `map` of a plate reader's wells overrule what is detected. `print(plates)` shows how they were read;
    `plates.messages` are the words, `plates.blocks` the matrices. Raises `screen.errors.InputError`.

        plates = screen.read_plates("plates.xlsx", scale="percent")
        print(plates)
    """
    from screen.synergy.plates.read_plates import Reading, read_plates

    wells = Path(map) if isinstance(map, str) else map
    names = (vehicle,) if isinstance(vehicle, str) else tuple(vehicle)
    return read_plates(source, drugs=4, reading=Reading(response, scale, names, wells))  # type: ignore[arg-type]


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

    `options` are those of `herscreen score`: `response`, `scale`, `vehicle`, `map` (of a file or DataFrame that is
    still to be read), `baseline`, `single_agent`, `fit`, `bootstrap`, `seed`, `against`, `jobs`. What the command
    prints is printed to standard error (unless `quiet`) and stands in `table.attrs["messages"]`. Raises
    `screen.errors.InputError`.

        table = screen.score_plates("plates.csv", ["bliss", "zip"], bootstrap=200)
        table[["drug_row", "drug_col", "bliss", "bliss_low", "bliss_high", "bliss_q", "reason"]]
    """
    from screen.synergy.plate_scores import score_table

    return score_table(plates, models, cells=cells, quiet=quiet, **options)


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
) -> "FittedLine":
    """A cell line's abundances from plates measured on it, around a named line (or a row of the table `panel`).

    `line` and `time_h` choose among several; `draws` lines are kept of `particles` that are moved. `print(found)` says
    whether the model can make such plates at all; `found.quantities` and `found.posterior` are tables. Raises
    `screen.errors.InputError`.

        found = screen.fit_line("plates.csv", around="AU565")
        print(found)
        found.posterior.to_csv("line.csv", index=False)  # cell_lines: [{table: line.csv, scale: fold}]
    """
    from screen.analysis.fit_line.fit_line import Sampling
    from screen.analysis.fit_line.from_plates import fit_plates
    from screen.synergy.plates.read_plates import Plates

    read = plates if isinstance(plates, Plates) else read_plates(plates)
    sampling = Sampling(seed, draws, particles)
    return fit_plates(read.blocks, around, panel, line=line, time_h=time_h, sampling=sampling)


def plate_figures(
    plates: "Plates | str | Path | pd.DataFrame", models: Sequence[str] | None = None, **options: Any
) -> "Pictures":
    """The pictures of measured plates by name (`overview-bliss`, `<block>_<drugs>-response`, ...), as objects that
    notebooks draw and that `save("a.svg")` writes. `options` as in `score_plates`. Raises `screen.errors.InputError`.

        figures = screen.plate_figures("plates.csv", bootstrap=200)
        figures["1_lapatinib+linsitinib-response"]
    """
    from screen.report import plate_figures

    return plate_figures(plates, models, **options)


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
    from screen.report import write_plate_report

    return write_plate_report(plates, path, models, **options)


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
    from screen.analysis.explore import explorer
    from screen.report.standalone.explorer import explorer_widget

    return explorer_widget(explorer(line, pair, readouts, time_h))
