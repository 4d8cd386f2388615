"""A handful of a cube's wells as simulations: which numbers of the model each line and each well changes, and what the
cube says of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from screen.analysis.cubes.cube_model import CubeModel
from screen.arrays import Array
from screen.cube.status import FAILED
from screen.errors import InputError, printable
from screen.pathway import Assay, Untreated
from screen.pathway.dosing.dosing import dose_column
from screen.pathway.dosing.protocol import begin_dosing

PAIRS = 6
"""Lines with one of their combinations that are shown, evenly over the screen: each takes three wells."""


@dataclass(frozen=True)
class ShownLine:
    """A line without drugs: `changes` are the numbers that differ from the model's, its start values among them."""

    name: str
    changes: Mapping[str, float]


@dataclass(frozen=True)
class ShownWell:
    """A dosed well: its line's row, the numbers that differ from that line's, and its place in the cube."""

    name: str
    line: int
    changes: Mapping[str, float]
    place: tuple[int, int, int, int]
    """(cell_line, combination, dose_1, dose_2)"""


@dataclass(frozen=True)
class ShownWells:
    """Wells with the lines that they are of; `start` is the model's own start, by state."""

    start: Mapping[str, float]
    lines: tuple[ShownLine, ...]
    wells: tuple[ShownWell, ...]


def choose_wells(cube: CubeModel, assay: Assay) -> ShownWells:
    """Of some lines with one combination each the well in the middle of the doses and both drugs alone. Raises
    `InputError` for a cube of schedules, and where no well was simulated of a line that is no mixture.
    """
    reader = cube.reader
    if reader.schedules:
        raise InputError(f"{reader.name}: a cube of schedules, expected one whose drugs are there throughout")
    places = _places(cube)
    if not places:
        raise InputError(f"{reader.name}: found no pair of doses that was simulated in a line without clones")
    rows = list(dict.fromkeys(place[0] for place in places))
    untreated = assay.untreated([cube.lines[row] for row in rows])
    alone = [_numbers(assay, untreated, k, {}) for k in range(len(rows))]
    own = dict(zip(assay.engine.parameters, np.asarray(assay.engine.defaults, float).tolist()))
    states = {name: alone[0][name] for name in assay.engine.states}
    lines = tuple(
        ShownLine(printable(cube.lines[row].name), _changed(numbers, own | states))
        for row, numbers in zip(rows, alone)
    )
    wells = []
    for place in places:
        k, doses = rows.index(place[0]), _doses(cube, place)
        name = " + ".join(f"{dose:g} nM {drug}" for drug, dose in doses.items() if dose)
        changes = _changed(_numbers(assay, untreated, k, doses), alone[k])
        wells.append(ShownWell(printable(f"{lines[k].name}: {name}"), k, changes, place))
    return ShownWells(states, lines, tuple(wells))


def _places(cube: CubeModel) -> list[tuple[int, int, int, int]]:
    status = cube.reader.root["status"].array("cell_line", "combination", "dose_1", "dose_2")
    there = np.asarray(status) < FAILED
    pairs = [
        (line, pair)
        for line, known in enumerate(cube.lines)
        for pair in range(there.shape[1])
        if not known.clones and there[line, pair, 1:, 1:].any()
    ]
    found = []
    for k in dict.fromkeys(np.linspace(0, len(pairs) - 1, min(PAIRS, len(pairs))).astype(int).tolist()):
        line, pair = pairs[k]
        both = np.argwhere(there[line, pair, 1:, 1:]) + 1
        one, two = both[len(both) // 2].tolist()
        found += [
            (line, pair, *doses) for doses in ((one, 0), (0, two), (one, two)) if there[line, pair][doses]
        ]
    return found


def _doses(cube: CubeModel, place: tuple[int, int, int, int]) -> dict[str, float]:
    """Doses in nM by drug; of a drug with itself their sum."""
    line, pair, *indices = place
    found: dict[str, float] = {}
    for number, (grid, index) in enumerate(zip(cube.reader.doses(line, pair), indices), 1):
        drug = cube.reader.drugs(number)[pair]
        found[drug] = found.get(drug, 0.0) + float(grid[index])
    return found


def _numbers(assay: Assay, untreated: Untreated, row: int, doses: Mapping[str, float]) -> dict[str, float]:
    """Every parameter and every state at the time of dosing, by name."""
    engine, pathway = assay.engine, assay.pathway
    parameters: Array = untreated.parameters[row : row + 1].copy()
    for drug, dose in doses.items():
        parameters[:, dose_column(engine, pathway.dose_parameter(drug))] = dose
    start = begin_dosing(pathway.protocol, pathway.drugs, engine, parameters, untreated.state[row : row + 1])
    numbers = dict(zip(engine.parameters, parameters[0].tolist()))
    return numbers | dict(zip(engine.states, start[0].tolist()))


def _changed(numbers: Mapping[str, float], known: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in numbers.items() if value != known[name]}
