"""Drugs that come and go: the exposures themselves, and the assay that follows them."""

from dataclasses import replace

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics.sbml.files.text import sbml_text
from screen.kinetics.sbml.forcing import with_driven
from screen.pathway import Assay, CellLine, Dosing, Untreated, load_pathway
from screen.pathway.dosing.exposure import CONSTANT, Exposure, body, medium, table
from screen.pathway.model.sbml_export import sbml_text as sbml_of
from tests.peers.roadrunner_peer import quickly_compiled

PATHWAY = load_pathway()
DRUG = "linsitinib"
READOUTS = ["pAKT_S473", "nFOXO3A", "IRS1", "pERK"]
TIMES = np.array([2.0, 24.0, 61.0, 120.0])
PULSES = medium(120.0, start_h=6.0, on_h=8.0, off_h=16.0)
TWICE_A_DAY = body(120.0, half_life_h=5.0, start_h=3.0, every_h=12.0, holidays_h=[(48.0, 72.0)])
RAMP = table(120.0, [0.0, 10.0, 30.0, 100.0], [0.0, 1.0, 0.4, 0.1], start_h=5.0)


@pytest.fixture(scope="module")
def assay() -> Assay:
    return Assay.compile(PATHWAY, READOUTS, rtol=1e-8, atol=1e-11)


@pytest.fixture(scope="module")
def driven() -> Assay:
    text = with_driven(sbml_text(PATHWAY.source), [PATHWAY.dose_parameter(DRUG)])
    return Assay.compile(replace(PATHWAY, text=text), READOUTS, rtol=1e-8, atol=1e-11)


@pytest.fixture(scope="module")
def line() -> CellLine:
    return PATHWAY.cell_line("BT474-HR20")


@pytest.fixture(scope="module")
def untreated(assay: Assay, line: CellLine) -> Untreated:
    return assay.untreated([line])


@pytest.fixture(scope="module")
def exported(line: CellLine) -> str:
    return sbml_of(PATHWAY, line)


def alone(exposure: Exposure) -> Dosing:
    """One well whose partner is given so."""
    return Dosing((CONSTANT, exposure), {DRUG: np.array([1])})


DOSES = {"trastuzumab": np.array([68.0]), DRUG: np.array([300.0])}
WELL = np.array([0])


def test_a_pulse_is_on_and_off_from_its_start() -> None:
    assert PULSES.at([0, 6, 13.9, 14, 30, 38, 119]).tolist() == [0, 1, 1, 0, 1, 0, 0]


def test_a_drug_is_washed_out_and_pauses_in_its_holidays() -> None:
    exposure = medium(96.0, stop_h=72.0, holidays_h=[(24.0, 48.0)])
    assert exposure.at([0, 23.9, 24, 47.9, 48, 71.9, 72, 95]).tolist() == [1, 1, 0, 0, 1, 1, 0, 0]


def test_administrations_add_to_what_is_left_of_the_last() -> None:
    exposure = body(48.0, half_life_h=12.0, every_h=24.0)
    np.testing.assert_allclose(
        exposure.at([0, 12, 23.9999999, 24, 36]), [1, 0.5, 0.25, 1.25, 0.625], rtol=1e-7
    )
    assert TWICE_A_DAY.at(60.0) == pytest.approx(TWICE_A_DAY.at(40.0) * 0.5 ** (20 / 5)), (
        "none in the holiday"
    )


def test_a_table_is_straight_between_its_rows() -> None:
    np.testing.assert_allclose(
        RAMP.at([0, 5, 10, 15, 25, 105, 119]), [0, 0, 0.5, 1, 0.7, 0.1, 0.1], atol=1e-12
    )


def test_what_changes_nothing_is_the_constant_dose() -> None:
    assert medium(120.0) == medium(120.0, stop_h=200.0) == medium(120.0, on_h=24.0, off_h=0.0) == CONSTANT
    with pytest.raises(InputError, match="pulses"):
        medium(8760.0, on_h=0.01, off_h=0.01)


@pytest.mark.slow
def test_a_constant_dose_given_as_a_schedule_is_the_plain_run_to_the_bit(
    assay: Assay, untreated: Untreated
) -> None:
    plain = assay.dose(untreated, WELL, DOSES, TIMES)
    given = assay.dose(untreated, WELL, DOSES, TIMES, dosing=alone(medium(120.0, start_h=0.0)))
    np.testing.assert_array_equal(given.values, plain.values)
    np.testing.assert_array_equal(given.log_cells, plain.log_cells)


def test_a_well_without_the_drug_does_not_notice_its_schedule(assay: Assay, untreated: Untreated) -> None:
    doses = DOSES | {DRUG: np.array([0.0])}
    plain = assay.dose(untreated, WELL, doses, TIMES)
    given = assay.dose(untreated, WELL, doses, TIMES, dosing=alone(PULSES))
    np.testing.assert_array_equal(given.values, plain.values)


@pytest.mark.slow
def test_restarts_that_change_nothing_stay_within_tolerance(
    assay: Assay, driven: Assay, line: CellLine, untreated: Untreated
) -> None:
    """Jumps of one percent of a thousandth: the same curve by way of 15 restarts, and of a driven model."""
    nearly = Exposure(
        tuple(replace(CONSTANT.pieces[0], begin_h=8.0 * k, level=1 + 1e-12 * k) for k in range(15))
    )
    plain = assay.dose(untreated, WELL, DOSES, TIMES)
    for one, start in ((assay, untreated), (driven, driven.untreated([line]))):
        again = one.dose(start, WELL, DOSES, TIMES, dosing=alone(nearly))
        np.testing.assert_allclose(again.values, plain.values, rtol=1e-6)
        np.testing.assert_allclose(again.log_cells, plain.log_cells, rtol=1e-6, atol=1e-9)


def test_a_curve_needs_a_model_that_drives_the_drug(assay: Assay, untreated: Untreated) -> None:
    with pytest.raises(InputError, match="linsitinib follows a curve"):
        assay.dose(untreated, WELL, DOSES, TIMES, dosing=alone(TWICE_A_DAY))


@pytest.mark.slow
@pytest.mark.parametrize("exposure", [TWICE_A_DAY, RAMP], ids=["body", "table"])
def test_scipy_given_the_concentration_at_each_moment_agrees(
    driven: Assay, assay: Assay, line: CellLine, untreated: Untreated, exposure: Exposure
) -> None:
    """SciPy asks `Exposure.at` for the dose at each of its steps, and knows of no pieces and no restarts."""
    from scipy.integrate import solve_ivp

    ours = driven.dose(driven.untreated([line]), WELL, DOSES, TIMES, dosing=alone(exposure))
    engine = assay.engine
    row = untreated.parameters[:1].copy()
    row[0, engine.index("trastuzumab")] = 68.0
    column = engine.index(DRUG)

    def rates(hours: float, state: np.ndarray) -> np.ndarray:
        row[0, column] = 300.0 * exposure.at(hours)
        return engine.rates(row, state[None])[0]

    start = untreated.state[0]
    found = solve_ivp(rates, (0, 120), start, "LSODA", TIMES, rtol=1e-9, atol=1e-11, max_step=0.25)
    cells = found.y[engine.states.index("log_cells")]
    np.testing.assert_allclose(ours.log_cells[0], cells, rtol=2e-5, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("exposure", [PULSES, TWICE_A_DAY], ids=["pulses", "body"])
def test_libroadrunner_with_events_in_the_exported_model_agrees(
    driven: Assay, assay: Assay, line: CellLine, untreated: Untreated, exported: str, exposure: Exposure
) -> None:
    """The other simulator's drug is a quantity of its own, eliminated by a rate rule and given by events."""
    import libsbml

    document = libsbml.readSBMLFromString(exported)
    model = document.getModel()
    model.getParameter(DRUG).setConstant(False)
    if exposure.curved:
        rule = model.createRateRule()
        rule.setVariable(DRUG)
        rule.setMath(libsbml.parseL3Formula(f"-{float(np.log(2)) / 5.0!r} * {DRUG}"))
    for number, piece in enumerate(exposure.pieces):
        event = model.createEvent()
        event.setId(f"given_{number}")
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setPersistent(True)
        trigger.setInitialValue(False)
        trigger.setMath(libsbml.parseL3Formula(f"time >= {piece.begin_h!r}"))
        change = event.createEventAssignment()
        change.setVariable(DRUG)
        given = f"{DRUG} + 300" if exposure.curved and piece.level else f"{300 * piece.level}"
        change.setMath(libsbml.parseL3Formula(given))
    runner = quickly_compiled(libsbml.writeSBMLToString(document))
    runner.integrator.relative_tolerance = 1e-10
    runner.integrator.absolute_tolerance = 1e-12
    runner.integrator.maximum_num_steps = 200_000
    for state, value in zip(assay.engine.states, untreated.state[0]):
        runner[f"[{state}]" if state != "log_cells" else state] = value
    runner["trastuzumab"] = 68.0
    runner.timeCourseSelections = ["time", *READOUTS, "log_cells"]
    theirs = np.array(runner.simulate(0, 120, 121))[TIMES.astype(int), 1:]
    own = driven if exposure.curved else assay
    wells = own.dose(own.untreated([line]), WELL, DOSES, TIMES, dosing=alone(exposure))
    ours = np.column_stack([wells.values[0], wells.log_cells[0]])
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-8)
