"""Calibration: from tables to draws, a record and a page; other settings are refused in its folder."""

import json
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior, built_in_abundance
from screen.analysis.calibration.calibrate import Calibration, calibrate, members_of, shares
from screen.analysis.calibration.smoothing import Smoothed
from screen.analysis.calibration_outputs.outputs import summary, write_tables
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.pathway import load_pathway
from screen.pathway.tables.ensemble import Draw, load_draws, write_draws
from screen.report.standalone.calibration import page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calibration") / "c"


@pytest.fixture(scope="module")
def found(few: CalibrationConfig, abundance: AbundancePrior, folder: Path) -> Calibration:
    return calibrate(load_pathway(), abundance, few, folder, jobs=2)


def test_a_derivative_follows_its_parents_draw() -> None:
    pathway = load_pathway()
    draw = Draw({}, {"BT474": {"IGF1R": 9.0}})
    child = pathway.cell_line("BT474-HR20")
    values = draw.line_values(child, pathway.cell_line("BT474"))
    assert values["IGF1R"] == 9.0
    assert values["SRC"] == child.values["SRC"]


def test_draws_survive_the_disk(tmp_path: Path) -> None:
    draws = (
        Draw({"K_NRG1": 2.0}, {"BT474": {"HER2": 0.5}}, {"receptor": 0.3}),
        Draw({"K_NRG1": 3.0}, {"BT474": {"HER2": 0.25}}, {"receptor": 0.5}),
    )
    write_draws(draws, tmp_path / "e.tsv")
    assert load_draws(tmp_path / "e.tsv") == draws


@pytest.mark.slow
def test_the_nominal_set_is_the_mean_member_and_draws_come_from_all_repeats(
    found: Calibration, few: CalibrationConfig
) -> None:
    assert found.members.shape == (48, len(found.free))
    np.testing.assert_allclose(found.nominal, found.members.mean(axis=0))
    expected = found.free.draw(found.nominal)
    assert found.nominal_draw.values == expected.values
    assert found.nominal_draw.exponents == expected.exponents
    assert len(found.draws) == few.draws == 5
    assert shares(few.draws, few.repeats) == [3, 2]
    of_members = [found.free.draw(row).values for row in found.members]
    places = [of_members.index(dict(draw.values)) for draw in found.draws]
    assert sum(place < 24 for place in places) == 3
    for line in load_pathway().cell_lines.values():
        assert ("k_birth" in found.draws[0].lines[line.name]) == bool(line.doubling_h)


def test_members_that_failed_are_not_drawn() -> None:
    scores = np.arange(10.0)[:, None]
    repeat = Smoothed(scores, scores, scores[:, 0] < 6, ())
    assert members_of(repeat, 3)[:, 0].tolist() == [6, 7, 9]
    with pytest.raises(
        InputError, match="draws: 4 members of a repeat could be simulated, expected at least 5"
    ):
        members_of(repeat, 5)


@pytest.mark.slow
def test_a_calibration_leaves_tables_a_record_and_a_page(
    found: Calibration, few: CalibrationConfig, folder: Path
) -> None:
    names = [path.name for path in write_tables(found, folder)]
    assert names == ["ensemble.tsv", "nominal.tsv", "posterior.tsv", "summary.txt"]
    record = json.loads((folder / "record.json").read_text())
    assert record["rows"] == {"measured": len(found.observations.rows.cells), "statements": 3}
    assert [len(row) for row in record["misfit_by_step"]] == [few.steps + 1] * 2
    assert record["free_effective"].keys() == record["free"].keys()
    assert set(record["sha256"]) == {"evidence.csv", "measured.csv"}
    assert record["failed_members"] == [0, 0]
    for name in ("versions", "r_hat", "effective_size", "seconds"):
        assert record[name]
    draws = load_draws(folder / "ensemble.tsv")
    assert len(draws) == 5
    assert draws[0].exponents.keys() == {"receptor", "loop"}
    posterior = (folder / "posterior.tsv").read_text().splitlines()
    assert len(posterior) == len(found.free) + 1
    text = page(found)
    assert all(f"<td>{item.name}</td>" in text for item in found.free.items)
    assert all(f"<td>{statement.id}</td>" in text for statement in found.observations.rows.statements)
    assert text.count("<circle") >= len(found.observations.rows.cells)
    assert "http" not in text
    assert any("free values" in line for line in summary(found))


@pytest.mark.slow
def test_a_folder_of_other_settings_is_refused_and_other_draws_are_not(
    found: Calibration, few: CalibrationConfig, abundance: AbundancePrior, folder: Path
) -> None:
    with pytest.raises(InputError, match="other settings, data or tables"):
        calibrate(load_pathway(), abundance, few.model_copy(update={"seed": 2}), folder)
    with pytest.raises(InputError, match="other settings, data or tables"):
        calibrate(load_pathway(), AbundancePrior(), few, folder)
    more = calibrate(load_pathway(), abundance, few.model_copy(update={"draws": 8}), folder)
    assert len(more.draws) == 8
    np.testing.assert_array_equal(more.members, found.members)


def test_the_shipped_prior_knows_the_levels_of_the_named_lines() -> None:
    prior = built_in_abundance()
    group, levels = prior.entities["HER2"]
    assert prior.groups[group].prior_sd > 0
    assert levels["BT474"] > levels["MCF10A"] + 1
    assert "ESR1" not in prior.entities, "a share follows no level"
