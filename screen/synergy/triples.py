"""Scores of three drugs: the tensors of a cube's group `/triples` in, the variables of `/triples/scores` out.
`<model>` is the mean excess over cells with all three drugs, `<model>_beyond` what of it the pairs do not
explain (see `higher`), both in percent points of inhibition, positive = synergy.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from screen.synergy.curves import SingleAgent
from screen.synergy.higher import HIGHER, HigherScore, score_tensors
from screen.synergy.matrices import no_words, say
from screen.synergy.musyc_three import ALPHAS, SETS, fit_three

Floats = NDArray[np.float64]
Described = dict[str, tuple[tuple[str, ...], NDArray[np.generic], dict[str, str]]]
AXES = ("dose_1", "dose_2", "dose_3")
THREE = (*HIGHER, "musyc")
"""The reference models that have a form for three drugs."""
TITLES = {
    "hsa": "highest single agent",
    "bliss": "Bliss independence",
    "loewe": "Loewe additivity",
    "schindler": "the Hill surface",
    "musyc": "MuSyC without interactions",
}
PARAMETERS = 23
CHUNK = 64


def score_triples(
    viability: Floats,
    concentrations: Sequence[Floats],
    models: Sequence[str],
    lead: Sequence[str],
    dims: Sequence[str],
    *,
    readout: str = "viability",
    single_agent: SingleAgent = "monotone",
) -> Described:
    """The variables of `/triples/scores` as (dims, values, attributes).

    `viability` `(*lead, dose_1, dose_2, dose_3)` as a fraction of vehicle; `concentrations` `(..., dose)`,
    whose leading dims broadcast to `lead`; excesses come with `dims`, those of `lead` and the dose axes in
    any order. Of `models` those without a form for three drugs are left out.
    """
    conc = [np.broadcast_to(one, (*viability.shape[:-3], one.shape[-1])) for one in concentrations]
    wanted = [model for model in models if model in HIGHER]
    found: dict[str, HigherScore] = score_tensors(viability, conc, wanted, single_agent) if wanted else {}
    own: Mapping[str, Floats] = {}
    if "musyc" in models:
        found["musyc"], own = _musyc(viability, conc)
    order = [[*lead, *AXES].index(dim) for dim in dims]
    axes = tuple(lead)
    base = {"readout": readout, "units": "percent points of inhibition", "sign": "positive = synergy"}
    out: Described = {}
    for model in (model for model in models if model in found):
        score, title = found[model], TITLES[model]
        say(flat := score.reason.reshape(-1), *_missing(viability, conc))
        parts: tuple[tuple[str, Floats, str], ...] = (
            ("", score.mean, f"mean excess over {title}"),
            ("_max", best_cube(score.excess), f"best 3 x 3 x 3 window of excess over {title}"),
            ("_beyond", score.mean_beyond, f"mean excess over {title} beyond what the pairs explain"),
        )
        about = base | {"long_name": f"excess over {title}"}
        out[f"{model}_excess"] = tuple(dims), score.excess.transpose(order), about
        about = base | {"long_name": f"excess over {title} beyond what the pairs explain"}
        out[f"{model}_beyond_excess"] = tuple(dims), score.beyond_pairs.transpose(order), about
        for end, values, words in parts:
            out[f"{model}{end}"] = axes, values, base | {"long_name": words}
        why = {"readout": readout, "long_name": f"why the score over {title} is absent or limited"}
        out[f"{model}_reason"] = axes, flat.reshape(score.reason.shape), why
    for name, values in own.items():
        out[name] = axes, values, {"readout": readout, "units": "1", "long_name": _meaning(name)}
    return out


def best_cube(excess: Floats) -> Floats:
    """Largest mean of 3 x 3 x 3 neighbouring cells with all drugs, `(...)`, all of them present; NaN where
    there is no such window."""
    inner = excess[..., 1:, 1:, 1:]
    if min(inner.shape[-3:]) < 3:
        return np.full(inner.shape[:-3], np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(inner, (3, 3, 3), axis=(-3, -2, -1)).mean(
        axis=(-3, -2, -1)
    )
    flat = windows.reshape(*windows.shape[:-3], -1)
    best = np.where(np.isnan(flat), -np.inf, flat).max(axis=-1)
    return np.where(np.isinf(best), np.nan, best)


def _missing(viability: Floats, conc: Sequence[Floats]) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """Which tensors lack wells of their design, and words for how many; flat."""
    one, two, three = (~np.isnan(part) for part in conc)
    wells = one[..., :, None, None] & two[..., None, :, None] & three[..., None, None, :]
    absent = (wells & np.isnan(viability)).sum(axis=(-3, -2, -1)).reshape(-1)
    total = wells.sum(axis=(-3, -2, -1)).reshape(-1)
    return absent > 0, np.array(
        [f"{a} of {b} wells have no value" for a, b in zip(absent, total)], dtype=object
    )


def _musyc(viability: Floats, conc: Sequence[Floats]) -> tuple[HigherScore, dict[str, Floats]]:
    """MuSyC for three drugs and its own quantities `(...)`; a fit needs more wells than it has parameters."""
    lead, grid = viability.shape[:-3], viability.shape[-3:]
    flat = viability.reshape(-1, *grid)
    doses = [one.reshape(-1, one.shape[-1]) for one in conc]
    reason = no_words(len(flat))
    enough = np.isfinite(flat).sum(axis=(1, 2, 3)) > PARAMETERS
    say(reason, ~enough, f"fewer than {PARAMETERS + 1} wells for {PARAMETERS} parameters")
    excess, beyond = np.full((2, *flat.shape), np.nan)
    own = {f"musyc_{name}": np.full(len(flat), np.nan) for name in ("r2", *ALPHAS)}
    own |= {f"musyc_beta_{SETS[s]}": np.full(len(flat), np.nan) for s in (3, 5, 6, 7)}
    rows = np.flatnonzero(enough)
    for part in (rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK)):
        fit = fit_three(flat[part], [one[part] for one in doses])
        excess[part], beyond[part] = 100 * (fit.null - fit.fitted), 100 * (fit.pairs - fit.fitted)
        own["musyc_r2"][part] = fit.r2
        for k, name in enumerate(ALPHAS):
            own[f"musyc_{name}"][part] = fit.alpha[:, k]
        for name, values in fit.beta.items():
            own[f"musyc_{name}"][part] = values
        unsettled = np.zeros(len(flat), dtype=bool)
        unsettled[part] = ~fit.converged
        say(reason, unsettled, "the fit had not settled when it was stopped")
    inner = np.isfinite(flat[:, 1:, 1:, 1:])
    for values in (excess, beyond):
        values[np.isnan(flat)] = np.nan
        for edge in (np.s_[:, 0], np.s_[:, :, 0], np.s_[:, :, :, 0]):
            values[edge] = np.where(np.isnan(values[edge]), np.nan, 0.0)
    count = np.maximum(inner.sum(axis=(1, 2, 3)), 1)
    means = [
        np.where(inner, part[:, 1:, 1:, 1:], 0.0).sum(axis=(1, 2, 3)) / count for part in (excess, beyond)
    ]
    mean, mean_beyond = (np.where(enough, one, np.nan).reshape(lead) for one in means)
    score = HigherScore(
        excess.reshape(viability.shape),
        beyond.reshape(viability.shape),
        mean,
        mean_beyond,
        reason.reshape(lead),
    )
    return score, {name: values.reshape(lead) for name, values in own.items()}


def _meaning(name: str) -> str:
    """What a quantity of MuSyC says."""
    _, kind, *who = name.split("_")
    if kind == "alpha":
        return f"{name}: factor by which drug {' and '.join(who[0])} makes drug {who[1]} more potent"
    if kind == "beta":
        return f"{name}: how much further drugs {', '.join(who[0])} reach than their best subset"
    return f"{name}: share of the variance that the surface explains"
