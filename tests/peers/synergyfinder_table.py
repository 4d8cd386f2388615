"""Our numbers beside those of the package `synergy` 1.0 and of SynergyFinder 3.15.0 on the ten measured
blocks that have results there; prints a Markdown table of means over the cells with both doses above 0. The
last column counts the cells that both drugs reach on our curves and on drc's, and says how far our Loewe lies
above SynergyFinder's there on average.

HERSCREEN_SHARED=../shared python tests/synergy/agreement_table.py
"""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from screen.synergy import ScoringOptions, score_matrices

MODELS = ("hsa", "bliss", "loewe", "zip", "musyc", "braid")
HEAD = (
    "hsa",
    "bliss",
    "loewe",
    "zip",
    "musyc beta",
    "braid kappa",
    "zip, least squares",
    "loewe, least squares",
    "loewe, drc",
    "cells reached by both",
)
OWN = {"musyc": "musyc_beta", "braid": "braid_kappa"}


def package(model: str, viability: np.ndarray, conc_1: np.ndarray, conc_2: np.ndarray) -> float:
    """The package's mean excess (beta of MuSyC, kappa of BRAID); NaN where it raises or finds none."""
    from synergy import combination

    name = {
        "hsa": "HSA",
        "bliss": "Bliss",
        "loewe": "Loewe",
        "zip": "ZIP",
        "musyc": "MuSyC",
        "braid": "BRAID",
    }[model]
    first, second = np.meshgrid(conc_1, conc_2, indexing="ij")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = getattr(combination, name)(**({"mode": "delta_HSA"} if model == "loewe" else {}))
            fitted.fit(first.ravel(), second.ravel(), viability.ravel())
            if model == "musyc":
                return float(fitted.beta)
            if model == "braid":
                return float(fitted.kappa)
            return 100 * float(np.mean(fitted.synergy.reshape(viability.shape)[1:, 1:]))
        except Exception:
            return float("nan")


def main() -> None:
    """Print the table: for each model ours / package / SynergyFinder, `-` where there is none."""
    folder = (
        Path(os.environ.get("HERSCREEN_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "plates"
    )
    cells = pd.read_csv(folder / "synergyfinder-cells.csv")
    summary = pd.read_csv(folder / "synergyfinder-summary.csv").set_index(["dataset", "block", "baseline"])
    print("| block | " + " | ".join(HEAD) + " |")
    print("|---" * (len(HEAD) + 1) + "|")
    for (dataset, number), group in cells.groupby(["dataset", "block"]):
        table = group.pivot(index="conc1", columns="conc2", values="response")
        data = 1 - table.to_numpy() / 100, table.index.to_numpy(), table.columns.to_numpy()
        scores = score_matrices(*data, MODELS)
        row = []
        for model in MODELS:
            score = scores[model]
            ours = float(score.parameters[OWN[model]] if model in OWN else score.mean)
            values = [ours, package(model, *data)]
            if model not in OWN:
                values.append(float(summary.loc[(dataset, number, "non"), model]))
            row.append(" / ".join("-" if np.isnan(v) else f"{v:.2f}" for v in values))
        row.append(
            f"{score_matrices(*data, ['zip'], options=ScoringOptions(fit='least-squares'))['zip'].mean:.2f}"
        )
        least, drc = (
            score_matrices(*data, ["loewe"], options=ScoringOptions(fit=fit))["loewe"]
            for fit in ("least-squares", "drc")
        )
        row += [f"{least.mean:.2f}", f"{drc.mean:.2f}"]
        theirs = group.pivot(index="conc1", columns="conc2", values="Loewe_synergy").to_numpy()
        unreached = scores["loewe"].masks["unreached"] | drc.masks["unreached"]
        apart = (scores["loewe"].excess - theirs)[1:, 1:][~unreached[1:, 1:]]
        row.append(f"{apart.size}: {apart.mean():+.2f}" if apart.size else "0")
        print(f"| {dataset}-{number} | " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
