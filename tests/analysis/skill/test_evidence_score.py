"""Skill of the model on a table that it made itself, and what the record of it holds."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.skill.agreement import rmse
from screen.analysis.skill.evidence_score import score
from screen.analysis.skill.measured_table import Cell, MeasuredTable, read_measured
from screen.analysis.skill.predictions import predict
from screen.analysis.skill.record import as_record, write_json
from screen.pathway import Assay, load_draws, load_pathway

LINES = ("SKBR3", "BT474", "AU565", "HCC1954", "JIMT-1", "MDA-MB-453")
DRUGS = ("lapatinib", "alpelisib", "MK-2206", "everolimus", "trametinib", "neratinib")


@pytest.fixture(scope="module")
def assay() -> Assay:
    return Assay.compile(load_pathway(), ())


def cells_of(metric: str) -> list[Cell]:
    return [
        Cell("self", line, (drug,), metric, 72.0, 0.0, 0, 1.0, (math.nan,))
        for line in LINES
        for drug in DRUGS
    ]


def itself(assay: Assay, metric: str) -> MeasuredTable:
    cells = cells_of(metric)
    values = predict(assay, cells)
    return MeasuredTable(
        tuple(
            Cell(
                c.source,
                c.line,
                c.drugs,
                c.metric,
                c.time_h,
                float(np.clip(v, -3, 5)),
                int(v == np.inf),
                1,
                c.top_nM,
            )
            for c, v in zip(cells, values, strict=True)
        ),
        {},
    )


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["GR_AOC", "GR50"])
def test_the_model_predicts_itself_and_beats_every_null(assay: Assay, metric: str) -> None:
    [skill] = score(itself(assay, metric), assay).sources
    for name in ("rho", "rho_within_drug", "rho_within_line", "specificity"):
        assert skill.figures[name] == pytest.approx(1.0, abs=1e-6)
    assert skill.figures["rmse"] < 1e-6
    assert skill.figures["coverage_90"] == 1
    assert all(null["rho"] < 0.99 for null in skill.nulls.values())
    assert skill.nulls["drug_mean"]["rho_within_drug"] <= 0  # it leaves the cell itself out


@pytest.mark.slow
def test_the_record_is_json_without_infinite_numbers(assay: Assay, tmp_path: Path) -> None:
    write_json(score(itself(assay, "GR50"), assay, load_draws()[:3]), tmp_path / "skill.json")
    record = json.loads((tmp_path / "skill.json").read_text())
    assert record.keys() == {"sources", "cells", "skipped"}
    [source] = record["sources"]
    assert source["n"] == len(LINES) * len(DRUGS)
    assert {"rho", "coverage_90", "rho_low", "rho_high", "nulls"} <= source.keys()
    cell = record["cells"][0]
    assert {
        "measured",
        "predicted",
        "low",
        "high",
        "calibrated",
        "line_calibrated",
        "drug_calibrated",
    } <= cell.keys()
    assert all(
        isinstance(one["predicted"], float) or one["predicted"] in ("inf", "-inf") for one in record["cells"]
    )


def test_a_censored_number_is_missed_on_its_known_side_only() -> None:
    cells = [Cell("a", "x", ("d",), "GR50", 72.0, 3.0, side, 1.0, (math.nan,)) for side in (1, -1, 0)]
    measured = np.full(3, 3.0)
    assert rmse(cells, measured, np.array([4.0, 2.0, 3.0])) == 0
    assert rmse(cells, measured, np.array([2.0, 4.0, 4.0])) == pytest.approx(1.0)


def test_pairs_have_sign_quartile_and_class_figures(assay: Assay, tmp_path: Path) -> None:
    rows = ["source,cell_line,drug_1,drug_2,metric,value,time_h"]
    rng = np.random.default_rng(1)
    pairs = [("lapatinib", "MK-2206"), ("trastuzumab", "linsitinib"), ("everolimus", "alpelisib")]
    rows += [f"lab,{line},{a},{b},synergy_bliss,{rng.normal():.3f},72" for line in LINES for a, b in pairs]
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(rows) + "\n")
    measured = read_measured(path, assay.pathway)
    [skill] = score(measured, assay).sources
    assert {"sign", "top_quartile_auc", "rho_pair_means"} <= skill.figures.keys()
    assert skill.nulls["always_positive"]["sign"] == pytest.approx(
        np.mean([cell.value > 0 for cell in measured.cells])
    )
    record = as_record(score(measured, assay))
    assert record["cells"][0]["drug_2"] == "MK-2206"
    assert record["sources"][0]["coverage_90"] is None
