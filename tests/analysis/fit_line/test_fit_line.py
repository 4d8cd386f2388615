"""A line fitted to a plate of it: simulated plates give back what made them; other plates are refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.fit_line.fit_line import LineFit, MeasuredPlate, PlateWells, Sampling, fit_line
from screen.analysis.fit_line.prior import LinePrior, line_prior
from screen.analysis.fit_line.wells import assay_time, center_of, measured_of
from screen.config.screen import load_config
from screen.errors import InputError
from screen.pathway import Assay, CellLine, load_pathway
from screen.pathway.panels.sampled_lines import load_population
from screen.runner import make_plan
from screen.synergy.plates.read_plates import read_plates
from tests.cli.conftest import inside

Truths = tuple[np.ndarray, list[CellLine], np.ndarray]
NOISE, TIME = 0.04, 120.0
DOSES = np.r_[0.0, np.geomspace(0.3, 676, 3)], np.r_[0.0, np.geomspace(10, 1e4, 3)]
PARTNER = MeasuredPlate(("trastuzumab", "everolimus"), (DOSES[0], np.r_[0.0, 1.0, 30.0]), np.zeros((4, 3, 1)))


def plate(viability: np.ndarray, seed: int, replicates: int = 3) -> MeasuredPlate:
    noise = NOISE * np.random.default_rng(seed).standard_normal((*viability.shape, replicates))
    return MeasuredPlate(("trastuzumab", "linsitinib"), DOSES, viability[:, :, None] + noise)


@pytest.fixture(scope="module")
def assay() -> Assay:
    return Assay.compile(load_pathway(), [])


@pytest.fixture(scope="module")
def prior(assay: Assay) -> LinePrior:
    return line_prior(assay.pathway, assay.pathway.cell_line("SKBR3"))


@pytest.fixture(scope="module")
def truths(assay: Assay, prior: LinePrior) -> Truths:
    """Abundances of six lines of the prior, the lines, and their viability on the plate."""
    values = prior.values(np.random.default_rng(7).standard_normal((6, len(prior.names))))
    lines = prior.lines(values, "true")
    empty = MeasuredPlate(("trastuzumab", "linsitinib"), DOSES, np.zeros((4, 4, 1)))
    return values, lines, PlateWells(assay, [empty], TIME).predict(lines).reshape(6, 4, 4)


@pytest.fixture(scope="module")
def fits(assay: Assay, prior: LinePrior, truths: Truths) -> list[LineFit]:
    return [
        fit_line(
            assay, [plate(viability, k)], prior, TIME, Sampling(seed=k, draws=128, particles=128, moves=4)
        )
        for k, viability in enumerate(truths[2])
    ]


def covered(true: np.ndarray, draws: np.ndarray) -> np.ndarray:
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    return (low <= true) & (true <= high)


@pytest.mark.slow
def test_90_percent_intervals_hold_the_abundances_that_made_the_plate(
    fits: list[LineFit], truths: Truths
) -> None:
    inside_it = [covered(true, fit.values) for true, fit in zip(truths[0], fits)]
    assert 0.75 < np.mean(inside_it) <= 1.0


@pytest.mark.slow
def test_the_plate_narrows_what_it_is_about(fits: list[LineFit]) -> None:
    share = np.array([np.log(fit.values).std(axis=0) / fit.prior.sd_ln for fit in fits])
    growth = fits[0].prior.names.index("k_birth")
    assert np.median(share[:, growth]) < 0.7
    assert np.median(share) > 0.75, "most abundances a plate says nothing of"


@pytest.mark.slow
def test_the_response_is_recovered_within_the_noise(fits: list[LineFit], truths: Truths) -> None:
    for fit, viability in zip(fits, truths[2]):
        assert np.sqrt(np.mean((fit.predicted.mean(axis=0) - viability.ravel()) ** 2)) < NOISE / 2
        assert fit.verdict.explained
        assert fit.verdict.from_replicates
        assert fit.verdict.noise == pytest.approx(NOISE, rel=0.4)


@pytest.mark.slow
def test_the_response_to_a_partner_that_was_not_measured_is_predicted(
    assay: Assay, fits: list[LineFit], truths: Truths
) -> None:
    wells = PlateWells(assay, [PARTNER], TIME)
    true = wells.predict(truths[1])
    hits = [covered(row, wells.predict(fit.prior.lines(fit.values, "x"))) for row, fit in zip(true, fits)]
    dosed = np.array(hits)[:, 1:]
    assert np.mean(dosed) > 0.7, "wells of one line are right or wrong together: see docs/fit-line.md"


@pytest.mark.slow
def test_the_same_seed_gives_the_same_posterior(assay: Assay, prior: LinePrior, fits: list[LineFit]) -> None:
    measured = [plate(np.tile(np.linspace(1, 0.4, 4), (4, 1)), 0)]
    one, two = (
        fit_line(assay, measured, prior, TIME, Sampling(seed=3, draws=8, particles=32, moves=1))
        for _ in range(2)
    )
    assert np.array_equal(one.values, two.values)


@pytest.mark.slow
def test_a_plate_that_the_model_cannot_make_is_refused(assay: Assay, prior: LinePrior) -> None:
    """Antagonism in every second well, as on a checkerboard."""
    viability = np.outer([1.0, 0.9, 0.8, 0.7], [1.0, 0.8, 0.6, 0.4])
    viability[1:, 1:] += np.where(np.indices((3, 3)).sum(axis=0) % 2, 0.35, 0.0)
    found = fit_line(assay, [plate(viability, 1)], prior, TIME, Sampling(seed=1, particles=128, moves=4))
    assert not found.verdict.explained
    assert found.verdict.residual > 1.5 * found.verdict.allowed
    assert found.verdict.covered < 0.7


@pytest.mark.slow
def test_correlated_abundances_vary_together(assay: Assay) -> None:
    prior = line_prior(assay.pathway, assay.pathway.cell_line("SKBR3"), spread=0.5)
    logs = np.log(prior.values(np.random.default_rng(0).standard_normal((4000, len(prior.names)))))
    src, stat = prior.names.index("SRC"), prior.names.index("STAT5")
    assert np.corrcoef(logs[:, src], logs[:, stat])[0, 1] == pytest.approx(0.36, abs=0.05)
    assert logs[:, stat].std() == pytest.approx(0.5 * 0.3, rel=0.05)
    members = {member.entity: member for member in load_population()}
    shared = sum(a * b for a, b in zip(members["IGF1R"].factors, members["IGF2"].factors))
    pair = [prior.names.index("IGF1R"), prior.names.index("IGF2")]
    assert np.corrcoef(logs[:, pair].T)[0, 1] == pytest.approx(shared, abs=0.05)
    assert shared > 0.3, "in the named lines more IGF-1R goes with more IGF2"
    assert "p95HER2" not in prior.names, "what the line does not have stays away"


HEADER = "drug_row,drug_col,conc_r,conc_c,response,conc_r_unit,conc_c_unit,cell_line\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Herceptinn,linsitinib,0,0,1,nM,nM,a\n", "unknown drug 'Herceptinn'; did you mean 'Herceptin'"),
        ("trastuzumab,Herceptin,0,0,1,nM,nM,a\n", "trastuzumab with itself"),
        ("trastuzumab,linsitinib,1,1,1,pints,pints,a\n", "unknown unit 'pints'"),
        (
            "trastuzumab,linsitinib,0,0,1,nM,nM,a\ntrastuzumab,linsitinib,1,0,1,nM,nM,b\n",
            "plates of a, b, expected one cell line, or --line",
        ),
    ],
)
def test_plates_that_cannot_be_of_one_modelled_line_are_one_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "plate.csv"
    path.write_text(HEADER + text)
    with pytest.raises(InputError, match=message) as raised:
        measured_of(load_pathway(), read_plates(path).blocks, path, None)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_masses_per_volume_become_nanomolar(tmp_path: Path) -> None:
    path = tmp_path / "plate.csv"
    rows = [f"trastuzumab,linsitinib,{ug},{nM},1,ug/mL,nM,a\n" for ug in (0, 10) for nM in (0, 100)]
    path.write_text(HEADER + "".join(rows))
    [found] = measured_of(load_pathway(), read_plates(path).blocks, path, None)
    assert found.doses[0] == pytest.approx([0, 10_000 / 148])
    assert found.doses[1] == pytest.approx([0, 100])


def test_the_line_is_looked_up_in_the_table(tmp_path: Path) -> None:
    table = tmp_path / "lines.csv"
    table.write_text("name,HER2,PTEN\nmine,2,0.1\nother,1,1\n")
    pathway = load_pathway()
    assert center_of(pathway, table, None, "mine", "fold").values == {"HER2": 2.0, "PTEN": 0.1}
    with pytest.raises(InputError, match="expected one of its rows: mine, other"):
        center_of(pathway, table, None, None, "fold")
    with pytest.raises(InputError, match=r"expected --panel TABLE or --around LINE"):
        center_of(pathway, None, None, None, "fold")


@pytest.mark.slow
def test_the_command_writes_a_posterior_that_a_configuration_screens(tmp_path: Path, truths: Truths) -> None:
    rows = [
        f"trastuzumab,linsitinib,{DOSES[0][i]},{DOSES[1][j]},{100 * value},nM,nM,mine\n"
        for (i, j, _), value in np.ndenumerate(plate(truths[2][0], 0, 2).wells)
    ]
    (tmp_path / "plate.csv").write_text(HEADER + "".join(rows))
    (tmp_path / "lines.csv").write_text("name,HER2\nother,3\nMine,1\n")
    asked = "fit-line plate.csv --panel lines.csv --draws 4 --particles 48 --partners everolimus --screen"
    found = inside(*asked.split(), "--time", "120 h", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "trastuzumab+everolimus" in found.stdout
    assert (tmp_path / "results" / "plate-line.h5").is_file()
    assert "The model explains the plate" in found.stdout
    config = load_config(tmp_path / "results" / "plate-line.yaml")
    plan = make_plan(config, load_pathway())
    assert [line.name for line in plan.design.lines] == ["mine-001", "mine-002", "mine-003", "mine-004"]
    assert "trastuzumab+linsitinib" not in [pair.name for pair in plan.design.combinations]
    told = json.loads((tmp_path / "results" / "plate-line.json").read_text())
    assert told["explained"] is True
    assert {item["name"] for item in told["quantities"]} >= {"HER2", "k_birth"}


def timed(tmp_path: Path) -> tuple[Path, list]:
    rows = [
        f"trastuzumab,linsitinib,{a},{b},{100 - a - b - t},nM,{t}"
        for t in (24, 72)
        for a in (0, 9)
        for b in (0, 9)
    ]
    path = tmp_path / "times.csv"
    path.write_text("\n".join(["drug1,drug2,conc1,conc2,response,conc_unit,time_h", *rows]) + "\n")
    return path, list(read_plates(path).blocks)


def test_a_line_is_fitted_to_the_plates_of_one_time(tmp_path: Path) -> None:
    path, blocks = timed(tmp_path)
    assert [assay_time(blocks, path, asked) for asked in (None, 24.0, 72.0)] == [72.0, 24.0, 72.0]
    assert assay_time(blocks[:1], path, None) == 24.0
    (early,) = measured_of(load_pathway(), blocks, path, None, 24.0)
    np.testing.assert_allclose(early.wells[0, 0], blocks[0].wells[0, 0])


def test_a_time_that_no_plate_was_read_at_is_refused(tmp_path: Path) -> None:
    path, blocks = timed(tmp_path)
    with pytest.raises(InputError, match="--time 48 h and plates read at 24 h, 72 h"):
        assay_time(blocks, path, 48.0)
    with pytest.raises(InputError, match="no --time and plates read at 24 h, 48 h"):
        assay_time([blocks[0], replace(blocks[1], time_h=48.0)], path, None)
