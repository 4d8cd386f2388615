"""BRAID: one interaction parameter kappa on a Loewe-like additive surface. Twarog 2016, doi:10.1038/srep25523
(the form of the R package braidrm with the pair's maximum equal to the stronger drug's).

kappa 0 is additive, positive synergy, negative (above -2) antagonism. Excess: `100 * (kappa-0 surface -
fit)`, positive = synergy. IAE, the index of achievable efficacy, is the root of (area of all doses tested)
/ (area of the doses tested that leave more than half the effect range undone): 1 = nothing is reached,
larger = more.

Limits: the pair reaches no further than its stronger drug, so extra efficacy is read as potency; both drugs
must act, and in one direction: where one alone does no more than noise, its weight trades against kappa, which is then
undetermined and left empty; a kappa beyond the bounds -1.96 and 100 is reported at the bound.
"""

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.synergy.batch import Batch
from screen.synergy.curves.surface_fit import Cells, Surfaces, best_starts, fit_surfaces
from screen.synergy.dose_matrices import add_reason
from screen.synergy.models.fitted_surface import R2, inert_drugs, surface_outcome, surface_reasons
from screen.synergy.models.reference_model import ModelOutcome, Quantity, ReferenceModel

NAMES = ("E0", "Ef", "IDMA", "IDMB", "na", "nb", "fA", "fB", "kappa")
KAPPA_RANGE = (-1.96, 100.0)
PARAMETERS = len(NAMES) - 1  # the stronger drug's share is 1


def evaluate(parameters: Floats, x1: Floats, x2: Floats) -> tuple[Floats, Floats]:
    """Viability `(matrix, well)` and derivatives `(matrix, parameter, well)`; parameters in the order of
    `NAMES`: potencies, slopes and the drugs' shares of the largest effect as natural logarithms."""
    e0, ef, ma, mb, lna, lnb, lfa, lfb, kappa = (parameters[:, k, None] for k in range(9))
    na, nb = np.exp(lna), np.exp(lnb)
    s = np.sqrt(na * nb)
    la, ra, da, lpa = _side(x1, ma, na, lfa, s)
    lb, rb, db, lpb = _side(x2, mb, nb, lfb, s)
    pa, pb = np.exp(np.minimum(lpa, 300.0)), np.exp(np.minimum(lpb, 300.0))
    mixed = np.exp(np.minimum(0.5 * (lpa + lpb), 300.0))
    total = np.maximum(pa + pb + kappa * mixed, 1e-300)
    log_total = np.log(total)
    g = 1.0 / (1.0 + np.exp(np.clip(-s * log_total, -600.0, 600.0)))
    depth = ef - e0
    slope = depth * g * (1 - g)
    qa, qb = (pa + 0.5 * kappa * mixed) / total, (pb + 0.5 * kappa * mixed) / total
    by_a, by_b = slope * qa, slope * qb
    by_s = 0.5 * s * slope * (log_total - qa * lpa - qb * lpb)
    jacobian = np.empty((len(g), 9, g.shape[1]))
    jacobian[:, 0], jacobian[:, 1] = 1 - g, g
    jacobian[:, 2], jacobian[:, 3] = -na * by_a * ra, -nb * by_b * rb
    jacobian[:, 4], jacobian[:, 5] = by_a * la * ra + by_s, by_b * lb * rb + by_s
    jacobian[:, 6], jacobian[:, 7] = by_a * (1 + da), by_b * (1 + db)
    jacobian[:, 8] = slope * s * mixed / total
    return e0 + depth * g, jacobian


def predict(parameters: Floats, x1: Floats, x2: Floats) -> Floats:
    """Viability alone, `(matrix, well)`."""
    e0, ef, ma, mb, lna, lnb, lfa, lfb, kappa = (parameters[:, k, None] for k in range(9))
    na, nb = np.exp(lna), np.exp(lnb)
    s = np.sqrt(na * nb)
    first, second = _equivalent(x1, ma, na, lfa)[2] / s, _equivalent(x2, mb, nb, lfb)[2] / s
    a, b = np.exp(np.clip(0.5 * first, -300.0, 150.0)), np.exp(np.clip(0.5 * second, -300.0, 150.0))
    total = np.maximum(a * a + b * b + kappa * (a * b), 1e-300)
    viability: Floats = e0 + (ef - e0) / (1.0 + np.exp(np.clip(-s * np.log(total), -600.0, 600.0)))
    return viability


def _side(x: Floats, middle: Floats, hill: Floats, share: Floats, s: Floats) -> tuple[Floats, ...]:
    """One drug: log of its relative dose to the power of its slope, how that is damped by the drug's partial
    effect, the equivalent dose of the full effect, and its log in units of the pair's slope."""
    log_t, damp, log_d = _equivalent(x, middle, hill, share)
    return log_t, damp, np.exp(np.minimum(log_d, 600.0)), log_d / s


def _equivalent(x: Floats, middle: Floats, hill: Floats, share: Floats) -> tuple[Floats, Floats, Floats]:
    log_t = np.clip(hill * np.maximum(x - middle, -1e3), -600.0, 600.0)
    damp = 1.0 / (1.0 - np.expm1(np.minimum(share, 0.0)) * np.exp(log_t))
    return log_t, damp, share + log_t + np.log(damp)


def fit(cells: Cells, single_1: Floats, single_2: Floats, lowest: Floats, highest: Floats) -> Surfaces:
    """Fit a batch; arguments as for MuSyC. The drug that reaches further alone is taken for the
    stronger; where the other one's share then grows to 1, the roles are changed and the better fit is
    kept."""
    guess = np.zeros((len(cells.y), 9))
    guess[:, 0] = 0.5 * (single_1[:, 0] + single_2[:, 0])
    seen = np.where(cells.weight > 0, cells.y, np.inf).min(axis=1)
    guess[:, 1] = np.minimum(np.minimum(single_1[:, 1], single_2[:, 1]), seen)
    guess[:, 2], guess[:, 3] = single_1[:, 2], single_2[:, 2]
    guess[:, 4], guess[:, 5] = single_1[:, 3], single_2[:, 3]
    depth = guess[:, 1] - guess[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        for column, single in ((6, single_1), (7, single_2)):
            share = np.nan_to_num((single[:, 1] - guess[:, 0]) / depth, nan=0.5)
            guess[:, column] = np.log(np.clip(share, 0.01, 0.99))
    weaker = np.where(single_1[:, 1] < single_2[:, 1], 7, 6)
    found = _fit_roles(cells, guess, weaker, lowest, highest)
    other = _fit_roles(cells, guess, 13 - weaker, lowest, highest)
    better = other.rss < found.rss * (1 - 1e-9)
    for target, value in (
        (found.parameters, other.parameters),
        (found.error, other.error),
        (found.rss, other.rss),
        (found.converged, other.converged),
        (found.fitted, other.fitted),
    ):
        target[better] = value[better]
    return found


def _fit_roles(
    cells: Cells, guess: Floats, weaker: NDArray[np.intp], lowest: Floats, highest: Floats
) -> Surfaces:
    count, lane = len(guess), np.arange(len(guess))
    low, high = np.empty((count, 9)), np.empty((count, 9))
    low[:, :2], high[:, :2] = lowest[:, None], highest[:, None]
    for k, span in ((2, cells.span_1), (3, cells.span_2)):
        low[:, k], high[:, k] = -span - 4.6, span + 4.6
    low[:, 4:6], high[:, 4:6] = np.log(0.1), np.log(20.0)
    low[:, 6:8], high[:, 6:8] = 0.0, 0.0
    low[lane, weaker] = np.log(1e-3)
    low[:, 8], high[:, 8] = KAPPA_RANGE
    candidates = []
    for kappa in (-0.8, 0.0, 2.0, 10.0):
        start = guess.copy()
        start[:, 8] = kappa
        candidates.append(np.clip(start, low, high))
    return fit_surfaces(evaluate, cells, best_starts(evaluate, cells, candidates, 1), low, high)


def null(parameters: Floats) -> Floats:
    """The additive surface: kappa 0."""
    plain = parameters.copy()
    plain[:, 8] = 0.0
    return plain


def achievable_efficacy(parameters: Floats, top_1: Floats, top_2: Floats, size: int = 32) -> Floats:
    """IAE `(matrix,)` at half the effect range, over the rectangle of doses up to the highest tested ones;
    `top_1`, `top_2` `(matrix,)` are their logarithms on the parameters' scale."""
    grid = (np.arange(size) + 0.5) / size
    x = np.log(grid)
    x1 = (top_1[:, None, None] + x[None, :, None] + np.zeros((1, 1, size))).reshape(len(top_1), size * size)
    x2 = (top_2[:, None, None] + x[None, None, :] + np.zeros((1, size, 1))).reshape(len(top_2), size * size)
    y = predict(parameters, x1, x2)
    depth = parameters[:, 1] - parameters[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = (y - parameters[:, 0, None]) / depth[:, None] >= 0.5
    undone = np.maximum((~reached).mean(axis=1), 0.5 / size**2)
    return np.where(np.abs(depth) > 1e-6, 1.0 / np.sqrt(undone), np.nan)


def score(batch: Batch) -> ModelOutcome:
    found = fit(batch.cells, *batch.singles, *batch.range)
    reason, invalid = surface_reasons(batch, found, PARAMETERS)
    for drug, inert in zip((1, 2), inert_drugs(batch, found, PARAMETERS)):
        words = f"undetermined: drug {drug} alone does no more than noise"
        add_reason(reason, ~invalid & inert, words)
        invalid = invalid | inert
    p, cells = found.parameters, batch.cells
    add_reason(reason, ~invalid & (p[:, 8] >= KAPPA_RANGE[1] - 1e-6), "kappa stands at its upper bound")
    add_reason(reason, ~invalid & (p[:, 8] <= KAPPA_RANGE[0] + 1e-6), "kappa stands at its lower bound")
    parameters = {
        "braid_kappa": p[:, 8],
        "braid_kappa_error": found.error[:, 8],
        "braid_E0": p[:, 0],
        "braid_Ef": p[:, 1],
        "braid_IDMA": np.exp(p[:, 2] + cells.centre_1),
        "braid_IDMB": np.exp(p[:, 3] + cells.centre_2),
        "braid_na": np.exp(p[:, 4]),
        "braid_nb": np.exp(p[:, 5]),
        "braid_fA": np.exp(p[:, 6]),
        "braid_fB": np.exp(p[:, 7]),
        "braid_iae": achievable_efficacy(p, cells.span_1, cells.span_2),
    }
    additive = evaluate(null(p), cells.x1, cells.x2)[0]
    return surface_outcome("braid", batch, found, additive, reason, invalid, parameters)


MODEL = ReferenceModel(
    name="braid",
    title="BRAID",
    label="BRAID",
    null="BRAID at kappa 0",
    reference="braid",
    doi="10.1038/srep25523",
    score=score,
    parameters={
        "braid_kappa": Quantity("1", "BRAID's interaction, positive = synergy"),
        "braid_E0": Quantity("1", "viability without drug"),
        "braid_Ef": Quantity("1", "viability at the largest effect"),
        "braid_IDMA": Quantity("nM", "midpoint dose of drug 1"),
        "braid_IDMB": Quantity("nM", "midpoint dose of drug 2"),
        "braid_na": Quantity("1", "Hill slope of drug 1"),
        "braid_nb": Quantity("1", "Hill slope of drug 2"),
        "braid_fA": Quantity("1", "share of the largest effect that drug 1 reaches alone"),
        "braid_fB": Quantity("1", "share of the largest effect that drug 2 reaches alone"),
        "braid_iae": Quantity("1", "BRAID's index of achievable efficacy at half the effect range"),
        "braid_r2": R2,
    },
    surface_parameters=PARAMETERS,
    plates=True,
    order=70,
)
