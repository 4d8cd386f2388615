"""Plates to pipette: which well holds what, as a map that `herscreen score --map` reads, a list of a digital dispenser
(D300) and a pick list of an acoustic one (Echo). Wells stand anywhere on the plate, by the seed: an effect of the rim
or of a gradient then is noise, not synergy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.learn.readings.wells import LearnWell
from screen.analysis.next_experiments.experiments import KNOCK_DOWN
from screen.analysis.next_experiments.greedy_batch import SHAPES, ExperimentBatch
from screen.config.experiments import Budget

SAMPLE, VEHICLE = "sample", "vehicle"
MAP_COLUMNS = (
    "plate",
    "well",
    "role",
    "drug1",
    "conc1",
    "drug2",
    "conc2",
    "conc_unit",
    "cell_line",
    "time_h",
)
STEP_nL, MOST_SHARE = 2.5, 0.005
"""An Echo moves drops of 2.5 nL; at most 0.5 % of a well may be solvent (assumed)."""
DILUTION = 100.0
"""Between a drug's source wells: the stock, and as many dilutions as low doses need."""


@dataclass(frozen=True)
class PlacedWell:
    """A well of a plate, like `B7`, and what it holds; vehicle wells hold no drug."""

    plate: str
    name: str
    well: LearnWell
    role: str


def lay_out(batch: ExperimentBatch, budget: Budget, seed: int) -> list[PlacedWell]:
    """Every well of every plate of a batch, plate by plate."""
    placed = []
    for number, (line, _) in enumerate(batch.spent.plates):
        wells = []
        under = {line}
        for choice, place in zip(batch.choices, batch.spent.places, strict=True):
            if place == number:
                wells += [
                    (one, SAMPLE)
                    for one in choice.experiment.wells
                    for _ in range(choice.experiment.replicates)
                ]
                if choice.experiment.kind == KNOCK_DOWN:
                    under.add(choice.experiment.wells[0].line)
        time_h = wells[0][0].time_h
        wells += [
            (LearnWell(name, (), time_h), VEHICLE)
            for name in sorted(under)
            for _ in range(budget.vehicle_wells)
        ]
        names = _names(budget)
        order = np.random.default_rng([seed, 11, number]).permutation(len(names))[: len(wells)]
        plate = f"plate {number + 1}"
        rows = [
            PlacedWell(plate, names[place], *one) for place, one in zip(order.tolist(), wells, strict=True)
        ]
        placed += sorted(rows, key=lambda one: names.index(one.name))
    return placed


def _names(budget: Budget) -> list[str]:
    """The wells that are used, row by row."""
    rows, columns = SHAPES[budget.size]
    edge = 0 if budget.rim else 1
    return [f"{chr(65 + i)}{j + 1}" for i in range(edge, rows - edge) for j in range(edge, columns - edge)]


def map_rows(placed: Sequence[PlacedWell], anchor: str) -> list[list[str]]:
    """Rows of `MAP_COLUMNS`, the anchor as drug 1."""
    rows = []
    for one in placed:
        doses = dict(one.well.doses)
        others = [drug for drug in doses if drug != anchor]
        other = others[0] if others else ""
        cells = [anchor if anchor in doses else "", f"{doses.get(anchor, 0.0):.6g}"]
        cells += [other, f"{doses.get(other, 0.0):.6g}"]
        if one.role == VEHICLE:
            cells = ["DMSO", "0", "DMSO", "0"]
        rows.append([one.plate, one.name, one.role, *cells, "nM", one.well.line, f"{one.well.time_h:g}"])
    return rows


def dispenser_rows(placed: Sequence[PlacedWell]) -> list[list[str]]:
    """A row a fluid and well: plate, well, fluid, concentration, unit."""
    return [
        [one.plate, one.name, drug, f"{dose:.6g}", "nM"] for one in placed for drug, dose in one.well.doses
    ]


@dataclass(frozen=True)
class Transfer:
    """Drops: from a source well that holds a drug at `source_nM` into a well; `got_nM` is what they make of the dose
    that was asked for.
    """

    source: str
    source_nM: float
    drug: str
    plate: str
    well: str
    nL: float
    asked_nM: float
    got_nM: float


def pick_list(
    placed: Sequence[PlacedWell], stocks: Mapping[str, float], volume_uL: float
) -> tuple[list[Transfer], dict[str, tuple[str, float]]]:
    """Transfers, and what each source well holds (drug, nM). Each dose is drawn from the highest dilution of its drug
    that takes at least four drops, and not more than the solvent allows.
    """
    sources: dict[tuple[str, float], str] = {}
    transfers, most = [], MOST_SHARE * volume_uL * 1000
    for one in placed:
        for drug, dose in one.well.doses:
            strength = stocks[drug]
            while dose * volume_uL * 1000 / strength < 4 * STEP_nL:
                if dose * volume_uL * 1000 / (strength / DILUTION) > most:
                    break
                strength /= DILUTION
            drops = max(1, round(dose * volume_uL * 1000 / strength / STEP_nL))
            place = sources.setdefault((drug, strength), _source(len(sources)))
            got = drops * STEP_nL * strength / (volume_uL * 1000)
            transfers.append(Transfer(place, strength, drug, one.plate, one.name, drops * STEP_nL, dose, got))
    return transfers, {place: key for key, place in sources.items()}


def _source(number: int) -> str:
    """Source wells of a plate of 384, row by row."""
    return f"{chr(65 + number // 24)}{number % 24 + 1}"
