"""MuSyC: synergy of efficacy (beta), potency (alpha) and cooperativity (gamma) told apart. Meyer 2019,
doi:10.1016/j.cels.2019.01.003; Wooten 2021, doi:10.1038/s41467-021-24789-z.

Cells move between four states (untouched, hit by drug 1, by drug 2, by both); viability is the mean of the
states' values E0..E3 at the balance of the moves. `alpha12` > 1: drug 1 makes drug 2 more potent; `alpha21`
the other way; `gamma12`, `gamma21` likewise for the slope; `beta` = (strongest single - E3) / (E0 -
strongest single), positive = the pair reaches further than either. Rates of return are 1 for both drugs, as
in `synergy`.

Excess: `100 * (null - fit)`, positive = synergy; the null has alpha = gamma = 1 and E3 = the strongest
single. Limits: 12 parameters, so a design that never saturates does not determine E3 and the alphas trade
against it (see the errors). Where a drug alone does no more than noise, how the other one changes it is undetermined
and left empty, and so is how it changes the other one, unless combinations show that it does.
"""

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.synergy.batch import Batch
from screen.synergy.curves.surface_fit import FAR, Cells, Surfaces, fit_surfaces
from screen.synergy.dose_matrices import Reasons, add_reason, no_reasons
from screen.synergy.many_drugs.musyc import ALPHA_BOUND, fit_tensors
from screen.synergy.many_drugs.musyc_states import MusycStates
from screen.synergy.many_drugs.tensors import TensorOutcome, Tensors
from screen.synergy.models.fitted_surface import (
    R2,
    changes_nothing,
    inert_drugs,
    surface_outcome,
    surface_reasons,
)
from screen.synergy.models.reference_model import ManyDrugs, ModelOutcome, Quantity, ReferenceModel

NAMES = ("E0", "E1", "E2", "E3", "h1", "h2", "C1", "C2", "alpha12", "alpha21", "gamma12", "gamma21")
PARAMETERS = len(NAMES)
ROOM = 64 * 64 * 512
"""Rates of tensors that are in memory at once: 64 tensors of three drugs and 8 x 8 x 8 wells."""


def evaluate(parameters: Floats, x1: Floats, x2: Floats) -> tuple[Floats, Floats]:
    """Viability `(matrix, well)` and derivatives `(matrix, parameter, well)` for parameters in the order of
    `NAMES`, all but the four E as natural logarithms, and log doses `(matrix, well)`."""
    e0, e1, e2, e3 = (parameters[:, k, None] for k in range(4))
    h1, h2 = np.exp(parameters[:, 4, None]), np.exp(parameters[:, 5, None])
    c1, c2, alpha12, alpha21 = (parameters[:, k, None] for k in range(6, 10))
    gamma12, gamma21 = np.exp(parameters[:, 10, None]), np.exp(parameters[:, 11, None])
    la = np.clip(h1 * np.maximum(x1 - c1, -1e3), -FAR, FAR)
    lb = np.clip(h2 * np.maximum(x2 - c2, -1e3), -FAR, FAR)
    ld = np.clip(gamma21 * (la + h1 * alpha21), -FAR, FAR)
    lc = np.clip(gamma12 * (lb + h2 * alpha12), -FAR, FAR)
    a, b, c, d = np.exp(la), np.exp(lb), np.exp(lc), np.exp(ld)
    ab, cd = a + b, c + d
    bd, ac = b * d, a * c
    s0, s1, s2 = 2 + cd, bd + a * (2 + d), ac + b * (2 + c)
    s3 = bd + ac + c * d * ab
    total = s0 + s1 + s2 + s3
    inverse = 1.0 / total
    y = (s0 * e0 + s1 * e1 + s2 * e2 + s3 * e3) * inverse
    f0, f1, f2, f3 = e0 - y, e1 - y, e2 - y, e3 - y
    ga = a * inverse * ((2 + d) * f1 + c * f2 + (c + c * d) * f3)
    gb = b * inverse * (d * f1 + (2 + c) * f2 + (d + c * d) * f3)
    gc = c * inverse * (f0 + ab * f2 + (a + d * ab) * f3)
    gd = d * inverse * (f0 + ab * f1 + (b + c * ab) * f3)
    jacobian = np.empty((len(y), 12, y.shape[1]))
    for k, s in enumerate((s0, s1, s2, s3)):
        np.multiply(s, inverse, out=jacobian[:, k])
    by_d, by_c = gd * gamma21 * h1, gc * gamma12 * h2
    jacobian[:, 4], jacobian[:, 5] = ga * la + gd * ld, gb * lb + gc * lc
    jacobian[:, 6], jacobian[:, 7] = -h1 * ga - by_d, -h2 * gb - by_c
    jacobian[:, 8], jacobian[:, 9] = by_c, by_d
    jacobian[:, 10], jacobian[:, 11] = gc * lc, gd * ld
    return y, jacobian


def fit(cells: Cells, single_1: Floats, single_2: Floats, lowest: Floats, highest: Floats) -> Surfaces:
    """Fit a batch. `single_1`, `single_2` `(matrix, 4)` are the single agents' start, end, log midpoint
    (relative to the drug's middle dose) and log hill; `lowest`, `highest` `(matrix,)` bound the four E."""
    count = len(cells.y)
    base = np.zeros((count, 12))
    base[:, 0] = 0.5 * (single_1[:, 0] + single_2[:, 0])
    base[:, 1], base[:, 2] = single_1[:, 1], single_2[:, 1]
    base[:, 4], base[:, 5] = single_1[:, 3], single_2[:, 3]
    base[:, 6], base[:, 7] = single_1[:, 2], single_2[:, 2]
    low, high = np.empty((count, 12)), np.empty((count, 12))
    low[:, :4], high[:, :4] = lowest[:, None], highest[:, None]
    low[:, 4:6], high[:, 4:6] = np.log(0.1), np.log(20.0)
    for k, span in ((6, cells.span_1), (7, cells.span_2)):
        low[:, k], high[:, k] = -span - 4.6, span + 4.6
    low[:, 8:10], high[:, 8:10] = np.log(1e-5), np.log(1e5)
    low[:, 10:], high[:, 10:] = np.log(0.1), np.log(10.0)
    return fit_surfaces(evaluate, cells, _starts(cells, base, low, high), low, high)


def _starts(cells: Cells, base: Floats, low: Floats, high: Floats) -> list[Floats]:
    """Four starts that between them came within 0.2 % of the best of 24 on 96 % of measured matrices:
    plain curves in the middle of the doses and at their upper part, and potency gained one way and lost
    the other."""
    corner = np.minimum(base[:, 1], base[:, 2])
    seen = np.where(cells.weight > 0, cells.y, np.inf).min(axis=1)
    middle, upper, one_way, other_way = (base.copy() for _ in range(4))
    for start in (middle, upper):
        start[:, 3] = np.minimum(seen, corner)
        start[:, 4:8] = 0.0
    upper[:, 4:6] = 0.5
    upper[:, 6], upper[:, 7] = 0.5 * cells.span_1, 0.5 * cells.span_2
    for start, gained, lost in ((one_way, 8, 9), (other_way, 9, 8)):
        start[:, 3], start[:, gained], start[:, lost] = corner, 2.5, -2.0
    return [np.clip(start, low, high) for start in (middle, upper, one_way, other_way)]


def null(parameters: Floats) -> Floats:
    """The parameters without interaction: alpha and gamma 1, E3 the value of the stronger single agent."""
    plain = parameters.copy()
    plain[:, 8:] = 0.0
    plain[:, 3] = _strongest(parameters)
    return plain


def beta(parameters: Floats) -> Floats:
    """Synergy of efficacy, `(matrix,)`; NaN where neither drug does anything."""
    strongest = _strongest(parameters)
    depth = parameters[:, 0] - strongest
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(depth) > 1e-3, (strongest - parameters[:, 3]) / depth, np.nan)


def _strongest(parameters: Floats) -> Floats:
    strongest: Floats = np.minimum(parameters[:, 1], parameters[:, 2])
    return strongest


def score(batch: Batch) -> ModelOutcome:
    found = fit(batch.cells, *batch.singles, *batch.range)
    reason, invalid = surface_reasons(batch, found, PARAMETERS)
    unknown = _undetermined(batch, found, reason, invalid)
    p, e, cells = found.parameters, found.error, batch.cells
    numbers: dict[str, Floats] = {"beta": beta(p)}
    for k, name in enumerate(NAMES):
        numbers[name] = p[:, k] if k < 4 else np.exp(p[:, k])
        numbers[f"{name}_error" if k < 4 else f"log_{name}_error"] = e[:, k]
    numbers["C1"], numbers["C2"] = np.exp(p[:, 6] + cells.centre_1), np.exp(p[:, 7] + cells.centre_2)
    corners = _corners(batch.matrices.viability)
    numbers |= dict(zip(("E0_obs", "E1_obs", "E2_obs", "E3_obs"), corners))
    strongest = np.fmin(corners[1], corners[2])
    with np.errstate(divide="ignore", invalid="ignore"):
        numbers["beta_obs"] = (strongest - corners[3]) / (corners[0] - strongest)
    for name, rows in unknown.items():
        for key in (name, f"log_{name}_error"):
            numbers[key] = np.where(rows, np.nan, numbers[key])
    parameters = {f"musyc_{name}": values for name, values in numbers.items()}
    without = evaluate(null(p), cells.x1, cells.x2)[0]
    return surface_outcome("musyc", batch, found, without, reason, invalid, parameters)


def _undetermined(batch: Batch, found: Surfaces, reason: Reasons, invalid: Bools) -> dict[str, Bools]:
    """Where each of the numbers that an inert drug leaves open is unknown, `(matrix,)`: how the other drug changes it,
    its own slope and midpoint; and how it changes the other one, unless combinations show that it does."""
    inert = inert_drugs(batch, found, PARAMETERS)
    unknown = {name: np.zeros(len(reason), dtype=bool) for name in NAMES[4:]}
    for drug, alone in enumerate(inert):
        rows = ~invalid & alone
        if not rows.any():
            continue
        idle = rows & changes_nothing(batch, found, PARAMETERS, drug)
        own, other = ("12", "21")[1 - drug], ("12", "21")[drug]
        for name in (f"alpha{own}", f"gamma{own}", f"h{drug + 1}", f"C{drug + 1}"):
            unknown[name] |= rows
        for name in (f"alpha{other}", f"gamma{other}"):
            unknown[name] |= idle
        noise = f"drug {drug + 1} alone does no more than noise"
        add_reason(reason, rows & ~idle, f"alpha{own} and gamma{own} undetermined: {noise}")
        add_reason(
            reason, idle, f"alphas and gammas undetermined: {noise}, and changes the other one by no more"
        )
    return unknown


def _corners(viability: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Observed viability with no drug, and with the highest dose present of drug 1, drug 2 and both."""
    last_1 = _last(~np.isnan(viability[:, :, 0]))
    last_2 = _last(~np.isnan(viability[:, 0, :]))
    lane = np.arange(len(viability))
    alone = viability[:, 0, 0], viability[lane, last_1, 0], viability[lane, 0, last_2]
    return alone[0], alone[1], alone[2], viability[lane, last_1, last_2]


def _last(present: Bools) -> Indices:
    return np.asarray(present.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1))


def score_many(tensors: Tensors) -> TensorOutcome:
    """`beyond` is the distance to the surface without the terms that only all drugs share. A fit needs more wells
    than it has parameters."""
    states, flat = MusycStates(tensors.drugs), tensors.viability
    count, reason = states.parameters, no_reasons(len(flat))
    enough = np.isfinite(flat).reshape(len(flat), -1).sum(axis=1) > count
    add_reason(reason, ~enough, f"fewer than {count + 1} wells for {count} parameters")
    for k, doses in enumerate(tensors.doses):
        dosed = (doses > 0).any(axis=1)
        add_reason(reason, enough & ~dosed, f"drug {k + 1} has no dose above 0")
        enough &= dosed
    excess, beyond = np.full((2, *flat.shape), np.nan)
    own = {name: np.full(len(flat), np.nan) for name in many_parameters(tensors.drugs)}
    unsettled = np.zeros(len(flat), dtype=bool)
    rows = np.flatnonzero(enough)
    chunk = max(1, ROOM // (states.states**2 * int(np.prod(flat.shape[1:]))))
    for part in (rows[first : first + chunk] for first in range(0, len(rows), chunk)):
        found = fit_tensors(flat[part], [doses[part] for doses in tensors.doses], tensors.order)
        excess[part], beyond[part] = 100 * (found.null - found.fitted), 100 * (found.lower - found.fitted)
        numbers = {"r2": found.r2, **dict(zip(states.alphas, found.alpha.T)), **found.beta}
        for name, values in numbers.items():
            own[f"musyc_{name}"][part] = values
        unsettled[part] = ~found.converged
        if tensors.single_agent == "fit":
            _empty_bounds(states, own, reason, part)
    add_reason(reason, unsettled, "the fit had not settled when it was stopped")
    return TensorOutcome(excess, beyond, reason, own)


def _empty_bounds(states: MusycStates, own: dict[str, Floats], reason: Reasons, part: Indices) -> None:
    """Empty the alphas of measured tensors that stand at a bound, and say how many."""
    names = [f"musyc_{name}" for name in states.alphas]
    at = np.array([np.abs(np.log(own[name][part])) >= ALPHA_BOUND - 1e-6 for name in names])
    for name, rows in zip(names, at):
        own[name][part] = np.where(rows, np.nan, own[name][part])
    words = [f"{k} of {len(names)} alphas undetermined: at their bounds" if k else "" for k in at.sum(axis=0)]
    said = no_reasons(len(reason))
    said[part] = np.array(words, dtype=object)
    add_reason(reason, said != "", said)


def many_parameters(drugs: int) -> dict[str, Quantity]:
    """The quantities that a fit of so many drugs gives."""
    states = MusycStates(drugs)
    found = {"musyc_r2": R2}
    for name, (hit, drug) in zip(states.alphas, states.moves):
        who = " and ".join(states.names[hit])
        found[f"musyc_{name}"] = Quantity(
            "1", f"factor by which drug {who} makes drug {drug + 1} more potent"
        )
    for state in states.combinations:
        who = ", ".join(states.names[state])
        words = f"how much further drugs {who} reach than their best subset"
        found[f"musyc_beta_{states.names[state]}"] = Quantity("1", words)
    return found


MODEL = ReferenceModel(
    name="musyc",
    title="MuSyC",
    label="MuSyC",
    null="MuSyC without interactions",
    reference="musyc",
    doi="10.1038/s41467-021-24789-z",
    score=score,
    parameters={
        "musyc_beta": Quantity("1", "synergy of efficacy, positive = the pair reaches further"),
        "musyc_beta_obs": Quantity("1", "synergy of efficacy from the highest doses as observed"),
        "musyc_E0": Quantity("1", "viability of the untouched state"),
        "musyc_E1": Quantity("1", "viability of the state hit by drug 1"),
        "musyc_E2": Quantity("1", "viability of the state hit by drug 2"),
        "musyc_E3": Quantity("1", "viability of the state hit by both drugs"),
        "musyc_E0_obs": Quantity("1", "viability observed without drug"),
        "musyc_E1_obs": Quantity("1", "viability observed at the highest dose of drug 1 alone"),
        "musyc_E2_obs": Quantity("1", "viability observed at the highest dose of drug 2 alone"),
        "musyc_E3_obs": Quantity("1", "viability observed at the highest doses of both drugs"),
        "musyc_h1": Quantity("1", "Hill slope of drug 1"),
        "musyc_h2": Quantity("1", "Hill slope of drug 2"),
        "musyc_C1": Quantity("nM", "midpoint dose of drug 1"),
        "musyc_C2": Quantity("nM", "midpoint dose of drug 2"),
        "musyc_alpha12": Quantity("1", "factor by which drug 1 makes drug 2 more potent, above 1 = synergy"),
        "musyc_alpha21": Quantity("1", "factor by which drug 2 makes drug 1 more potent, above 1 = synergy"),
        "musyc_gamma12": Quantity("1", "factor by which drug 1 makes drug 2 steeper"),
        "musyc_gamma21": Quantity("1", "factor by which drug 2 makes drug 1 steeper"),
        "musyc_r2": R2,
    },
    surface_parameters=PARAMETERS,
    many=ManyDrugs(score_many, many_parameters),
    plates=True,
    order=60,
)
