"""What the model says of each measured number: dose curves of single drugs, matrices of pairs, under each draw.

A line under a drug is simulated once at `CURVE_nM` for each assay time, and every metric is read off that curve,
linear in log dose; pairs are simulated on the plate's own grid. Metrics follow Hafner 2016 (10.1038/nmeth.3853):
GR50 and GRmax, GR_AOC the mean of 1 - GR over the log of the doses; GI50 is where the cells added are half the
control's (Shoemaker 2006, 10.1038/nrc1951); AUC is the mean viability over the log of the doses (GDSC).
"""

import math
from collections.abc import Sequence

import numpy as np

from screen.analysis.skill.dose_ranges import DECADES, TOP_nM
from screen.analysis.skill.measured_table import Cell
from screen.arrays import Floats
from screen.pathway import Assay, Draw, Untreated
from screen.pathway.growth import gr_value
from screen.synergy import SIMULATED, score_matrices
from screen.synergy.curves.fit_sigmoids import fit_sigmoids

CURVE_nM = np.geomspace(1e-3, 1e5, 33)
"""Four doses a decade."""
PAIR_DOSES = 5
PAIR_DECADES = 2.0
"""Five doses over two decades below the top, as the AstraZeneca plates have, of pairs and of the single drugs in them
(assumed where a table says nothing)."""
HALF = 0.5
FITTED = ("IC50", "Emax")
"""What a source that publishes fits means by these (`DoseRange.fitted`)."""
SOLVED = 2
"""Statuses of the engine up to this one (ok, retried, reference) carry numbers."""
PAIR_MODELS = ("loewe", "zip", "hsa", "bliss")
Curves = dict[tuple[str, str, float], tuple[Floats, Floats]]


def predict(assay: Assay, cells: Sequence[Cell], draw: Draw | None = None) -> Floats:
    """The model's number for each cell (N,), concentrations as log10 nM: infinite where the effect is not reached
    at any dose up to 100 uM, NaN where a simulation failed or a metric has no meaning (a line that does not grow).
    """
    found = np.full(len(cells), np.nan)
    lines = tuple(dict.fromkeys(cell.line for cell in cells))
    row = {line: index for index, line in enumerate(lines)}
    untreated = assay.untreated([assay.pathway.cell_lines[line] for line in lines], None, draw)
    singles = [(k, cell) for k, cell in enumerate(cells) if not cell.is_pair]
    curves = _curves(assay, untreated, row, [cell for _, cell in singles])
    for k, cell in singles:
        log_cells, control = curves[cell.line, cell.drugs[0], cell.time_h]
        found[k] = metric(cell.metric, log_cells, float(control), cell.top_nM[0], cell.decades, cell.fitted)
    pairs = [k for k, cell in enumerate(cells) if cell.is_pair]
    found[pairs] = _pairs(assay, untreated, row, [cells[k] for k in pairs])
    return found


def _curves(assay: Assay, untreated: Untreated, row: dict[str, int], cells: Sequence[Cell]) -> Curves:
    """(log cells at `CURVE_nM`, log cells of the control) of every (line, drug, time) of `cells`."""
    curves: Curves = {}
    for time_h in sorted({cell.time_h for cell in cells}):
        asked = list(dict.fromkeys((cell.line, cell.drugs[0]) for cell in cells if cell.time_h == time_h))
        doses = np.concatenate([[0.0], CURVE_nM])
        each = len(doses)
        line = np.repeat([row[name] for name, _ in asked], each).astype(np.intp)
        given = {
            drug: np.concatenate([doses if drug == one else np.zeros(each) for _, one in asked])
            for drug in dict.fromkeys(drug for _, drug in asked)
        }
        wells = assay.dose(untreated, line, given, np.array([time_h]))
        bad = (wells.status > SOLVED) | (untreated.status[line] > SOLVED)
        log_cells = np.where(bad, np.nan, wells.log_cells[:, -1]).reshape(len(asked), each)
        for (name, drug), values in zip(asked, log_cells, strict=True):
            curves[name, drug, time_h] = values[1:], values[0]
    return curves


def metric(
    name: str,
    log_cells: Floats,
    control: float,
    top_nM: float,
    decades: float = DECADES,
    fitted: bool = False,
) -> float:
    """One number of a curve: `log_cells` (dose,) at `CURVE_nM` and of the `control`, relative to the time of dosing;
    areas and effects end at `top_nM` (NaN: 10 uM) and areas begin so many `decades` below it. IC50 and Emax are those
    of a Hill fit over these doses where `fitted`.
    """
    top = TOP_nM if math.isnan(top_nM) else top_nM
    place = np.log10(CURVE_nM)
    if name in ("GR50", "GRmax", "GR_AOC"):
        if not control > 0:
            return math.nan
        response = np.asarray(gr_value(log_cells, control))
    elif name == "GI50":
        if not control > 0:
            return math.nan
        response = np.expm1(log_cells) / math.expm1(control)
    else:
        response = np.exp(log_cells - control)
    if not np.isfinite(response).all():
        return math.nan
    if fitted and name in FITTED:
        return fitted_metric(name, place, response, math.log10(top), decades)
    if name in ("IC50", "GI50", "GR50"):
        return first_crossing(place, response)
    if name in ("GRmax", "Emax"):
        return float(np.interp(math.log10(top), place, response))
    over = np.linspace(math.log10(top) - decades, math.log10(top), 65)
    mean = float(np.trapezoid(np.interp(over, place, response), over) / decades)
    return 1 - mean if name == "GR_AOC" else mean


def fitted_metric(name: str, place: Floats, response: Floats, log_top: float, decades: float) -> float:
    """The midpoint (log10 nM) or the value at infinite dose of a Hill curve from 1, fitted to a viability at
    `PAIR_DOSES` doses up to the top, as Combenefit does (Di Veroli 2016, 10.1093/bioinformatics/btw230). A midpoint
    outside these doses stands at their end, as in the tables.
    """
    doses = np.linspace(log_top - decades, log_top, PAIR_DOSES)
    tested = np.interp(doses, place, response)
    fit = fit_sigmoids(math.log(10) * doses[None], tested[None], (np.zeros(1), np.ones(1)), np.ones(1))
    if name == "Emax":
        return float(fit.end[0])
    middle = float(fit.midpoint[0]) / math.log(10) if fit.end[0] < 1 else log_top
    return min(max(middle, float(doses[0])), log_top)


def first_crossing(place: Floats, response: Floats) -> float:
    """Where a response first falls to a half, log10 nM: infinite where it does not, -inf where it starts below."""
    below = response <= HALF
    if not below.any():
        return math.inf
    first = int(below.argmax())
    if first == 0:
        return -math.inf
    high, low = response[first - 1] - HALF, response[first] - HALF
    return float(place[first - 1] + high / (high - low) * (place[first] - place[first - 1]))


def _pairs(assay: Assay, untreated: Untreated, row: dict[str, int], cells: Sequence[Cell]) -> Floats:
    """Mean excess in percent points of inhibition of each pair (N,), positive = synergy."""
    found = np.full(len(cells), np.nan)
    for time_h in sorted({cell.time_h for cell in cells}):
        here = [k for k, cell in enumerate(cells) if cell.time_h == time_h]
        grids = np.array([[pair_doses(assay, cells[k], side) for side in (0, 1)] for k in here])
        size = grids.shape[-1]
        amounts = np.stack(
            [np.repeat(grids[:, 0], size, axis=1), np.tile(grids[:, 1], (1, size))], axis=-1
        ).reshape(-1, 2)
        line = np.repeat([row[cells[k].line] for k in here], size * size).astype(np.intp)
        drugs = tuple(dict.fromkeys(drug for k in here for drug in cells[k].drugs))
        given = {drug: np.zeros(len(line)) for drug in drugs}
        for n, k in enumerate(here):
            part = slice(n * size * size, (n + 1) * size * size)
            for side, drug in enumerate(cells[k].drugs):
                given[drug][part] = amounts[part, side]
        wells = assay.dose(untreated, line, given, np.array([time_h]))
        bad = (wells.status > SOLVED) | (untreated.status[line] > SOLVED)
        log_cells = np.where(bad, np.nan, wells.log_cells[:, -1]).reshape(len(here), size, size)
        viability = np.exp(log_cells - log_cells[:, :1, :1])
        for model in PAIR_MODELS:
            mine = [n for n, k in enumerate(here) if pair_model(cells[k].metric) == model]
            if mine:
                score = score_matrices(
                    viability[mine],
                    grids[mine, 0],
                    grids[mine, 1],
                    models=(model,),
                    options=SIMULATED,
                )[model]
                found[[here[n] for n in mine]] = np.asarray(score.mean)
    return found


def pair_model(name: str) -> str:
    """The reference model that a metric's name speaks of; Bliss where it names none."""
    return next((model for model in PAIR_MODELS if model in name.lower()), "bliss")


def pair_doses(assay: Assay, cell: Cell, side: int) -> Floats:
    """0 and five doses below the plate's top, nM; the drug's standard range ends the grid where none is stated."""
    top = cell.top_nM[side]
    if math.isnan(top):
        top = assay.pathway.drugs[cell.drugs[side]].range_nM[1]
    return np.concatenate([[0.0], np.geomspace(top / 10**PAIR_DECADES, top, PAIR_DOSES)])
