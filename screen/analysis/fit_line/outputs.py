"""What a fitted line leaves on disk: its posterior as a table of lines that a configuration reads, the
configuration that screens other partners on it, and everything about the fit as JSON.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from screen.analysis.fit_line.fit_line import WORST_MOST, LineFit, MeasuredPlate, Verdict
from screen.cube.reader import CubeReader
from screen.files import table_text, write_text
from screen.pathway import Pathway

USUAL_PARTNERS = ("linsitinib", "BMS-754807", "alpelisib", "MK-2206", "everolimus", "lapatinib")


def posterior_table(fit: LineFit, prefix: str) -> str:
    """CSV, a row a draw: its name, then factors on the mean abundances of the named lines (`scale: fold`)."""
    lines = fit.prior.lines(fit.values, prefix)
    columns = list(dict.fromkeys([*fit.prior.line.values, *fit.prior.names]))
    rows = [[line.name, *(f"{line.values[name]:.5g}" for name in columns)] for line in lines]
    return table_text([["cell_line", *columns], *rows])


def configuration(
    name: str, table: Path, anchor: str, partners: Sequence[str], time_h: float, seed: int, about: str
) -> str:
    """A configuration that screens the anchor with `partners` on the posterior in `table`, in the same folder."""
    settings: dict[str, Any] = {
        "name": name,
        "description": about,
        "cell_lines": [{"table": table.name, "scale": "fold"}],
        "combinations": {"anchor": anchor, "partners": list(partners)},
        "times": f"{time_h:g} h",
        "readouts": "all",
        "seed": seed,
    }
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=110)


def summary(fit: LineFit, about: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Everything about a fit, as JSON can hold it, `about` the plate first; widths are of natural logarithms."""
    low, middle, high = np.quantile(fit.values, [0.05, 0.5, 0.95], axis=0)
    width = np.log(fit.values).std(axis=0)
    quantities = [
        {
            "name": name,
            "prior_median": float(fit.prior.center[k]),
            "prior_sd_ln": float(fit.prior.sd_ln[k]),
            "best": float(fit.best[k]),
            "q05": float(low[k]),
            "median": float(middle[k]),
            "q95": float(high[k]),
            "width_share": float(width[k] / fit.prior.sd_ln[k]),
        }
        for k, name in enumerate(fit.prior.names)
    ]
    verdict = fit.verdict
    return dict(about or {}) | {
        "around": fit.prior.line.name,
        "quantities": quantities,
        "noise": float(np.median(fit.noise)),
        "explained": verdict.explained,
        "residual": verdict.residual,
        "allowed": verdict.allowed,
        "too_noisy_to_tell": verdict.noisy,
        "replicate_noise": verdict.noise if verdict.from_replicates else None,
        "covered": verdict.covered,
        "log_evidence": fit.log_evidence,
        "stages": fit.stages,
    }


def quantity_rows(fit: LineFit, most: int) -> list[list[str]]:
    """The quantities whose posterior is narrowest against the prior: name, medians before and after, 90 % interval,
    and the share of the prior's width that is left.
    """
    quantities = sorted(summary(fit)["quantities"], key=lambda item: item["width_share"])
    return [
        [
            item["name"],
            f"{item['prior_median']:.3g}",
            f"{item['median']:.3g}",
            f"{item['q05']:.3g} to {item['q95']:.3g}",
            f"{item['width_share']:.0%}",
        ]
        for item in quantities[:most]
    ]


def verdict_sentence(verdict: Verdict) -> str:
    """Whether the model explains the plate, with the threshold."""
    source = (
        "stated"
        if verdict.stated
        else "of replicates"
        if verdict.from_replicates
        else "assumed, as there are no replicates"
    )
    numbers = (
        f"its predictions miss the wells by {100 * verdict.residual:.1f} percent points (root mean square), "
        f"{100 * verdict.allowed:.1f} are allowed (noise {100 * verdict.noise:.1f} points a well, {source}); "
        f"{verdict.covered:.0%} of the wells lie in their 95 % interval"
    )
    if verdict.noisy:
        return (
            f"The plate is too noisy to tell whether the model explains it: {numbers}. Noise alone would leave "
            f"{100 * verdict.of_means:.1f} points, and no verdict allows more than {100 * WORST_MOST:.0f}."
        )
    if verdict.explained:
        return f"The model explains the plate: {numbers}."
    return (
        f"The model cannot explain this plate: {numbers}. Do not trust what it says of other partners in "
        "this line."
    )


def partners_on(cube: Path) -> list[tuple[str, tuple[float, float, float], tuple[float, float, float]]]:
    """Each combination of a screened posterior: its mean Bliss excess and the lowest viability of its grid,
    as 5 %, 50 % and 95 % quantiles over the draws that were solved; the lowest viability first.
    """
    with CubeReader.open(cube) as opened:
        excess = opened.part("scores")["bliss"].array("cell_line", "combination", time=-1)
        left = opened.root["viability"].array("cell_line", "combination", "dose_1", "dose_2", time=-1)
        names = opened.combinations
    found = []
    for k, name in enumerate(names):
        lowest = np.array([np.nanmin(grid) for grid in left[:, k] if np.isfinite(grid).any()])
        known = excess[np.isfinite(excess[:, k]), k]
        if len(known) and len(lowest):
            one, two = (np.quantile(values, [0.05, 0.5, 0.95]) for values in (known, lowest))
            found.append((name, tuple(map(float, one)), tuple(map(float, two))))
    return sorted(found, key=lambda item: item[2][1])  # type: ignore[arg-type]


def partner_rows(cube: Path) -> list[list[str]]:
    """`partners_on` in words: combination, lowest viability and Bliss excess with their intervals."""
    return [
        [
            name,
            f"{left[1]:.2f} ({left[0]:.2f} to {left[2]:.2f})",
            f"{excess[1]:+.1f} ({excess[0]:+.1f} to {excess[2]:+.1f})",
        ]
        for name, excess, left in partners_on(cube)
    ]


def chosen_partners(pathway: Pathway, names: Sequence[str], measured: Sequence[MeasuredPlate]) -> list[str]:
    """The drugs named, or else the usual partners that the plates do not hold. Raises `InputError`."""
    seen = {drug for one in measured for drug in one.drugs}
    chosen = dict.fromkeys(pathway.drug(name).name for name in names or USUAL_PARTNERS)
    return [name for name in chosen if names or name not in seen]


def write_fit(
    fit: LineFit, table: Path, prefix: str, text: str, about: Mapping[str, Any] | None = None
) -> list[Path]:
    """Write the posterior to `table`, the configuration `text` and the JSON summary next to it."""
    paths = [table, table.with_suffix(".yaml"), table.with_suffix(".json")]
    contents = [posterior_table(fit, prefix), text, json.dumps(summary(fit, about), indent=1) + "\n"]
    for path, content in zip(paths, contents, strict=True):
        write_text(path, content)
    return paths
