"""Calibration: it starts from the priors alone, finds known answers, and resumes where it stopped."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration import sampling
from screen.analysis.calibration.calibrate import calibrate, lay_out
from screen.analysis.calibration.division_rates import settled
from screen.analysis.calibration.finite_differences import groups, slopes, touched
from screen.analysis.calibration.objective import Objective
from screen.analysis.calibration.priors import nominal_draw, read_priors
from screen.analysis.calibration.residuals import first_crossing
from screen.analysis.calibration.search import Burst, improve
from screen.analysis.calibration_outputs.outputs import write_tables
from screen.analysis.calibration_outputs.tables import write_shipped
from screen.analysis.evidence.check import check, check_draws
from screen.analysis.evidence.table import BUILT_IN, read_evidence
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.pathway import Assay, Pathway
from screen.pathway.panels.population_statistics import describe
from screen.pathway.panels.sampled_lines import load_population
from screen.pathway.tables.cell_lines import load_cell_lines
from screen.pathway.tables.drugs import load_drugs
from screen.pathway.tables.ensemble import Draw, load_draws, write_draws
from screen.pathway.tables.parameters import load_parameters
from screen.report.standalone.calibration import page

ROWS = ("E013", "E026", "E101", "E180", "E302")
QUICK = {
    "candidates": 6,
    "starts": 2,
    "bursts": 2,
    "evaluations": 3,
    "chains": 2,
    "steps": 40,
    "warm_up": 10,
    "thin": 5,
    "draws": 4,
}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = tmp_path_factory.mktemp("few") / "few.csv"
    rows = BUILT_IN.read_text().splitlines()
    table.write_text("\n".join([rows[0], *(row for row in rows if row.split(",")[0] in ROWS)]))
    return table


@pytest.fixture(scope="module")
def whole(assay: Assay) -> Objective:
    statements = read_evidence(BUILT_IN, assay.pathway)
    return lay_out(assay.pathway, statements, CalibrationConfig())[1]


def shifted(pathway: Pathway) -> Pathway:
    """The pathway as if another calibration had been shipped: every calibrated number is another one."""
    parameters = {
        name: replace(p, value=(p.lower * p.upper) ** 0.5) if p.kind == "calibrated" and p.lower > 0 else p
        for name, p in pathway.parameters.items()
    }
    drugs = {name: replace(drug, potency_nM=drug.measured_nM) for name, drug in pathway.drugs.items()}
    lines = {
        name: replace(line, values={key: value * 1.3 for key, value in line.values.items()})
        for name, line in pathway.cell_lines.items()
    }
    return replace(pathway, parameters=parameters, drugs=drugs, cell_lines=lines)


@pytest.mark.slow
def test_nothing_that_a_calibration_found_before_reaches_the_objective(
    assay: Assay, whole: Objective
) -> None:
    """Shipped parameters, potencies, line abundances and division rates may be what they like."""
    statements = read_evidence(BUILT_IN, shifted(assay.pathway))
    _, other = lay_out(shifted(assay.pathway), statements, CalibrationConfig())
    assert other.priors == whole.priors
    scores = whole.priors.sample(np.random.default_rng(5), 2)
    np.testing.assert_allclose(other.evaluate(scores).values, whole.evaluate(scores).values, atol=2e-3)


@pytest.mark.slow
def test_prior_medians_stand_at_score_0_and_scores_go_there_and_back(whole: Objective) -> None:
    priors = whole.priors
    np.testing.assert_allclose(priors.values(np.zeros(len(priors.free))), [f.median for f in priors.free])
    scores = np.clip(priors.sample(np.random.default_rng(1), 1)[0], -1.9, 1.9)
    np.testing.assert_allclose(priors.scores(priors.draw(scores)), scores, atol=1e-8)
    assert (np.abs(priors.sample(np.random.default_rng(2), 50)) <= priors.reach).all()


def test_the_objective_agrees_with_the_evidence_check_at_the_nominal_set(
    assay: Assay, whole: Objective
) -> None:
    nominal = nominal_draw(assay.pathway)
    found = whole.holds(whole.evaluate(whole.priors.scores(nominal)[None]).values)[0]
    held = np.array([result.passed for result in check(whole.statements, assay.pathway, assay)])
    assert (found == held).mean() > 0.97


def test_parameter_sets_are_evaluated_alike_alone_and_together_and_by_threads(whole: Objective) -> None:
    scores = whole.priors.sample(np.random.default_rng(3), 5)
    together = whole.evaluate(scores)
    np.testing.assert_array_equal(replace(whole, jobs=2).evaluate(scores).values, together.values)
    np.testing.assert_array_equal(whole.evaluate(scores[2:3]).values[0], together.values[2])
    far = scores[0] + 10
    assert np.isinf(whole.energies(far[None], 5.0)).all()


@pytest.mark.slow
def test_grouped_slopes_are_the_slopes_one_by_one(whole: Objective) -> None:
    scores = whole.priors.scores(nominal_draw(whole.wells.pathway)) * 0.9
    table = touched(whole)
    sets = groups(table)
    assert len(sets) < len(scores) / 2
    assert all((table[:, group].sum(axis=1) <= 1).all() for group in sets)
    here = whole.evaluate(scores[None])
    _, by_value = slopes(whole, scores, here, table)
    labels = [item.label for item in whole.priors.free]
    for label in ("BT474:HER2", "K_neratinib_HER2", "k_death"):
        column = labels.index(label)
        step = -0.02 if scores[column] > 0 else 0.02
        moved = scores.copy()
        moved[column] += step
        alone = (whole.evaluate(moved[None]).values[0] - here.values[0]) / step
        np.testing.assert_allclose(by_value[:, column], alone, atol=1e-6)


def test_half_concentrations_are_first_crossings() -> None:
    place = np.array([0.0, 1.0, 2.0])
    curves = np.array([[0.9, 0.6, 0.4], [0.9, 0.3, 0.8], [0.4, 0.3, 0.2], [0.9, 0.8, 0.7]])
    found = first_crossing(place, curves)
    np.testing.assert_allclose(found[:2], [1.5, 2 / 3])
    assert found[2] < 0
    assert found[3] > 2


def test_lines_double_in_their_time_from_any_division_rate(assay: Assay) -> None:
    lines = [assay.pathway.cell_line(name) for name in ("SKBR3", "BT474", "HCC1954")]
    wrong = Draw({}, {line.name: {"k_birth": 0.3} for line in lines})
    [draw] = settled(assay, lines, [wrong])
    growth = assay.untreated(lines, None, draw).growth_rate
    np.testing.assert_allclose(np.log(2) / growth, [line.doubling_h for line in lines], rtol=1e-3)


@pytest.mark.slow
def test_a_burst_brings_a_draw_of_the_prior_much_closer(assay: Assay) -> None:
    statements = [s for s in read_evidence(BUILT_IN, assay.pathway) if s.test.line.name == "HCC1954"]
    _, objective = lay_out(assay.pathway, statements, CalibrationConfig())
    start = objective.priors.sample(np.random.default_rng(4), 1)[0]
    end, energy = improve(objective, start, Burst(6, 20.0))
    before = objective.energies(start[None], 20.0)[0]
    assert energy < 0.6 * before
    np.testing.assert_allclose(objective.energies(end[None], 20.0)[0], energy, rtol=1e-6)


def test_a_derivative_follows_its_parents_draw(assay: Assay) -> None:
    pathway = assay.pathway
    draw = Draw({}, {"BT474": {"IGF1R": 9.0}})
    child = pathway.cell_line("BT474-HR20")
    values = draw.line_values(child, pathway.cell_line("BT474"))
    assert values["IGF1R"] == 9.0
    assert values["SRC"] == child.values["SRC"]


def test_draws_survive_the_disk(tmp_path: Path) -> None:
    draws = (
        Draw({"K_NRG1": 2.0}, {"BT474": {"HER2": 0.5}}),
        Draw({"K_NRG1": 3.0}, {"BT474": {"HER2": 0.25}}),
    )
    write_draws(draws, tmp_path / "e.tsv")
    assert load_draws(tmp_path / "e.tsv") == draws


class Killed(Exception):
    pass


@pytest.mark.slow
def test_a_calibration_killed_anywhere_ends_in_the_same_numbers(
    assay: Assay, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "STRIDE", 10)
    settings = CalibrationConfig(evidence=str(few), **QUICK)  # type: ignore[arg-type]
    whole = calibrate(assay.pathway, settings, tmp_path / "whole")
    for stage, at in (("search", 1), ("search", 3), ("sample", 20)):

        def kill(now: str, done: int, total: int, energy: float, stage: str = stage, at: int = at) -> None:
            if now == stage and done == at:
                raise Killed

        with pytest.raises(Killed):
            calibrate(assay.pathway, settings, tmp_path / "killed", kill)
    again = calibrate(assay.pathway, settings, tmp_path / "killed", jobs=2)
    np.testing.assert_array_equal(whole.ensemble, again.ensemble)
    np.testing.assert_array_equal(whole.nominal, again.nominal)
    assert whole.draws == again.draws
    with pytest.raises(InputError, match="other settings"):
        calibrate(assay.pathway, settings.model_copy(update={"seed": 2}), tmp_path / "killed")


@pytest.mark.slow
def test_a_calibration_leaves_tables_a_record_and_a_page(assay: Assay, few: Path, tmp_path: Path) -> None:
    settings = CalibrationConfig(evidence=str(few), **QUICK)  # type: ignore[arg-type]
    found = calibrate(assay.pathway, settings, tmp_path / "c")
    names = [path.name for path in write_tables(found, tmp_path / "c")]
    assert names == ["ensemble.tsv", "nominal.tsv", "posterior.tsv"]
    record = json.loads((tmp_path / "c" / "record.json").read_text())
    for name in (
        "evidence_sha256",
        "versions",
        "accepted",
        "r_hat",
        "effective_size",
        "hold_draws",
        "seconds",
    ):
        assert record[name]
    statements = read_evidence(few, assay.pathway)
    results = check_draws(statements, assay.pathway, load_draws(tmp_path / "c" / "ensemble.tsv"), assay)
    shares = [result.pass_fraction or 0 for result in results]
    np.testing.assert_allclose(sum(shares), np.mean(record["hold_draws"]), atol=1e-9)
    text = page(found)
    assert all(f"<td>{item.name}</td>" in text for item in found.priors.free)
    for statement in found.statements:
        assert (f"<td>{statement.id}</td>" in text) == (statement.kind == "gr_measured")
    assert "http" not in text


def test_priors_hold_what_no_fit_has_touched(assay: Assay) -> None:
    priors = read_priors(assay.pathway, ["BT474"], assay.engine.states)
    median = {item.label: item.median for item in priors.free}
    assert median["BT474:HER2"] == 0.77
    assert median["K_trastuzumab_HER2_IV"] == 5
    free = {item.name for item in priors.free if not item.line}
    assert not free & {*assay.engine.states, "k_birth"}


@pytest.mark.slow
def test_the_shipped_tables_hold_the_nominal_set(assay: Assay, tmp_path: Path) -> None:
    """Written back and loaded, they say what the draw says."""
    pathway = assay.pathway
    named = list(pathway.cell_lines)
    priors = read_priors(pathway, named, assay.engine.states)
    scores = 0.3 * priors.sample(np.random.default_rng(1), 1)[0]
    [draw] = settled(assay, list(pathway.cell_lines.values()), [priors.draw(scores)])
    write_shipped(draw, assay, tmp_path)
    parameters = load_parameters(tmp_path / "parameters.tsv")
    loaded = replace(
        pathway,
        parameters=parameters,
        drugs=load_drugs(tmp_path / "drugs.tsv"),
        cell_lines=load_cell_lines(
            frozenset(pathway.entities) | frozenset(parameters), tmp_path / "cell_lines.tsv"
        ),
    )
    population = {member.entity: member for member in load_population(tmp_path / "population.tsv")}
    for member in describe(loaded, list(population.values())):
        assert member.median == pytest.approx(population[member.entity].median, rel=0.01)
    shipped = {member.entity: member for member in load_population()}
    moved = [
        abs(np.log(population[name].sd_ln / shipped[name].sd_ln)) > 0.01 for name in ("AKT", "PTEN", "TSC")
    ]
    assert all(moved), "the population is that of the fitted lines"
    expected = assay.untreated(list(pathway.cell_lines.values()), None, draw)
    found = Assay.compile(loaded, assay.readouts).untreated(list(loaded.cell_lines.values()))
    np.testing.assert_allclose(found.growth_rate, expected.growth_rate, rtol=0.02)
    np.testing.assert_allclose(found.readouts, expected.readouts, rtol=0.05, atol=1e-4)
