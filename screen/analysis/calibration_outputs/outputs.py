"""What a calibration leaves on disk: ensemble, nominal set, and prior against posterior of each value."""

from pathlib import Path

import numpy as np

from screen.analysis.calibration.calibrate import Calibration
from screen.files import write_text
from screen.pathway.tables.ensemble import write_draws

IDENTIFIED = 0.5
"""A value is called identified where its posterior is at most this share as wide as its prior."""


def write_tables(calibration: Calibration, folder: Path) -> list[Path]:
    """Write `ensemble.tsv`, `nominal.tsv` and `posterior.tsv` into the folder; returns their paths."""
    paths = [folder / name for name in ("ensemble.tsv", "nominal.tsv", "posterior.tsv")]
    write_draws(calibration.draws, paths[0])
    write_draws([calibration.nominal_draw], paths[1])
    lines = [
        "line\tid\tkind\tprior_median\tprior_sd_ln\tnominal\tq05\tmedian\tq95\twidth_share\tidentified\tr_hat\tess"
    ]
    priors = calibration.priors
    values, nominal = priors.values(calibration.ensemble), priors.values(calibration.nominal)
    for index, item in enumerate(priors.free):
        low, middle, high = np.quantile(values[:, index], [0.05, 0.5, 0.95])
        share = float(np.std(calibration.ensemble[:, index]))
        known = "yes" if share <= IDENTIFIED else "no"
        numbers = "\t".join(
            f"{v:.4g}" for v in (item.median, item.sd, nominal[index], low, middle, high, share)
        )
        found = f"{calibration.r_hat[index]:.3f}\t{calibration.effective[index]:.0f}"
        lines.append(f"{item.line}\t{item.name}\t{item.kind}\t{numbers}\t{known}\t{found}")
    write_text(paths[2], "\n".join(lines) + "\n")
    return paths
