"""Learning in hidden truths: what made the plates is inside the intervals, what was not measured is predicted better
than before and than without a model, and a run that stopped ends in the same numbers."""

from pathlib import Path

import numpy as np
import pytest

from screen.analysis.learn.held_out import Gain, LeftOutRow, gains
from screen.analysis.learn.learn import Learning, learn_plates
from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.readings.wells import Simulator, well
from screen.analysis.learn.smoothing import PlatesLearnt, SmootherOptions, smoothed
from screen.analysis.learn.verdicts import predictive
from screen.pathway import Assay
from tests.analysis.learn.conftest import GAIN, LINES, NOISE, PARTNERS, Make

SEEN = [(line, partner) for line in LINES for k, partner in enumerate(PARTNERS) if k != LINES.index(line) % 3]
NEW = [(line, PARTNERS[LINES.index(line) % 3]) for line in LINES]
COUNT = 4


@pytest.fixture(scope="module")
def learnt(plain_assay: Assay, prior: LearnPrior, truths: np.ndarray, measured: Make) -> list[PlatesLearnt]:
    return [
        smoothed(plain_assay, prior, measured(truths[k], SEEN, k), SmootherOptions(4, k, 2))
        for k in range(COUNT)
    ]


@pytest.mark.slow
def test_intervals_hold_what_made_the_plates_at_their_rate(
    learnt: list[PlatesLearnt], truths: np.ndarray
) -> None:
    inside, moved = [], []
    for found, truth in zip(learnt, truths):
        low, high = np.quantile(found.scores, [0.05, 0.95], axis=0)
        inside.append((low <= truth) & (truth <= high))
        moved.append(found.scores.std(axis=0) < 0.8)
    assert np.mean(inside) > 0.8
    assert np.mean(np.array(inside)[np.array(moved)]) > 0.72, "values that the plates tell of"
    assert np.mean(moved) > 0.005


@pytest.mark.slow
def test_plates_that_were_not_measured_are_predicted_better_than_before_and_than_by_the_line_s_mean(
    plain_assay: Assay, prior: LearnPrior, learnt: list[PlatesLearnt], truths: np.ndarray, measured: Make
) -> None:
    after, before, null, covered = [], [], [], []
    for k, found in enumerate(learnt):
        plates = measured(truths[k], NEW, 50 + k)
        truth = np.concatenate([plate.measured for plate in plates])
        simulator = Simulator(plain_assay, prior, [row for plate in plates for row in plate.rows])
        rows = simulator.predict(found.scores, 2)
        after.append(np.mean((rows.mean(axis=0) - truth) ** 2))
        before.append(np.mean((simulator.predict(prior.scores, 2).mean(axis=0) - truth) ** 2))
        of_line = {
            line: np.mean([plate.measured.mean() for plate in found.plates if plate.line == line])
            for line in LINES
        }
        null.append(np.mean((np.array([of_line[row.line] for row in simulator.wells]) - truth) ** 2))
        low, high = predictive(rows, np.full(len(truth), np.hypot(NOISE / np.sqrt(3), GAIN)))
        covered.append(np.mean((low <= truth) & (truth <= high)))
    assert np.mean(after) < np.mean(before)
    assert np.mean(after) < np.mean(null)
    assert np.mean(covered) > 0.8


@pytest.fixture(scope="module")
def whole(
    plain_assay: Assay,
    prior: LearnPrior,
    truths: np.ndarray,
    measured: Make,
    tmp_path_factory: pytest.TempPathFactory,
) -> Learning:
    plates = measured(truths[0], SEEN, 3)
    folder = tmp_path_factory.mktemp("learn") / "run"
    return learn_plates(plain_assay, prior, plates, SmootherOptions(2, 3, 2), 16, 2, folder)


@pytest.mark.slow
def test_left_out_plates_are_predicted_better_than_by_nulls(whole: Learning) -> None:
    found = {one.name: one for one in whole.gains if one.by == "plates"}
    assert found["prior"].gain > 0
    assert found["line_mean"].rows < found["prior"].rows, "some plates were the last of their line"
    assert {one.by for one in whole.gains} == {"plates", "lines"}
    rows = whole.left_out["plates"]
    assert len(rows) == sum(len(plate.rows) for plate in whole.learnt.plates)
    assert whole.coverage["plates"] > 0.7


@pytest.mark.slow
def test_a_run_that_stopped_ends_in_the_same_numbers(
    plain_assay: Assay, prior: LearnPrior, truths: np.ndarray, measured: Make, tmp_path: Path
) -> None:
    plates, options, path = measured(truths[1], SEEN[:2], 1), SmootherOptions(3, 5, 1), tmp_path / "learn.npz"
    at_once = smoothed(plain_assay, prior, plates, options)
    heard: list[int] = []

    def stop(_: str, done: int, total: int) -> None:
        heard.append(done)
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        smoothed(plain_assay, prior, plates, options, path, progress=stop)
    resumed = smoothed(plain_assay, prior, plates, options, path)
    assert np.array_equal(at_once.scores, resumed.scores)
    assert np.array_equal(at_once.viability, resumed.viability)


@pytest.mark.slow
def test_lines_without_a_plate_keep_their_doubling_time(plain_assay: Assay, whole: Learning) -> None:
    line = plain_assay.pathway.cell_line("AU565")
    for draw in whole.draws[:3]:
        growth = plain_assay.untreated([line], None, draw).growth_rate[0]
        assert growth == pytest.approx(np.log(2) / line.doubling_h, rel=0.02)


def test_gains_are_shares_of_squared_error_saved() -> None:
    rows = [
        LeftOutRow("plates", 1, f"p{k}", well("SKBR3", {"lapatinib": 1.0 + k}, 72.0), 0.5, 0.6, 0.4, 0.8, 0.7,
                   (0.5, float("nan"), 0.8))
        for k in range(5)
    ]  # fmt: skip
    found: dict[str, Gain] = {one.name: one for one in gains(rows)}
    assert found["prior"].gain == pytest.approx(1 - 0.01 / 0.04)
    assert found["line_and_wells_mean"].learnt == pytest.approx(0.1)
    assert "line_mean" not in found, "no row of it is known"
    assert "same_wells_other_lines" not in found, "it is right everywhere: nothing is left to save"
