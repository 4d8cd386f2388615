"""herscreen: virtual drug-combination screens on a mechanistic model of Herceptin resistance.

config = screen.load_config("configs/quickstart.yaml")
cube = screen.run(config, jobs=2)
scores = screen.score(cube, models=["bliss", "loewe", "zip"])
screen.write_report(cube, scores, "results/quickstart.html")
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from screen._version import __version__

if TYPE_CHECKING:
    from types import ModuleType

    import xarray as xr

    from screen.config.screen import ScreenConfig

__all__ = ["__version__", "load_config", "open_cube", "run", "score", "write_report"]
PACKAGES = ("analysis", "config", "cube", "kinetics", "pathway", "report", "runner", "synergy")


def __getattr__(name: str) -> "ModuleType":
    """The packages, loaded when they are first used: `screen.kinetics.load_model(...)`."""
    if name in PACKAGES:
        return import_module(f"screen.{name}")
    raise AttributeError(f"module 'screen' has no attribute '{name}'")


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> "ScreenConfig":
    """The configuration in a YAML file, with overrides like `doses.points=6`; raises
    `screen.errors.InputError`.
    """
    from screen.config.screen import load_config

    return load_config(path, tuple(overrides))


def run(
    config: "ScreenConfig", output: str | Path | None = None, jobs: int = 1, restart: bool = False
) -> "xr.DataTree":
    """Simulate and score a screen, write the cube (by default `results/<name>.h5`) and open it."""
    from screen.runner import RunOptions, open_cube, run

    return open_cube(run(config, output, RunOptions(jobs), restart))


def open_cube(path: str | Path) -> "xr.DataTree":
    """A finished cube, read as it is used."""
    from screen.cube.tree import open_cube

    return open_cube(path)


def score(
    cube: "xr.DataTree | xr.Dataset",
    models: Sequence[str] = ("hsa", "bliss", "loewe", "zip"),
    readout: str = "viability",
) -> "xr.Dataset":
    """Synergy scores of a cube in percent points of inhibition, positive = synergy."""
    import xarray as xr

    from screen.synergy import score_cube

    root = cube.to_dataset() if isinstance(cube, xr.DataTree) else cube
    return score_cube(root, models=tuple(models), readout=readout)


def write_report(cube: "xr.DataTree", scores: "xr.Dataset | None", path: str | Path) -> Path:
    """One self-contained HTML page about a cube."""
    from screen.report import write_report

    return write_report(cube, scores, Path(path))
