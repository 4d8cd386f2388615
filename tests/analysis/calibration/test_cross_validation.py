"""Cross-validation: a fold never sees what it is asked about, and its figures can be computed by hand."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import read_rows
from screen.analysis.calibration.cross_validation import (
    HeldOut,
    coverage,
    cross_validate,
    dealt,
    errors,
    split,
    tables,
    write_held_out,
)
from screen.analysis.skill.interval_noise import NOISE
from screen.analysis.skill.measured_table import Cell
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.pathway import load_pathway

pytestmark = pytest.mark.slow


def cell(metric: str, value: float, side: int = 0, line: str = "SKBR3", drug: str = "x") -> Cell:
    return Cell("a", line, (drug,), metric, 72.0, value, side, 1.0, (math.nan,))


def named(rows: list[HeldOut], line: str) -> list[HeldOut]:
    return [row for row in rows if row.cell.line == line]


def test_a_held_out_line_changes_nothing_in_its_own_prediction(
    few: CalibrationConfig, abundance: AbundancePrior, tmp_path: Path
) -> None:
    """Other measured values of the line held out leave its predictions bitwise the same, and move the others'."""
    pathway, quick = load_pathway(), few.model_copy(update={"members": 8, "steps": 1, "draws": 1})
    rows = cross_validate(pathway, abundance, quick, "lines", tmp_path / "a", folds=4)
    assert len(rows) == len(read_rows(pathway, few).cells)
    assert {row.fold for row in rows} == {1, 2, 3, 4}
    head, *text = Path(few.measured).read_text().splitlines()
    moved = [row.split(",") for row in text]
    for row in moved:
        if row[1] == "BT474" and row[4] == "GRmax":
            row[5] = "-0.9"
    (tmp_path / "moved.csv").write_text("\n".join([head, *(",".join(row) for row in moved)]))
    quick = quick.model_copy(update={"measured": str(tmp_path / "moved.csv")})
    others = cross_validate(pathway, abundance, quick, "lines", tmp_path / "b", folds=4)
    before, after = (
        {(row.cell.line, row.cell.drugs, row.cell.metric): row.predicted for row in found}
        for found in (rows, others)
    )
    assert all(after[key] == value for key, value in before.items() if key[0] == "BT474")
    assert any(after[key] != value for key, value in before.items() if key[0] == "SKBR3")
    write_held_out(rows, tmp_path / "h.csv")
    written = list(csv.DictReader((tmp_path / "h.csv").open()))
    assert [row["cell_line"] for row in written] == [row.cell.line for row in rows]


def test_the_null_of_a_line_is_the_mean_of_the_drug_in_the_others(
    few: CalibrationConfig, abundance: AbundancePrior, tmp_path: Path
) -> None:
    pathway, quick = load_pathway(), few.model_copy(update={"members": 8, "steps": 1, "draws": 1})
    rows = cross_validate(pathway, abundance, quick, "lines", tmp_path / "c", folds=4)
    cells = read_rows(pathway, few).cells
    for row in rows:
        like = [
            c.value for c in cells
            if (c.metric, c.drugs) == (row.cell.metric, row.cell.drugs) and c.line != row.cell.line
        ]  # fmt: skip
        assert row.drug_mean == pytest.approx(np.mean(like))


def test_derivatives_and_statements_leave_with_their_line_and_drug() -> None:
    pathway = load_pathway()
    rows = read_rows(pathway, CalibrationConfig())
    by_line, left = split(rows, pathway, "lines", {"SKBR3"})
    kept = {statement.id for statement in by_line.statements}
    assert not kept & {"E001", "E013"}, "of SKBR3 and of its derivative"
    assert "E170" in kept
    assert {cell.line for cell in left.cells} == {"SKBR3"}
    assert len(left.cells) + len(by_line.cells) == len(rows.cells)
    by_drug, _ = split(rows, pathway, "drugs", {"lapatinib"})
    assert "E170" not in {statement.id for statement in by_drug.statements}


def test_lines_or_drugs_are_dealt_to_folds_once(few: CalibrationConfig) -> None:
    pathway = load_pathway()
    cells = read_rows(pathway, few).cells
    parts = dealt(cells, pathway, "lines", 3, 1)
    assert sorted(len(part) for part in parts) == [1, 1, 2]
    assert set().union(*parts) == {"SKBR3", "BT474", "HCC1954", "AU565"}
    with pytest.raises(InputError, match="--folds: found 5, expected 2 to 4, the lines that were measured"):
        dealt(cells, pathway, "lines", 5, 1)


def test_only_lines_or_drugs_can_be_held_out(abundance: AbundancePrior, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found 'rows', expected lines, drugs or laboratories"):
        cross_validate(load_pathway(), abundance, CalibrationConfig(), "rows", tmp_path)


def test_figures_are_those_computed_by_hand() -> None:
    rows = [
        HeldOut(1, cell("GRmax", 0.1), 0.38, 0.0, 0.5, True, 0.1, 0.66),
        HeldOut(1, cell("GRmax", 0.1, line="BT474"), 0.1, 0.2, 0.5, False, 0.1, 0.1),
        HeldOut(1, cell("GR50", 4.0, side=1), 5.0, 4.5, 6.0, True, 2.8, 4.0),
    ]
    np.testing.assert_allclose(errors(rows, "predicted"), [0.28 / NOISE["GRmax"].fitted, 0, 0])
    np.testing.assert_allclose(errors(rows, "drug_mean"), [0, 0, -1.2 / NOISE["GR50"].fitted])
    [of_bt474, of_skbr3] = coverage(rows, lambda row: row.cell.line)
    assert (of_bt474.name, of_bt474.rows, of_bt474.inside, of_bt474.error) == ("BT474", 1, 0.0, 0.0)
    assert (of_skbr3.rows, of_skbr3.inside) == (2, 1.0)
    assert of_skbr3.error == pytest.approx(0.28 / NOISE["GRmax"].fitted / np.sqrt(2))
    assert of_skbr3.drug_mean == pytest.approx(1.2 / NOISE["GR50"].fitted / np.sqrt(2))
    assert of_skbr3.line_mean == pytest.approx(0.56 / NOISE["GRmax"].fitted / np.sqrt(2))
    found = tables(rows)
    assert found["all"][0].inside == pytest.approx(2 / 3)
    assert [one.name for one in found["metric"]] == ["GR50", "GRmax"]


def test_noise_of_a_fold_is_judged_by_what_the_others_ask_for() -> None:
    """Ten rows of either fold: the second asks for three times the noise."""
    needed = np.concatenate([np.linspace(0.01, 0.1, 10), np.linspace(0.03, 0.3, 10)])
    rows = [
        HeldOut(1 + k // 10, cell("GRmax", 0.1), 0.1, 0.0, 0.2, True, 0.1, 0.1, noise)
        for k, noise in enumerate(needed)
    ]
    [figures] = tables(rows)["metric"]
    assert figures.noise == pytest.approx(np.quantile(needed, 0.9))
    assert figures.nested == pytest.approx((10 + 3) / 20)
    assert math.isnan(tables(rows[:10])["metric"][0].nested)


def test_a_laboratory_leaves_with_all_its_sources_and_with_measured_statements() -> None:
    pathway = load_pathway()
    rows = read_rows(pathway, CalibrationConfig(weights={"gr_measured": 1.0}))
    [one, other] = dealt(rows.cells, pathway, "laboratories", 5, 1)
    assert {frozenset(one), frozenset(other)} == {frozenset({"HMS_BRCA"}), frozenset({"MEP_LINCS"})}
    kept, left = split(rows, pathway, "laboratories", {"MEP_LINCS"})
    assert {cell.source for cell in left.cells} == {"MEP_LINCS", "GRAY_FallahiSichani2013"}
    assert {cell.source for cell in kept.cells} == {"HMS_BRCA"}
    kinds = {statement.kind for statement in rows.statements}
    assert {statement.kind for statement in kept.statements} == kinds - {"gr_measured"}
