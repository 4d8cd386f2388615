"""Effective dose: each drug changes the concentration at which the other appears to be. Zimmer 2016,
doi:10.1073/pnas.1606301113.

`D1 = d1 / (1 + a12 * D2 / (C2 + D2))` and the mirror image for D2; viability is the product of the two Hill
curves from 1 to 0 at D1 and D2. `a12` < 0: drug 2 makes drug 1 appear stronger (synergy), > 0 weaker; above
-1. Note that the sign of `a` is the original's; excess, `100 * (a = 0 surface - fit)`, is positive for
synergy. Limits: curves from 1 to 0 with no partial effects; a drug that levels off early is fitted poorly.
"""

import numpy as np

from screen.arrays import Floats
from screen.synergy.batch import Batch
from screen.synergy.curves.surface_fit import Cells, Surfaces, best_starts, fit_surfaces, forward_differences
from screen.synergy.models.fitted_surface import R2, surface_outcome, surface_reasons
from screen.synergy.models.reference_model import ModelOutcome, Quantity, ReferenceModel

NAMES = ("h1", "h2", "C1", "C2", "a12", "a21")
A_RANGE = (-0.999, 1e4)
START_SLOPES = (np.log(0.3), np.log(4.0))


def predict(parameters: Floats, x1: Floats, x2: Floats) -> Floats:
    """Viability `(matrix, well)`; parameters in the order of `NAMES`: slopes and midpoints as natural
    logarithms, the interactions as `log(1 + a)`."""
    h1, h2 = np.exp(parameters[:, 0, None]), np.exp(parameters[:, 1, None])
    a12, a21 = np.expm1(parameters[:, 4, None]), np.expm1(parameters[:, 5, None])
    m1 = np.exp(np.clip(x1 - parameters[:, 2, None], -200.0, 60.0))
    m2 = np.exp(np.clip(x2 - parameters[:, 3, None], -200.0, 60.0))
    square = (1 + m2) + a21 + a12 * m2
    linear = (1 + m2) + a12 * m2 - m1 * ((1 + m2) + a21)
    constant = m1 * (1 + m2)
    root = np.sqrt(np.maximum(linear * linear + 4 * square * constant, 0.0))
    first = np.where(
        linear > 0, 2 * constant / np.maximum(linear + root, 1e-300), (root - linear) / (2 * square)
    )
    second = m2 / (1 + a21 * first / (1 + first))
    with np.errstate(divide="ignore", over="ignore"):
        power_1 = np.exp(np.minimum(h1 * np.log(first), 600.0))
        power_2 = np.exp(np.minimum(h2 * np.log(second), 600.0))
    product: Floats = (1.0 / (1 + power_1)) * (1.0 / (1 + power_2))
    return product


evaluate = forward_differences(predict)


def fit(cells: Cells, single_1: Floats, single_2: Floats) -> Surfaces:
    """Fit a batch; `single_1`, `single_2` as for MuSyC."""
    count = len(cells.y)
    guess = np.zeros((count, 6))
    for k, single in ((0, single_1), (1, single_2)):
        guess[:, k] = np.clip(single[:, 3], *START_SLOPES)
    guess[:, 2], guess[:, 3] = single_1[:, 2], single_2[:, 2]
    low, high = np.empty((count, 6)), np.empty((count, 6))
    low[:, :2], high[:, :2] = np.log(0.05), np.log(20.0)
    for k, span in ((2, cells.span_1), (3, cells.span_2)):
        low[:, k], high[:, k] = -span - 4.6, span + 9.2
    low[:, 4:], high[:, 4:] = np.log1p(A_RANGE[0]), np.log1p(A_RANGE[1])
    strong: list[Floats] = []
    weak: list[Floats] = []
    for weak_1 in (False, True):
        for weak_2 in (False, True):
            for first, second in ((0.0, 0.0), (-1.5, -1.5), (1.5, 1.5), (-1.5, 1.5), (1.5, -1.5)):
                start = guess.copy()
                start[:, 4], start[:, 5] = first, second
                for is_weak, k, span in ((weak_1, 0, cells.span_1), (weak_2, 1, cells.span_2)):
                    if is_weak:
                        start[:, k], start[:, k + 2] = np.log(0.5), span + 2.0
                (weak if weak_1 or weak_2 else strong).append(np.clip(start, low, high))
    starts = best_starts(evaluate, cells, strong, 2) + best_starts(evaluate, cells, weak, 1)
    return fit_surfaces(evaluate, cells, starts, low, high)


def null(parameters: Floats) -> Floats:
    """No interaction: a12 = a21 = 0."""
    plain = parameters.copy()
    plain[:, 4:] = 0.0
    return plain


def score(batch: Batch) -> ModelOutcome:
    found = fit(batch.cells, *batch.singles)
    reason, invalid = surface_reasons(batch, found, len(NAMES))
    p, cells = found.parameters, batch.cells
    parameters = {
        "zimmer_a12": np.expm1(p[:, 4]),
        "zimmer_a21": np.expm1(p[:, 5]),
        "zimmer_a12_error": found.error[:, 4] * np.exp(p[:, 4]),
        "zimmer_a21_error": found.error[:, 5] * np.exp(p[:, 5]),
        "zimmer_h1": np.exp(p[:, 0]),
        "zimmer_h2": np.exp(p[:, 1]),
        "zimmer_C1": np.exp(p[:, 2] + cells.centre_1),
        "zimmer_C2": np.exp(p[:, 3] + cells.centre_2),
    }
    without = predict(null(p), cells.x1, cells.x2)
    return surface_outcome("zimmer", batch, found, without, reason, invalid, parameters)


MODEL = ReferenceModel(
    name="zimmer",
    title="Effective dose",
    label="Effective dose",
    null="unchanged effective doses",
    reference="zimmer",
    doi="10.1073/pnas.1606301113",
    score=score,
    parameters={
        "zimmer_a12": Quantity("1", "how drug 2 changes the effective dose of drug 1, below 0 = synergy"),
        "zimmer_a21": Quantity("1", "how drug 1 changes the effective dose of drug 2, below 0 = synergy"),
        "zimmer_h1": Quantity("1", "Hill slope of drug 1"),
        "zimmer_h2": Quantity("1", "Hill slope of drug 2"),
        "zimmer_C1": Quantity("nM", "midpoint dose of drug 1"),
        "zimmer_C2": Quantity("nM", "midpoint dose of drug 2"),
        "zimmer_r2": R2,
    },
    surface_parameters=len(NAMES),
    order=80,
)
