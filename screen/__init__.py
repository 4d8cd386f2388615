"""herscreen: virtual drug-combination screens on a mechanistic model of Herceptin resistance.

config = screen.load_config("configs/quickstart.yaml")
cube = screen.run(config, jobs=2)
scores = screen.score(cube, models=["bliss", "loewe", "zip"])
screen.write_report(cube, scores, "results/quickstart.html")

table = screen.score_plates("plates.xlsx", ["bliss", "loewe"])  # measured in a laboratory
line = screen.fit_line("plates.xlsx", around="AU565")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from screen._version import __version__

if TYPE_CHECKING:
    from screen.api.cubes import explore, load_config, open_cube, run, score, write_report
    from screen.api.plates import fit_line, plate_figures, read_plates, score_plates, write_plate_report

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
_OF_PLATES = {"fit_line", "plate_figures", "read_plates", "score_plates", "write_plate_report"}
_PACKAGES = {"analysis", "config", "cube", "kinetics", "pathway", "report", "runner", "synergy"}


def __getattr__(name: str) -> Any:
    """Loads a function or a package when it is first used, so that `import screen` costs nothing."""
    if name in _PACKAGES:
        return import_module(f"screen.{name}")
    if name not in __all__:
        raise AttributeError(f"module 'screen' has no attribute '{name}'")
    value = getattr(import_module(f"screen.api.{'plates' if name in _OF_PLATES else 'cubes'}"), name)
    globals()[name] = value
    return value
