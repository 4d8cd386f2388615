"""Loewe additivity: two drugs are one drug in two dilutions. At a cell of doses d1 and d2 the expected
response y solves `d1 / D1(y) + d2 / D2(y) = 1`, where Di(y) is the dose at which drug i alone does y. Loewe
1953, Arzneimittelforschung 3:285 (PMID 13081480); Berenbaum 1985, doi:10.1016/S0022-5193(85)80176-4.

Sign: `100 * (y - v)`, positive = synergy. A drug combined with itself has excess 0.

Where a drug cannot reach y at any dose, Di(y) is endless and its term is 0 (the generalised Loewe model, as
in Van der Borght 2017, doi:10.1038/s41598-017-18068-5): the other drug alone is expected. The definition
stays continuous, and the mask `unreached` marks such cells. A drug that raises viability while the other
lowers it reaches nothing; two that both raise it are treated as the mirror image. The mask `extrapolated`
marks cells where y rests on a dose beyond those tested of a drug. At least one drug is never extrapolated
beyond twice its highest dose, because one of the two terms is at least 1/2.

SynergyFinder (Zheng 2022, doi:10.1016/j.gpb.2022.01.004) lets the *observed* response decide: where it lies
beyond the ends of both curves, the stronger drug is expected at the sum of both doses (`summed_beyond`). That
is no additivity: it jumps as the response passes an end, and asks that both doses have one unit.
"""

from dataclasses import dataclass, replace

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.synergy.batch import Batch, add_drc_reasons
from screen.synergy.curves.meeting import roots
from screen.synergy.curves.single_agent import Curves
from screen.synergy.dose_matrices import add_reason
from screen.synergy.many_drugs.loewe import additive_of_many
from screen.synergy.many_drugs.lower_orders import Group
from screen.synergy.many_drugs.tensors import TensorOutcome, Tensors, excess_over_curves
from screen.synergy.models.combination_index import index_at_half
from screen.synergy.models.reference_model import ManyDrugs, ModelOutcome, Quantity, ReferenceModel

SPAN = 60.0
NOWHERE = 0.9


@dataclass(frozen=True)
class Additive:
    """`expected` viability, `share` of drug 1 in the sum (d1 / D1), marks; `(matrix, dose_1, dose_2)`
    each."""

    expected: Floats
    share: Floats
    unreached: Bools
    extrapolated: Bools


def additive(conc_1: Floats, conc_2: Floats, curves_1: Curves, curves_2: Curves) -> Additive:
    """The additive surface for doses `(matrix, dose_1)` and `(matrix, dose_2)`, ascending from 0; NaN where a
    curve is unknown or a dose is padding. Edges hold the curves themselves."""
    with np.errstate(divide="ignore"):
        x1, x2 = np.log(conc_1), np.log(conc_2)
    shape = (len(x1), x1.shape[1], x2.shape[1])
    direction = np.where((curves_1.end > curves_1.start) & (curves_2.end > curves_2.start), -1.0, 1.0)
    able_1 = direction * (curves_1.end - curves_1.start) < 0
    able_2 = direction * (curves_2.end - curves_2.start) < 0
    alone_1 = curves_1.response(x1, np.arange(shape[0])[:, None])
    alone_2 = curves_2.response(x2, np.arange(shape[0])[:, None])
    lane = np.broadcast_to(np.arange(shape[0])[:, None, None], shape)
    y1, y2 = np.broadcast_to(alone_1[:, :, None], shape), np.broadcast_to(alone_2[:, None, :], shape)
    zero_1, zero_2 = (
        np.broadcast_to(x1[:, :, None] == -np.inf, shape),
        np.broadcast_to(x2[:, None, :] == -np.inf, shape),
    )
    sign = direction[:, None, None]
    end_1, end_2 = curves_1.end[:, None, None], curves_2.end[:, None, None]
    wide_1, wide_2 = able_1[:, None, None], able_2[:, None, None]
    with np.errstate(invalid="ignore"):
        only_2 = wide_2 & (~wide_1 | (sign * (end_1 - y2) >= 0))
        only_1 = wide_1 & (~wide_2 | (sign * (end_2 - y1) >= 0))
    known = ~(np.isnan(y1) | np.isnan(y2))
    both = known & ~zero_1 & ~zero_2
    neither = (~wide_1 & ~wide_2) | (only_1 & only_2)
    unreached = (only_1 | only_2 | neither) & both
    share = np.where(zero_1 | (only_2 & ~zero_2), 0.0, 1.0)
    share = np.where(neither & ~zero_1 & ~zero_2, 0.5, share)
    expected = np.where(share == 0.5, 0.5 * (y1 + y2), np.where(share == 0.0, y2, y1))
    expected = np.where(zero_1 & zero_2, 0.5 * (y1 + y2), expected)
    expected, share = np.where(known, expected, np.nan), np.where(known, share, np.nan)
    open_ = np.flatnonzero((both & ~only_1 & ~only_2 & ~neither).ravel())
    logs = np.broadcast_to(x1[:, :, None], shape).ravel(), np.broadcast_to(x2[:, None, :], shape).ravel()
    matrix = lane.reshape(-1)[open_]
    y, tau = _solve(logs[0][open_], logs[1][open_], matrix, direction[matrix], curves_1, curves_2)
    expected.reshape(-1)[open_] = y
    share.reshape(-1)[open_] = 1.0 / (1.0 + np.exp(-tau))
    with np.errstate(divide="ignore", invalid="ignore"):
        top_1, top_2 = (
            np.nanmax(np.where(np.isnan(x1), -np.inf, x1), axis=1),
            np.nanmax(np.where(np.isnan(x2), -np.inf, x2), axis=1),
        )
        beyond_1 = x1[:, :, None] - np.log(share) > top_1[:, None, None] + 1e-9
        beyond_2 = x2[:, None, :] - np.log1p(-share) > top_2[:, None, None] + 1e-9
    return Additive(expected, share, unreached, (beyond_1 | beyond_2) & both)


def summed_beyond(
    found: Additive, viability: Floats, conc_1: Floats, conc_2: Floats, curves_1: Curves, curves_2: Curves
) -> Additive:
    """`found` with SynergyFinder's rule for cells `(matrix, dose_1, dose_2)` whose `viability` is below
    anything that either drug does alone; `unreached` marks them too."""
    lowest = np.minimum.reduce([curves_1.start, curves_1.end, curves_2.start, curves_2.end])
    dosed = (conc_1 > 0)[:, :, None] & (conc_2 > 0)[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        both = np.log(conc_1[:, :, None] + conc_2[:, None, :])
        beyond = dosed & (viability < lowest[:, None, None])
    matrix = np.broadcast_to(np.arange(len(both))[:, None, None], both.shape)
    stronger = np.minimum(curves_1.response(both, matrix), curves_2.response(both, matrix))
    expected = np.where(beyond, stronger, found.expected)
    return replace(found, expected=expected, unreached=found.unreached | beyond)


def _solve(
    x1: Floats, x2: Floats, matrix: Indices, sign: Floats, curves_1: Curves, curves_2: Curves
) -> tuple[Floats, Floats]:
    """Response and logit of drug 1's share for cells `(cell,)`, by forward evaluation only: with the share t,
    drug 1 alone at d1 / t and drug 2 alone at d2 / (1 - t) do the same."""
    ends = np.full(len(matrix), SPAN)
    tau, y = roots((x1, x2, sign, -ends, ends), [(curves_1.rows(), matrix), (curves_2.rows(), matrix)])
    return y, tau


def score(batch: Batch) -> ModelOutcome:
    matrices = batch.matrices
    reason, invalid = batch.curve_reasons()
    curves = batch.loewe_curves
    found = additive(matrices.conc_1, matrices.conc_2, *curves)
    if batch.options.loewe_on_drc:
        found = summed_beyond(found, matrices.viability, matrices.conc_1, matrices.conc_2, *curves)
        points = (np.maximum((~np.isnan(a)).sum(axis=1), 1) for a in (matrices.alone_1, matrices.alone_2))
        left = [np.sqrt(curve.fit.rss / count) for curve, count in zip(curves, points)]
        add_drc_reasons(batch, left, found.expected, reason, invalid)
    counted = ~np.isnan(matrices.viability)
    unreached = _fraction(found.unreached & counted, counted)
    add_reason(reason, ~invalid & (unreached > NOWHERE), "a drug reaches the effect expected almost nowhere")
    parameters = {
        "loewe_unreached": unreached,
        "loewe_extrapolated": _fraction(found.extrapolated & counted, counted),
        "ci50": index_at_half(matrices.viability, matrices.conc_1, matrices.conc_2, *curves),
    }
    masks = {"unreached": found.unreached, "extrapolated": found.extrapolated}
    cells = {"expected": found.expected}
    return ModelOutcome(
        100 * (found.expected - matrices.viability), reason, invalid, parameters, masks, cells
    )


def _fraction(marked: Bools, counted: Bools) -> Floats:
    size = counted[:, 1:, 1:].sum(axis=(1, 2))
    fraction: Floats = marked[:, 1:, 1:].sum(axis=(1, 2)) / np.maximum(size, 1)
    return fraction


def score_many(tensors: Tensors) -> TensorOutcome:
    """`beyond` is the excess less the terms of all smaller combinations."""

    def expected(curves: list[Curves], members: Group) -> Floats:
        chosen = [curves[k] for k in members]
        if len(members) > 2:
            return additive_of_many([tensors.along(k) for k in members], chosen)
        doses = [tensors.doses[k] for k in members]
        pair = additive(doses[0], doses[1], chosen[0], chosen[1]).expected
        return pair.reshape(tensors.only(members).shape)

    return excess_over_curves(tensors, expected, measured=tensors.single_agent == "fit")


def without_interaction(batch: Batch, _surface: Floats) -> Floats:
    return additive(batch.matrices.conc_1, batch.matrices.conc_2, *batch.loewe_curves).expected


MODEL = ReferenceModel(
    name="loewe",
    title="Loewe additivity",
    label="Loewe",
    null="Loewe additivity",
    reference="loewe",
    doi="10.1007/BF01952257",
    score=score,
    parameters={
        "loewe_unreached": Quantity("1", "fraction of cells whose expected effect a drug cannot reach"),
        "loewe_extrapolated": Quantity(
            "1", "fraction of cells whose expectation rests on a dose beyond those tested"
        ),
        "ci50": Quantity(
            "1", "geometric mean of the Loewe combination index along the 50 % isobole, below 1 = synergy"
        ),
    },
    many=ManyDrugs(score_many),
    without_interaction=without_interaction,
    plates=True,
    order=30,
)
