"""Batches: what tells most comes first, copies last, and nothing beyond the budget."""

import numpy as np
import pytest

from screen.analysis.learn.readings.wells import well
from screen.analysis.next_experiments.experiments import KNOCK_DOWN, MARKER, MATRIX, Experiment
from screen.analysis.next_experiments.greedy_batch import choose, room
from screen.analysis.next_experiments.information import Question, directions
from screen.analysis.next_experiments.plate_maps import MAP_COLUMNS, VEHICLE, lay_out, map_rows, pick_list
from screen.config.experiments import Budget

COUNT = 600


def experiment(name: str, line: str = "SKBR3", kind: str = MATRIX, wells: int = 4) -> Experiment:
    given = tuple(well(line, {"trastuzumab": 1.0 + k, name: 10.0}, 72.0) for k in range(wells))
    return Experiment(kind, name, line, name, given, 2)


@pytest.fixture(scope="module")
def offered() -> tuple[Question, list[Experiment], list[np.ndarray]]:
    """Two answers; one experiment tells of the first, two copies of the second, one of nothing."""
    rng = np.random.default_rng(1)
    answers = rng.standard_normal((COUNT, 2))
    shown = [answers[:, :1], 0.8 * answers[:, 1:], 0.8 * answers[:, 1:], rng.standard_normal((COUNT, 1))]
    signals = [directions(one, 0.05 * np.eye(1), rng) for one in shown]
    names = [experiment("first"), experiment("second"), experiment("copy"), experiment("nothing")]
    return Question("parameters", answers), names, signals


def test_a_copy_is_left_for_what_is_new(offered: tuple[Question, list[Experiment], list[np.ndarray]]) -> None:
    batch = choose(*offered, Budget(plates=1))
    names = [one.experiment.name for one in batch.choices]
    assert set(names[:2]) in ({"first", "second"}, {"first", "copy"})
    assert batch.choices[0].bits > 1.5
    assert all(one.bits < 0.6 for one in batch.choices[2:])


@pytest.mark.parametrize(
    ("budget", "count"),
    [(Budget(partners=1), 1), (Budget(plates=1, replicates=2, vehicle_wells=46), 1), (Budget(plates=2), 3)],
)
def test_no_batch_is_beyond_its_budget(
    offered: tuple[Question, list[Experiment], list[np.ndarray]], budget: Budget, count: int
) -> None:
    batch = choose(*offered, budget)
    assert len(batch.choices) <= count + 1
    assert len(batch.spent.plates) <= budget.plates
    assert all(used <= room(budget) for _, used in batch.spent.plates)
    if budget.partners:
        assert len(batch.spent.partners) <= budget.partners


def test_markers_need_a_budget_of_their_own(
    offered: tuple[Question, list[Experiment], list[np.ndarray]],
) -> None:
    question, _, signals = offered
    markers = [experiment("first", kind=MARKER, wells=1), experiment("second", kind=MARKER, wells=1)]
    assert not choose(question, markers, signals[:2], Budget(markers=0)).choices
    assert len(choose(question, markers, signals[:2], Budget(markers=2)).choices) == 1


def test_every_well_of_a_batch_stands_once_on_a_plate_with_its_vehicles(
    offered: tuple[Question, list[Experiment], list[np.ndarray]],
) -> None:
    question, experiments, signals = offered
    other = [experiment("second", "BT474"), *experiments[:1], experiment("knocked", "SKBR3", KNOCK_DOWN, 2)]
    budget = Budget(plates=2, vehicle_wells=4)
    batch = choose(question, other, [signals[1], signals[0], signals[2]], budget)
    placed = lay_out(batch, budget, seed=3)
    assert len({(one.plate, one.name) for one in placed}) == len(placed)
    assert not [one for one in placed if one.name[0] in "AH" or one.name[1:] in ("1", "12")], (
        "the rim is left free"
    )
    for plate in {one.plate for one in placed}:
        lines = {one.well.line for one in placed if one.plate == plate}
        vehicles = [one for one in placed if one.plate == plate and one.role == VEHICLE]
        assert len(vehicles) == 4 * len(lines)
    wells = sum(one.experiment.cost for one in batch.choices)
    assert sum(one.role != VEHICLE for one in placed) == wells
    assert all(len(row) == len(MAP_COLUMNS) for row in map_rows(placed, "trastuzumab"))
    assert placed != lay_out(batch, budget, seed=4)


def test_drops_make_the_doses_that_were_asked_for(
    offered: tuple[Question, list[Experiment], list[np.ndarray]],
) -> None:
    batch = choose(*offered, Budget(plates=1))
    placed = lay_out(batch, Budget(), seed=1)
    stocks = dict.fromkeys(("first", "second", "copy", "nothing"), 10000000.0) | {"trastuzumab": 1e5}
    transfers, sources = pick_list(placed, stocks, 100.0)
    assert len(transfers) == sum(len(one.well.doses) for one in placed)
    for one in transfers:
        assert one.got_nM == pytest.approx(one.asked_nM, rel=0.13)
        assert one.nL % 2.5 == 0
        assert sources[one.source] == (one.drug, one.source_nM)
        assert one.nL <= 500
