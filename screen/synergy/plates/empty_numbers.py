"""A reason for every number that is empty, or that lies beyond the doses tested."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from screen.arrays import Floats

WHY = {
    "ci50": "ci50: no row or column falls through 50 %, or neither drug alone does",
    "css": "css: too few doses a row or column for a curve",
}


def empty_words(columns: Mapping[str, Any]) -> dict[int, str]:
    """Words on the empty ones among the numbers `(block,)` of a group of grids, by block."""
    found: dict[int, list[str]] = {}
    for name, words in WHY.items():
        if name in columns:
            for k in np.flatnonzero(np.isnan(columns[name])):
                found.setdefault(int(k), []).append(words)
    windows = [name for name in columns if name.endswith("_max") and name.removesuffix("_max") in columns]
    if windows:
        none = np.all([np.isnan(columns[name]) for name in windows], axis=0)
        scored = np.any([~np.isnan(columns[name.removesuffix("_max")]) for name in windows], axis=0)
        for k in np.flatnonzero(none & scored):
            found.setdefault(int(k), []).append("no 3 x 3 window of combination wells is whole")
    return {k: "; ".join(words) for k, words in found.items()}


def strength_words(
    columns: Mapping[str, Any], conc_1: Sequence[Floats], conc_2: Sequence[Floats]
) -> dict[int, str]:
    """Words on midpoints that lie beyond the doses tested, by block."""
    found: dict[int, list[str]] = {}
    for drug, conc in ((1, conc_1), (2, conc_2)):
        if f"ec50_{drug}" not in columns:
            continue
        for k, (middle, half) in enumerate(zip(columns[f"ec50_{drug}"], columns[f"ic50_{drug}"])):
            top = conc[k][-1] if len(conc[k]) else np.nan
            if np.isinf(middle):
                found.setdefault(k, []).append(f"drug {drug} alone is flat: ec50_{drug} inf")
            elif middle > top:
                found.setdefault(k, []).append(f"ec50_{drug} lies beyond the doses")
            if np.isfinite(half) and half > top:
                found.setdefault(k, []).append(f"ic50_{drug} lies beyond the doses")
    return {k: "; ".join(words) for k, words in found.items()}
