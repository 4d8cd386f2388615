"""What ZIP would be if slices that a curve explains little better than no change were left flat at the value
that they start from: mean excess by rule beside SynergyFinder 3.15.0, the table behind docs/synergy.md.

HERSCREEN_SHARED=../shared python tests/synergy/slice_rules.py
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import f as fisher

from screen.synergy.curves import fit_curves
from screen.synergy.zip import fit_slices

FREE = 3
NO_FLOOR = -9.0


def kept(rule: str, observed: np.ndarray, fit: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Slices `(slice,)` that keep their curve; `observed` and `fit` `(slice, dose)`, `start` `(slice, 1)`."""
    size = observed.shape[1]
    curve = np.maximum(((fit - observed) ** 2).sum(axis=1), 1e-12)
    flat = ((start - observed) ** 2).sum(axis=1)
    gain = size * np.log(np.maximum(flat, 1e-12) / curve)
    if rule == "F-test":
        ratio = (flat - curve) / FREE / (curve / (size - FREE))
        return fisher.sf(ratio, FREE, size - FREE) < 0.05
    if rule == "Akaike":
        return gain > 2 * FREE
    if rule == "Bayes":
        return gain > FREE * np.log(size)
    if rule == "falling":
        return fit[:, -1] <= start[:, 0] + 1e-9
    return np.ones(len(fit), dtype=bool)


def mean_excess(viability: np.ndarray, conc_1: np.ndarray, conc_2: np.ndarray, rule: str) -> float:
    """Mean ZIP excess in percent points when slices follow `rule`."""
    floor = NO_FLOOR if rule == "no bound" else 0.0
    fitted, alone = [], []
    for values, own, along in ((viability, conc_1, conc_2), (viability.T, conc_2, conc_1)):
        inner, start = values[1:, 1:], values[1:, 0]
        fit = fit_slices(np.log(along[1:])[None], inner[None], start[None], floor)[0]
        keep = kept(rule, inner, fit, start[:, None])
        fitted.append(np.where(keep[:, None], fit, start[:, None]))
        curve = fit_curves(own[None], values[None, :, 0], "fit", floor)
        alone.append(curve.response(np.log(own[1:]), np.zeros(len(own) - 1, dtype=np.intp)))
    expected = alone[0][:, None] * alone[1][None, :]
    return float(100 * (expected - 0.5 * (fitted[0] + fitted[1].T)).mean())


def main() -> None:
    """Print a row a block: SynergyFinder, then every rule."""
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    folder = Path(os.environ.get("HERSCREEN_SHARED", beside)) / "plates"
    cells = pd.read_csv(folder / "synergyfinder-cells.csv")
    summary = pd.read_csv(folder / "synergyfinder-summary.csv").set_index(["dataset", "block", "baseline"])
    rules = ("none", "F-test", "Akaike", "Bayes", "falling", "no bound")
    print("| block | SynergyFinder | " + " | ".join(rules) + " |")
    print("|---" * (len(rules) + 2) + "|")
    for (dataset, number), group in cells.groupby(["dataset", "block"]):
        table = group.pivot(index="conc1", columns="conc2", values="response")
        data = 1 - table.to_numpy() / 100, table.index.to_numpy(), table.columns.to_numpy()
        numbers = [float(summary.loc[(dataset, number, "non"), "zip"])]
        numbers += [mean_excess(*data, rule) for rule in rules]
        print(f"| {dataset}-{number} | " + " | ".join(f"{value:.2f}" for value in numbers) + " |")


if __name__ == "__main__":
    main()
