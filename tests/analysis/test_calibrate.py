"""Calibration: priors, search and sampler on known answers, then the whole on a few statements."""

from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibrate import Settings, calibrate, read_settings
from screen.analysis.calibrate_report import write_tables
from screen.analysis.evidence import check, check_draws
from screen.analysis.evidence_table import BUILT_IN, read_evidence
from screen.analysis.evolution import Evolution
from screen.analysis.metropolis import sample
from screen.analysis.objective import Objective
from screen.analysis.priors import read_priors
from screen.errors import InputError
from screen.pathway import Assay
from screen.pathway.draws import Draw, load_draws, write_draws


def test_the_evolution_finds_the_minimum_of_a_bad_bowl() -> None:
    scales = np.logspace(0, 2, 20)
    rng = np.random.default_rng(1)
    search = Evolution(np.ones(20), 0.5, 12)
    for _ in range(400):
        candidates = search.ask(rng)
        search.tell(candidates, ((candidates * scales) ** 2).sum(axis=1))
    assert np.abs(search.mean * scales).max() < 1e-3


def test_the_sampler_draws_from_its_target() -> None:
    sd = np.array([0.5, 1.0, 2.0, 1.0])
    chain = sample(
        lambda x: 0.5 * float(np.sum((x / sd) ** 2)),
        np.zeros(4),
        np.random.default_rng(1),
        steps=40_000,
        keep=4000,
        block=2,
        step=1.0,
    )
    np.testing.assert_allclose(chain.states.std(axis=0), sd, rtol=0.12)
    assert 0.15 < chain.accepted < 0.5


def test_priors_give_the_tables_values_back(assay: Assay) -> None:
    pathway = assay.pathway
    priors = read_priors(pathway, [pathway.cell_line("HCC1954")], assay.engine.states)
    draw = priors.draw(priors.scores())
    for name, value in draw.values.items():
        known = pathway.parameters[name].value if name in pathway.parameters else None
        if known:
            np.testing.assert_allclose(value, known, rtol=2e-2, err_msg=name)
    assert draw.lines["HCC1954"]["PIK3CA_H1047R"] == pytest.approx(
        pathway.cell_line("HCC1954").values["PIK3CA_H1047R"]
    )
    assert not set(draw.values) & set(assay.engine.states)


def test_the_objective_is_zero_where_the_evidence_holds(assay: Assay) -> None:
    statements = read_evidence(BUILT_IN, assay.pathway)
    energy = Objective(assay, statements)(Draw())
    held = np.array([result.passed for result in check(statements, assay.pathway, assay)])
    agree = (energy.violations == 0) == held
    assert agree.mean() > 0.97


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("genrations: 2", "unknown key 'genrations'; did you mean 'generations'"),
        ("steps: many", "steps: found 'many', expected int"),
        ("steps: -1", "steps: found -1, expected a positive number"),
        ("- 1", "found list, expected keys and values"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_a_calibration_file_is_read_strictly(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_settings(path)


def test_the_shipped_calibration_file_is_read() -> None:
    root = Path(__file__).resolve().parents[2]
    assert read_settings(root / "configs" / "calibration" / "herceptin.yaml").draws == 64


def test_a_small_calibration_runs_resumes_and_is_seeded(assay: Assay, tmp_path: Path) -> None:
    table = tmp_path / "few.csv"
    rows = BUILT_IN.read_text().splitlines()
    table.write_text(
        "\n".join([rows[0], *(row for row in rows if row.split(",")[0] in ("E013", "E026", "E101"))])
    )
    settings = Settings(evidence=str(table), generations=2, population=4, draws=3, steps=12)
    first = calibrate(assay.pathway, settings, tmp_path / "a")
    again = calibrate(assay.pathway, settings, tmp_path / "a")
    other = calibrate(assay.pathway, settings, tmp_path / "b")
    np.testing.assert_array_equal(first.ensemble, again.ensemble)
    np.testing.assert_array_equal(first.ensemble, other.ensemble)
    assert [path.name for path in write_tables(first, assay.pathway, tmp_path / "a")] == [
        "ensemble.tsv",
        "nominal.tsv",
        "posterior.tsv",
    ]
    statements = read_evidence(table, assay.pathway)
    results = check_draws(statements, assay.pathway, first.draws, assay)
    assert all(0 <= (result.pass_fraction or 0) <= 1 for result in results)
