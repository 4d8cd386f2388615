"""Dose grids of one line under clamps: all scenarios of a combination as one batch of simulations.

An edge is fixed at a constant: at its value in the untreated line, or, in every well, at its value
under one of the two drugs alone at that well's dose (its mean over the assay). The first cuts what both drugs
do through the edge, the second only what the other drug does.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from screen.arrays import Array
from screen.errors import InputError
from screen.kinetics import Status, compile_engine
from screen.kinetics.model import Model
from screen.pathway import Assay, CellLine, Pathway, Untreated
from screen.pathway.model.clamps import Clamp, with_clamps

UNTREATED = "untreated"
MOMENTS = 13  # of the assay at which a drug alone is looked at
MOST_ROWS = 1024
"""Wells that are simulated together: each holds some thousand numbers."""
BEGIN = 1e-3  # of the assay: the first of them, once the drug is there


def clamped_assay(pathway: Pathway, clamps: Sequence[Clamp], rtol: float = 1e-6, atol: float = 1e-9) -> Assay:
    """The pathway's model with a switch on every edge; it reads out the value of each edge. Its text is read only where
    the cache holds no code of it.
    """
    values = tuple(clamp.value for clamp in clamps)
    model = Model(with_clamps(pathway.source, clamps))
    return Assay(pathway, compile_engine(model, (*values, "log_cells", "growth")), values, rtol, atol)


def clamped_grids(
    assay: Assay,
    clamps: Sequence[Clamp],
    line: CellLine,
    drugs: tuple[str, str],
    doses: tuple[Array, Array],
    time_h: float,
    shut: Sequence[Sequence[str]],
    at: str = UNTREATED,
) -> tuple[Array, Array]:
    """Viability (scenario, dose_1, dose_2) with the clamps of each scenario shut, relative to its own
    vehicle, and how many wells failed (scenario,). `at` is `untreated` or one of the two drugs.
    """
    free = assay.untreated([line])
    if line.clones:
        raise InputError(f"{line.name} is a mixture of clones: explain one of its clones instead")
    shape = len(doses[0]), len(doses[1])
    fixed, known, kind = fixed_values(assay, clamps, free, drugs, doses, time_h, at)
    one, two = (grid.ravel() for grid in np.meshgrid(*doses, indexing="ij"))
    together = max(1, MOST_ROWS // len(one))
    found = []
    for begin in range(0, len(shut), together):
        part = shut[begin : begin + together]
        parameters = clamped_parameters(assay, clamps, free, part, fixed)
        rows = np.zeros(len(parameters), np.intp)
        settled = Untreated(
            parameters, free.state[rows], free.readouts[rows], free.growth_rate[rows], free.status[rows]
        )
        dosed: Mapping[str, Array] = {
            drugs[0]: np.tile(one, len(part)),
            drugs[1]: np.tile(two, len(part)),
        }
        line_of_well = np.add.outer(np.arange(len(part)) * len(fixed), kind).ravel()
        seen = assay.dose(settled, line_of_well, dosed, np.array([time_h]))
        bad = (seen.status > Status.reference).reshape(len(part), -1) | ~known[kind]
        found.append(np.where(bad, np.nan, seen.log_cells[:, 0].reshape(len(part), -1)))
    log_cells = np.concatenate(found)
    viability = np.exp(log_cells - log_cells[:, :1])
    return viability.reshape(len(shut), *shape), np.isnan(log_cells).sum(axis=1)


def fixed_values(
    assay: Assay,
    clamps: Sequence[Clamp],
    free: Untreated,
    drugs: tuple[str, str],
    doses: tuple[Array, Array],
    time_h: float,
    at: str = UNTREATED,
) -> tuple[Array, Array, Array]:
    """The values that every edge is fixed at, (kind, clamp), where that is known (kind,), and each well's kind (well,),
    wells as `meshgrid(*doses, indexing="ij")` ravels them: all are of one, or as many as the drug has doses.
    """
    shape, edges = (len(doses[0]), len(doses[1])), len(clamps)
    calm = free.readouts[:1, :edges]
    if at == UNTREATED:
        return calm, np.ones(1, bool), np.zeros(shape[0] * shape[1], np.intp)
    which = drugs.index(at)
    times = time_h * np.concatenate([[BEGIN], np.arange(1, MOMENTS) / (MOMENTS - 1)])
    rows = np.zeros(len(doses[which]), np.intp)
    alone = assay.dose(free, rows, {at: doses[which]}, times)
    mean = np.trapezoid(alone.values[:, :, :edges], times, axis=1) / (times[-1] - times[0])
    known = alone.status <= Status.reference
    return np.where(known[:, None], mean, calm), known, np.indices(shape)[which].ravel()


def clamped_parameters(
    assay: Assay, clamps: Sequence[Clamp], free: Untreated, shut: Sequence[Sequence[str]], fixed: Array
) -> Array:
    """Parameters (scenario x kind, P) of one line: every edge's value of `fixed` (kind, clamp), the edges of
    `shut` switched to it.
    """
    column = {name: index for index, name in enumerate(assay.engine.parameters)}
    rows = np.tile(free.parameters[:1], (len(fixed), 1))
    rows[:, [column[clamp.clamped] for clamp in clamps]] = fixed
    parameters = np.tile(rows, (len(shut), 1))
    switches = {clamp.id: column[clamp.switch] for clamp in clamps}
    for number, ids in enumerate(shut):
        scenario = slice(number * len(fixed), (number + 1) * len(fixed))
        parameters[scenario, [switches[one] for one in ids]] = 1.0
    return parameters
