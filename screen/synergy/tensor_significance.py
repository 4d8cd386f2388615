"""Is there any interaction among three drugs and more? As `plates.significance` asks it of pairs: tensors without it,
what a model expects plus the plate's noise, are scored by the whole procedure, fits included.

Two questions, two nulls. Of the mean excess: no drug touches another, so the cells of pairs, triples and more hold what
the model expects of the drugs alone. Of what lies beyond fewer drugs: the cells of fewer drugs stay as they are
(smoothed), and those of all drugs hold what these lead to expect.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from screen.arrays import Floats
from screen.synergy.models.registry import MANY_DRUGS, TESTED
from screen.synergy.plates.bootstrap import null_draws
from screen.synergy.plates.significance import mean_and_maximum
from screen.synergy.score import score_matrices
from screen.synergy.score_tensors import score_tensors

OF_SMOOTH = {"zip": "bliss"}
"""What a model expects of a surface that is smooth already, where it is another model's expectation."""


def tensor_significance(
    viability: Floats, smooth: tuple[Floats, float], doses: Sequence[Floats], name: str, models: Sequence[str],
    draws: tuple[int, int],
) -> dict[str, float]:  # fmt: skip
    """`<model>_p`, `<model>_p_max` and `<model>_beyond_p` of one block, `viability` `(1, dose_1, ..., dose_k)`; its
    `smooth` surface and the noise of a well; `draws`: how many, and their seed."""
    surface, sigma = smooth
    known = ~np.isnan(viability)
    freedom = max(0.5 * float(known.sum()), 3.0)
    inner = (..., *[slice(1, None)] * len(doses))
    found: dict[str, float] = {}
    for model in (model for model in models if model in TESTED and model in MANY_DRUGS):
        observed = score_tensors(viability, doses, [model])[model]
        nulls = _without_interaction(surface, doses, model), _without_more(surface, doses, model)
        for what, null in zip(("excess", "beyond"), nulls):
            drawn = null_draws(null, np.array([sigma]), [f"{name} {what}"], *draws)[:, 0]
            drawn = np.where(known[0], drawn, np.nan)
            many = [np.repeat(dose, len(drawn), axis=0) for dose in doses]
            scored = getattr(score_tensors(drawn, many, [model])[model], what)[inner]
            cells = getattr(observed, what)[0][inner].ravel()
            mean, most = mean_and_maximum(cells, scored.reshape(len(drawn), -1), freedom)
            found |= (
                {f"{model}_p": mean, f"{model}_p_max": most}
                if what == "excess"
                else {f"{model}_beyond_p": mean}
            )
    return found


def _without_interaction(surface: Floats, doses: Sequence[Floats], model: str) -> Floats:
    """The surface with what the model expects of the drugs alone in every cell of two and more."""
    null = surface.copy()
    for size in range(2, len(doses) + 1):
        for group in combinations(range(len(doses)), size):
            face = (slice(None), *(slice(None) if k in group else 0 for k in range(len(doses))))
            null[face] = surface[face] + _excess(surface[face], [doses[k] for k in group], model) / 100
    return null


def _excess(face: Floats, doses: Sequence[Floats], model: str) -> Floats:
    name = OF_SMOOTH.get(model, model)
    if len(doses) == 2:
        return score_matrices(face, doses[0], doses[1], [name])[name].excess
    return score_tensors(face, doses, [name])[name].excess


def _without_more(surface: Floats, doses: Sequence[Floats], model: str) -> Floats:
    """The surface with what combinations of fewer drugs lead to expect in the cells of all drugs."""
    name = OF_SMOOTH.get(model, model)
    return np.asarray(surface + score_tensors(surface, doses, [name])[name].beyond / 100)
