"""What a calibration leaves on disk: ensemble, nominal set, and prior against posterior of each free value."""

from pathlib import Path
from typing import Any

import numpy as np

from screen.analysis.calibration.calibrate import Calibration
from screen.analysis.calibration.repeat_agreement import agreement_line
from screen.files import write_text
from screen.pathway.tables.ensemble import write_draws

IDENTIFIED = 0.5
"""A value is called identified where its posterior is at most this share as wide as its prior."""
COLUMNS = (
    "line", "id", "kind", "prior_median", "prior_sd", "nominal", "q05", "median", "q95", "width_share", "identified",
    "r_hat", "ess",
)  # fmt: skip


def write_tables(calibration: Calibration, folder: Path) -> list[Path]:
    """Write `ensemble.tsv`, `nominal.tsv`, `posterior.tsv` and `summary.txt` into the folder; returns their paths."""
    paths = [folder / name for name in ("ensemble.tsv", "nominal.tsv", "posterior.tsv", "summary.txt")]
    write_draws(calibration.draws, paths[0])
    write_draws([calibration.nominal_draw], paths[1])
    free = calibration.free
    prior, nominal = free.natural(np.stack([np.zeros(len(free)), calibration.nominal]))
    quantiles, widths = free.natural(calibration.posterior_scores), calibration.width
    lines = ["\t".join(COLUMNS)]
    for index, item in enumerate(free.items):
        numbers = (prior[index], item.sd, nominal[index], *quantiles[:, index], widths[index])
        known = "yes" if widths[index] <= IDENTIFIED else "no"
        found = f"{calibration.r_hat[index]:.3f}", f"{calibration.effective_size[index]:.0f}"
        words = (item.line, item.name, item.kind)
        lines.append("\t".join([*words, *(f"{value:.4g}" for value in numbers), known, *found]))
    write_text(paths[2], "\n".join(lines) + "\n")
    write_text(paths[3], "\n".join(summary(calibration)) + "\n")
    return paths


def summary(calibration: Calibration) -> list[str]:
    """The calibration in a few lines."""
    record, earned = calibration.record, calibration.record["free_effective"]
    rows, misfits = record["rows"], record["misfit_by_step"]
    within = "" if record["chains"]["markov"] else " within a repeat"
    by_kind = ", ".join(f"{kind} {earned[kind]:.1f} of {many}" for kind, many in record["free"].items())
    return [
        f"{rows['measured']} measured numbers and {rows['statements']} statements ({record['wells']} wells); "
        f"{record['hold_nominal']} statements hold with the nominal set",
        f"{sum(record['free'].values())} free values, {sum(earned.values()):.0f} effective{within}: {by_kind}",
        f"misfit a row {np.mean([row[0] for row in misfits]):.2f} before and "
        f"{np.mean([row[-1] for row in misfits]):.2f} after the search, "
        f"{record['misfit_nominal']:.2f} of the nominal set",
        f"R-hat {record['r_hat']['median']:.3f} (median), {record['r_hat']['largest']:.3f} (largest); bulk effective "
        f"sample size {record['effective_size']['median']:.0f} (median), "
        f"{record['effective_size']['smallest']:.0f} (smallest) over {_chains(record)}; of predictions R-hat "
        f"{record['predictions']['r_hat']['largest']:.3f} at most, size "
        f"{record['predictions']['effective_size']['smallest']:.0f} at least",
        *_agreement(record),
    ]


def _agreement(record: dict[str, Any]) -> list[str]:
    """Whether repeats agreed; nothing is said of one, and of chains R-hat says it."""
    repeats = len(record["misfit_by_step"])
    if repeats == 1 or record["chains"]["markov"]:
        return []
    above = record["energy_above_lowest"] or [0.0] * repeats
    hats, chosen = record["r_hat"], [number - 1 for number in record["repeats_kept"]]
    return [agreement_line(above, chosen, hats["within_1.05"], hats["largest"])]


def _chains(record: dict[str, Any]) -> str:
    chains = record["chains"]
    if chains["markov"]:
        return f"{chains['count']} chains of {chains['states']} states"
    return f"{chains['count']} repeats"
