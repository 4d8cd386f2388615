"""Error of the mean excess against wells simulated, on the quickstart: whole grids and adaptive designs.

    python -m tests.benchmarks.designs [--wells 28,30,34,40,48,60] [--plot docs/designs.svg]

The quickstart is run on 32 x 32 doses, which is the reference, and again with an adaptive design of so many
wells of each line and pair. Whole grids are parts of the reference, so their wells are the same numbers; they
are scored as they stand, and once more with the wells between them filled by monotone cubics.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
ROOT = Path(__file__).resolve().parents[2]
MODELS = ("bliss", "loewe")
POINTS, SIZES = 32, (4, 5, 7, 8, 12, 17)


def quickstart(folder: Path, wells: int | None) -> dict[str, Array]:
    """Viability, doses and mean scores of the quickstart on the fine grid, whole or adaptive."""
    from screen.config.screen import load_config
    from screen.runner import open_cube, run

    changes = [f"doses.points={POINTS}", "readouts=[viability]", f"synergy=[{', '.join(MODELS)}]"]
    changes += ["ensemble=null"]
    changes += [f"doses.adaptive.wells={wells}"] if wells else []
    config = load_config(ROOT / "configs" / "quickstart.yaml", changes)
    cube = open_cube(run(config, folder / f"designs-{wells}.h5"))
    found = {name: cube["scores"][name].values[..., 0] for name in MODELS}
    names = ("viability", "concentration_1", "concentration_2", "status")
    return found | {name: cube[name].values for name in names}


def whole_grid(reference: dict[str, Array], size: int, filled: bool) -> dict[str, Array]:
    """Mean scores of a `size` x `size` part of the reference."""
    from scipy.interpolate import PchipInterpolator

    from screen.synergy import SIMULATED, score_matrices

    steps = np.append(0, np.round(np.linspace(1, POINTS - 1, size - 1)).astype(int))
    viability = reference["viability"][..., 0][:, :, steps][:, :, :, steps]
    doses = [reference[f"concentration_{k}"][:, steps] for k in (1, 2)]
    if filled:
        fine = np.arange(1, POINTS)
        parts = [viability[:, :, :1], PchipInterpolator(steps[1:], viability[:, :, 1:], axis=2)(fine)]
        rows = np.concatenate(parts, axis=2)
        parts = [rows[..., :1], PchipInterpolator(steps[1:], rows[..., 1:], axis=3)(fine)]
        viability = np.concatenate(parts, axis=3)
        doses = [reference[f"concentration_{k}"] for k in (1, 2)]
    scores = score_matrices(viability, doses[0], doses[1], MODELS, options=SIMULATED)
    return {name: scores[name].mean for name in MODELS}


def measure(wells: list[int]) -> list[tuple[str, float, dict[str, float]]]:
    """(design, wells of each line and pair, mean absolute error of each score in percent points)."""
    with tempfile.TemporaryDirectory() as folder:
        reference = quickstart(Path(folder), None)
        rows: list[tuple[str, float, dict[str, float]]] = []

        def add(name: str, many: float, found: dict[str, Array]) -> None:
            rows.append(
                (
                    name,
                    many,
                    {model: float(np.abs(found[model] - reference[model]).mean()) for model in MODELS},
                )
            )

        for size in SIZES:
            add("whole grid", size**2, whole_grid(reference, size, False))
        for size in SIZES:
            add("whole grid, filled", size**2, whole_grid(reference, size, True))
        for many in wells:
            found = quickstart(Path(folder), many)
            add("adaptive", float((found["status"] < 3).sum(axis=(2, 3)).mean()), found)
    return rows


def saved(rows: list[tuple[str, float, dict[str, float]]], model: str) -> list[tuple[int, float, float]]:
    """(size of a whole grid, its wells, wells of an adaptive design of equal or, where that is the smallest
    design measured, of less error), by interpolation of logs.
    """
    adaptive = sorted((row[2][model], row[1]) for row in rows if row[0] == "adaptive")
    errors, wells = np.array(adaptive).T
    found = []
    for name, many, error in rows:
        if name == "whole grid" and errors.min() <= error[model] and many > wells.min():
            at = np.exp(np.interp(np.log(error[model]), np.log(errors), np.log(wells)))
            found.append((round(many**0.5), many, float(at)))
    return found


def plot(rows: list[tuple[str, float, dict[str, float]]], path: Path) -> None:
    """Error against wells, a panel for each score; needs matplotlib."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "designs", "font.family": "sans-serif"}
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3.4), constrained_layout=True, sharey=True)
    styles = {
        "whole grid": ("o", "#5a6672"),
        "whole grid, filled": ("s", "#c2571a"),
        "adaptive": ("D", "#0a5a9c"),
    }
    for axis, model in zip(axes, MODELS, strict=True):
        for name, (marker, colour) in styles.items():
            points = [(many, error[model]) for design, many, error in rows if design == name]
            axis.loglog(*zip(*points, strict=True), marker=marker, color=colour, label=name)
        axis.set(xlabel="wells simulated of each line and pair", title=f"mean {model.capitalize()} excess")
        axis.set_xticks([16, 25, 36, 64, 144, 289], ["16", "25", "36", "64", "144", "289"], minor=False)
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0].set(ylabel="mean absolute error, percent points")
    axes[1].legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--wells", default="28,30,34,40,48,60")
    options.add_argument("--plot", type=Path)
    asked = options.parse_args()
    rows = measure([int(word) for word in asked.wells.split(",")])
    print(f"{'design':20s} {'wells':>6s} " + " ".join(f"{model:>8s}" for model in MODELS))
    for name, many, error in rows:
        print(f"{name:20s} {many:6.1f} " + " ".join(f"{error[model]:8.4f}" for model in MODELS))
    for model in MODELS:
        for size, many, at in saved(rows, model):
            share = 100 * (1 - at / many)
            words = f"{model}: the error of {size} x {size} ({many:.0f} wells) with {at:.0f} wells"
            print(f"{words}, {share:.0f} % saved")
    if asked.plot is not None:
        plot(rows, asked.plot)


if __name__ == "__main__":
    main()
