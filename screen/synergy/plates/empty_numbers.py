"""A reason for every number that is empty, or that lies beyond the doses tested, and the words of a whole block."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.synergy.batch import about_mean, local_noise, noise_bar
from screen.synergy.dose_matrices import Score
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.outliers import far_wells_text

HALVES = (("ec50", "ic50"), ("gec50", "gr50"))
ENOUGH = 5.0  # degrees of freedom that tell noise: of 6 x 6 wells
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
    """Words on midpoints that lie beyond or below the doses tested, by block."""
    found: dict[int, list[str]] = {}
    for drug, conc in ((1, conc_1), (2, conc_2)):
        names = next((pair for pair in HALVES if f"{pair[0]}_{drug}" in columns), None)
        if names is None:
            continue
        for k, (middle, half) in enumerate(zip(*(columns[f"{name}_{drug}"] for name in names))):
            top = conc[k][-1] if len(conc[k]) else np.nan
            if np.isinf(middle):
                found.setdefault(k, []).append(f"drug {drug} alone is flat: {names[0]}_{drug} inf")
            least = conc[k][conc[k] > 0].min(initial=np.inf)
            for name, dose in zip(names, (middle, half)):
                if np.isfinite(dose) and dose > top:
                    found.setdefault(k, []).append(f"{name}_{drug} lies beyond the doses")
                elif dose < least:
                    found.setdefault(k, []).append(f"{name}_{drug} lies below the doses")
    return {k: "; ".join(words) for k, words in found.items()}


def noise_words(columns: Mapping[str, Any], viability: Floats) -> dict[int, str]:
    """Words on drugs alone, in matrices `(matrix, dose_1, dose_2)`, whose fitted strength is of noise, by block."""
    found: dict[int, list[str]] = {}
    if "r2_1" not in columns:
        return {}
    variance, freedom = local_noise(viability)
    bar = np.where(freedom >= ENOUGH, noise_bar(variance, freedom), np.nan)
    for drug, alone in ((1, viability[:, :, 0]), (2, viability[:, 0, :])):
        names = next(pair for pair in HALVES if f"{pair[0]}_{drug}" in columns)
        flat = ~np.isfinite(columns[f"{names[0]}_{drug}"])
        gain = np.nan_to_num(columns[f"r2_{drug}"]) * about_mean(alone)
        for k in np.flatnonzero(~flat & (gain <= bar)):
            words = f"drug {drug} alone does no more than noise: its {names[0]} and hill say little"
            found.setdefault(int(k), []).append(words)
    return {k: "; ".join(words) for k, words in found.items()}


def reasons_of_grids(
    blocks: list[PlateBlock],
    scores: dict[str, Score],
    far: NDArray[np.bool_],
    columns: Mapping[str, Any],
    noise: dict[int, str],
) -> list[str]:
    """The reason of each block: wells far from their row and column, notes, what the models say, empty numbers."""
    marked: NDArray[np.bool_] = np.asarray(far.any(axis=(1, 2)))
    strength = strength_words(columns, [block.conc_1 for block in blocks], [block.conc_2 for block in blocks])
    empty = empty_words(columns)
    quiet = {model: not any(score.reason) for model, score in scores.items()}
    if all(quiet.values()) and not marked.any() and not strength and not empty and not noise:
        return ["; ".join(block.notes) for block in blocks]
    found = []
    for k, block in enumerate(blocks):
        words = far_wells_text(far[k], block.conc_1, block.conc_2) if marked[k] else ""
        reasons = {model: str(score.reason[k]) for model, score in scores.items()}
        said = [reason_of(block, [], reasons), strength.get(k, ""), noise.get(k, "")]
        parts = [words, *said]
        if k in empty:
            parts.append(empty[k] if not reasons or not any(reasons.values()) else _unsaid(empty[k]))
        found.append("; ".join(filter(None, parts)))
    return found


def _unsaid(words: str) -> str:
    """Of words on empty numbers, those that no model's reason covers."""
    return "; ".join(part for part in words.split("; ") if not part.startswith("no score"))


def reason_of(block: PlateBlock, words: Sequence[str], reasons: Mapping[str, str]) -> str:
    """Notes on the block, `words`, then what each model says; the same words of several models once."""
    models_of: dict[str, list[str]] = {}
    for model, reason in reasons.items():
        for part in filter(None, reason.split("; ")):
            models_of.setdefault(part, []).append(model)
    parts = [
        part if len(who) == len(reasons) else f"{', '.join(who)}: {part}" for part, who in models_of.items()
    ]
    return "; ".join(filter(None, [*block.notes, *words, *parts]))
