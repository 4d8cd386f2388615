"""What a calibration leaves on disk: ensemble, nominal set, and prior against posterior of each value."""

from pathlib import Path

import numpy as np

from screen.analysis.calibrate import Calibration
from screen.pathway import Pathway
from screen.pathway.draws import write_draws

IDENTIFIED = 0.5
"""A value is called identified where its posterior is at most this share as wide as its prior."""


def write_tables(calibration: Calibration, pathway: Pathway, folder: Path) -> list[Path]:
    """Write `ensemble.tsv`, `nominal.tsv` and `posterior.tsv` into the folder; returns their paths."""
    paths = [folder / name for name in ("ensemble.tsv", "nominal.tsv", "posterior.tsv")]
    write_draws(calibration.draws, paths[0])
    write_draws([calibration.nominal_draw], paths[1])
    lines = ["line\tid\tprior_median\tprior_sd_ln\tnominal\tq05\tmedian\tq95\twidth_share\tidentified"]
    draws = [calibration.priors.draw(scores) for scores in calibration.ensemble]
    nominal = calibration.priors.draw(calibration.nominal)
    for index, item in enumerate(calibration.priors.free):
        held = nominal.lines[item.line] if item.line else nominal.values
        values = [(draw.lines[item.line] if item.line else draw.values)[item.name] for draw in draws]
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        share = float(np.std(calibration.ensemble[:, index]))
        known = "yes" if share <= IDENTIFIED else "no"
        numbers = "\t".join(
            f"{v:.4g}" for v in (item.median, item.sd, held[item.name], low, middle, high, share)
        )
        lines.append(f"{item.line}\t{item.name}\t{numbers}\t{known}")
    paths[2].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return paths
