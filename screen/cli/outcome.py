"""What is printed after a run: where a combination does most beyond its single drugs, and the controls."""

from math import isnan, nan
from pathlib import Path

import numpy as np
import typer

from screen.cli.console import table
from screen.runner.controls.controls import read_checks


def print_strongest(cube: Path, count: int) -> None:
    """Print the `count` strongest synergies of a cube at its last assay time; reads the scores only."""
    import h5py

    with h5py.File(cube, "r", locking=False) as file:
        scores = file["scores"]
        model = next((name for name in ("bliss", "loewe", "zip", "hsa") if name in scores), None)
        if model is None:
            return
        mean, best = scores[model][..., -1], scores[f"{model}_max"][..., -1]
        spread = [
            scores[f"{model}_{end}"][..., -1]
            for end in ("low", "high", "probability")
            if f"{model}_{end}" in scores
        ]
        viability = file["viability"]
        order = [
            int(k) for k in np.argsort(-np.nan_to_num(mean, nan=-np.inf), axis=None, kind="stable")[:count]
        ]
        places = [tuple(map(int, np.unravel_index(k, mean.shape))) for k in order]
        places = [place for place in places if np.isfinite(mean[place])]
        schedules = file["schedule"].asstr()[...] if mean.ndim == 3 else None
        lines, combinations = file["cell_line"].asstr()[...], file["combination"].asstr()[...]
        lowest = [float(np.nanmin(viability[place][..., -1])) for place in places]
        hours = float(file["time"][-1])
    rows = [
        [
            str(lines[place[0]]),
            str(combinations[place[1]]),
            *([] if schedules is None else [str(schedules[place[2]])]),
            f"{mean[place]:+.1f}",
            *_interval(*(float(values[place]) for values in spread)),
            f"{best[place]:+.1f}" if np.isfinite(best[place]) else "-",
            f"{low:.2f}",
        ]
        for place, low in zip(places, lowest, strict=True)
    ]
    title = (
        f"Strongest synergies at {hours:g} h by {model}: excess in percent points\n"
        "of inhibition, positive = synergy; lowest viability of the grid"
    )
    if spread:
        title += ";\n5 to 95 % of the draws, and the share of draws above 0"
    numbers = ["mean", *(["5 to 95 %", "probability"] if spread else []), "best 3x3", "viability"]
    names = ["cell line", "combination", *([] if schedules is None else ["schedule"])]
    table(title, [*names, *numbers], rows, numbers)


def _interval(low: float = nan, high: float = nan, probability: float = nan) -> list[str]:
    """An interval and a probability as cells of the table; none without an ensemble."""
    return [] if isnan(probability) else [f"{low:+.1f} to {high:+.1f}", f"{probability:.0%}"]


def print_checks(cube: Path) -> None:
    """Print a line for each control of a cube."""
    for check in read_checks(cube):
        verdict = "passed" if check.passed else "FAILED"
        typer.echo(f"control {verdict}: {check.sentence}")
