"""Observations: what they compare, what may move what, and that they agree with the finer readings."""

from dataclasses import replace

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import lay_out, read_rows
from screen.analysis.calibration.division_rates import settled
from screen.analysis.calibration.rows.observations import LINEAR, Observations, robust
from screen.analysis.evidence.check import check
from screen.analysis.skill.predictions import predict
from screen.config.calibration import CalibrationConfig
from screen.pathway import Assay, load_pathway


@pytest.fixture(scope="module")
def observations(few: CalibrationConfig, abundance: AbundancePrior) -> Observations:
    return lay_out(load_pathway(), abundance, few)[1]


@pytest.mark.slow
def test_rows_are_the_tables_and_measured_statements_stand_back(few: CalibrationConfig) -> None:
    rows = read_rows(load_pathway(), few)
    assert {cell.line for cell in rows.cells} == {"SKBR3", "BT474", "HCC1954", "AU565"}
    assert {statement.id for statement in rows.statements} == {"E013", "E026", "E101"}
    whole = read_rows(load_pathway(), CalibrationConfig())
    known = {(cell.line, cell.drugs) for cell in whole.cells}
    assert len(whole.cells) > 600
    for statement in whole.statements:
        if statement.kind == "gr_measured":
            assert (statement.test.line.name, statement.test.treatment.swept) not in known
    weighed = read_rows(load_pathway(), CalibrationConfig(weights={"gr_measured": 0.3}))
    assert len(weighed.statements) == 509, "with a weight they are kept"


def test_values_are_those_of_the_skill_command_and_the_evidence_check(
    assay: Assay, observations: Observations
) -> None:
    """The coarse reading of a parameter set, as it is predicted, and the fine one of its draw say nearly the same."""
    scores = 0.3 * observations.free.sample(np.random.default_rng(4), 4)
    values = Observations.lay_out(assay, observations.free, observations.rows, shallow=0.0).predict(scores)
    lines = list(assay.pathway.cell_lines.values())
    draws = settled(assay, lines, [observations.free.draw(row) for row in scores])
    cells = observations.rows.cells
    fine = np.array([predict(assay, cells, draw) for draw in draws])
    effects = np.array([not cell.is_concentration for cell in cells])
    coarse = values[:, : len(cells)]
    np.testing.assert_allclose(coarse[:, effects], fine[:, effects], atol=0.05)
    reached = ~effects & np.isfinite(fine) & (fine < 4) & (fine > 0)
    assert reached.sum() > 2
    np.testing.assert_allclose(coarse[reached], fine[reached], atol=0.15)
    for draw, held in zip(draws, observations.holds(values), strict=True):
        results = check(observations.rows.statements, assay.pathway, assay, draw=draw)
        assert held.tolist() == [result.passed for result in results]


def test_parameter_sets_are_simulated_alike_alone_together_and_by_threads(observations: Observations) -> None:
    scores = observations.free.sample(np.random.default_rng(3), 10)
    heard: list[tuple[int, int]] = []
    together = observations.predict(scores, progress=lambda done, total: heard.append((done, total)))
    np.testing.assert_array_equal(observations.predict(scores, jobs=2), together)
    np.testing.assert_array_equal(observations.predict(scores[2:3])[0], together[2])
    assert heard == [(8, 10), (10, 10)]


def test_censored_numbers_and_held_statements_ask_for_nothing(observations: Observations) -> None:
    rows = observations.rows
    cells = [replace(cell, side=side) for cell, side in zip(rows.cells[:3], (1, -1, 0), strict=True)]
    some = replace(observations, rows=replace(rows, cells=(*cells, *rows.cells[3:])))
    values = np.zeros((1, len(rows)))
    values[0, : len(rows.cells)] = some.measured
    values[0, :3] += 2.0
    compared = some.compared(values)[0]
    away = compared[:3] - some.measured[:3]
    np.testing.assert_allclose(away, [0, 2, 2])
    values[0, :3] -= 4.0
    np.testing.assert_allclose(some.compared(values)[0][:3] - some.measured[:3], [-2, 0, -2])
    count = len(rows.cells)
    for place, criterion in enumerate(observations.criteria):
        values[0, count + place] = np.mean([x for x in (criterion.lower, criterion.upper) if np.isfinite(x)])
    inside = [criterion.lower > -np.inf and criterion.upper < np.inf for criterion in observations.criteria]
    found = some.compared(values)[0][count:]
    assert (found[np.array(inside)] == 0).all()


def test_far_statements_weigh_less_than_their_square_and_still_have_a_slope() -> None:
    residual = np.array([-50.0, -LINEAR, -1.0, 0.0, 2.0, 10.0, 90.0])
    found, slope = robust(residual)
    near = np.abs(residual) <= LINEAR
    np.testing.assert_allclose(found[near], residual[near])
    np.testing.assert_allclose(
        found**2 / 2, np.where(near, residual**2 / 2, LINEAR * (np.abs(residual) - LINEAR / 2))
    )
    np.testing.assert_allclose(slope[~near], (robust(residual + 1e-6)[0] - found)[~near] / 1e-6, rtol=1e-4)
    assert (slope[residual != 0] > 0).all()
    assert slope[3] == 0


def test_differences_have_the_slopes_of_what_is_compared(observations: Observations) -> None:
    values = observations.predict(0.5 * observations.free.sample(np.random.default_rng(6), 2))
    values[0, 0] = np.nan
    away, slope = observations.differences(values)
    assert away[0, 0] == slope[0, 0] == 0
    change = 1e-6
    after, _ = observations.differences(values + change)
    np.testing.assert_allclose((after - away) / change, slope, atol=1e-3)


def test_a_kind_of_statement_may_weigh_more(observations: Observations) -> None:
    heavy = replace(observations, rows=replace(observations.rows, weights={"loop": 4.0}))
    values = np.full((1, len(observations.rows)), -1e6)
    kinds = np.array([statement.kind for statement in observations.rows.statements])
    ratio = heavy.compared(values)[0][-3:] / observations.compared(values)[0][-3:]
    np.testing.assert_allclose(ratio, np.where(kinds == "loop", 2.0, 1.0))


def test_a_lines_values_meet_its_rows_only_and_a_drugs_its_own(observations: Observations) -> None:
    reach = {
        observations.free.items[k].label: set(one.rows.tolist())
        for one in observations.localisation()
        for k in one.parameters
    }
    rows = observations.rows
    lines = [{cell.line} for cell in rows.cells] + [{"SKBR3"}] * len(rows.statements)
    drugs = [set(cell.drugs) for cell in rows.cells]
    everything = set(range(len(rows)))
    assert reach["k_death"] == reach["exponent:receptor"] == everything
    assert reach["BT474:deviation:HER2"] == {k for k, mine in enumerate(lines) if "BT474" in mine}
    assert {k for k, mine in enumerate(drugs) if "neratinib" in mine} <= reach["shift:neratinib"]
    assert [one.chance for one in observations.localisation()].count(2.5) == 1, "of shared values alone"
    assert reach["shift:gefitinib"] == reach["JIMT-1:deviation:HER2"] == set()


@pytest.mark.slow
def test_a_free_value_moves_no_row_out_of_its_reach(observations: Observations) -> None:
    start = 0.3 * observations.free.sample(np.random.default_rng(8), 1)
    before = observations.predict(start)[0]
    labels = [item.label for item in observations.free.items]
    reach = {labels[k]: one.rows for one in observations.localisation() for k in one.parameters}
    for label in ("BT474:deviation:HER2", "shift:trametinib", "SKBR3:deviation:HER2"):
        moved = start.copy()
        moved[0, labels.index(label)] += 2.0
        changed = np.flatnonzero(np.abs(observations.predict(moved)[0] - before) > 1e-3)
        assert changed.size
        assert set(changed.tolist()) <= set(reach[label].tolist()), label


def test_a_number_that_no_cell_can_have_is_missing(observations: Observations) -> None:
    """GR values are a power of the inverse of the untreated growth, which may be next to nothing in a member."""
    first, *others = observations.criteria
    wild = replace(first, value=lambda reading: 1e200 * first.value(reading))
    values = replace(observations, criteria=(wild, *others)).predict(np.zeros((1, len(observations.free))))
    place = len(observations.rows.cells)
    assert np.isnan(values[0, place])
    assert np.isfinite(values[0, place + 1 :]).all()
