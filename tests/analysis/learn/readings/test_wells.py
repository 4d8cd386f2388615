"""Wells of many members at once are what the assay makes of each alone."""

import numpy as np
import pytest

from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.readings.wells import Simulator, well
from screen.analysis.learn.subjects import SubjectLine
from screen.pathway import Assay
from screen.pathway.growth import viability


def test_a_member_s_wells_are_the_assay_s(
    plain_assay: Assay, prior: LearnPrior, subjects: dict[str, SubjectLine]
) -> None:
    line, doses = "BT474", [0.0, 3.0, 300.0]
    asked = [well(line, {"trastuzumab": 30.0, "lapatinib": dose}, 72.0) for dose in doses]
    asked.append(well(line, {"trastuzumab": 30.0}, 24.0, "pAKT_S473"))
    mine = Simulator(plain_assay, prior, asked).predict(prior.scores[:2], jobs=2)
    for member in range(2):
        draw = prior.draw(prior.scores[member], member)
        untreated = plain_assay.untreated([subjects[line].line], None, draw)
        given = {"trastuzumab": np.r_[0.0, np.full(3, 30.0)], "lapatinib": np.r_[0.0, doses]}
        run = plain_assay.dose(untreated, np.zeros(4, dtype=np.intp), given, np.array([24.0, 72.0]))
        theirs = viability(run.log_cells[1:, 1], run.log_cells[0, 1])
        assert mine[member, :3] == pytest.approx(theirs, abs=2e-3)
        assert mine[member, 3] == pytest.approx(np.log(run.values[1, 0, 0] / run.values[0, 0, 0]), abs=2e-3)


def test_the_same_bits_whatever_the_threads(plain_assay: Assay, prior: LearnPrior) -> None:
    wells = [well(line, {"trastuzumab": 30.0}, 72.0) for line in ("SKBR3", "MINE")]
    simulator = Simulator(plain_assay, prior, wells)
    assert np.array_equal(simulator.predict(prior.scores, 1), simulator.predict(prior.scores, 3))


def test_zero_doses_are_no_drugs() -> None:
    assert well("SKBR3", {"b": 0.0, "a": 1.0}, 72.0) == well("SKBR3", {"a": 1.0}, 72.0)
