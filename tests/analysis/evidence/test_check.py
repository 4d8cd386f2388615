"""The statistics of evidence tables, against the same numbers computed by hand from the assay."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.evidence.check import Result, by_kind, check, result_of, write_csv, write_json
from screen.analysis.evidence.evidence_table import COLUMNS, Statement, parse_statement
from screen.pathway import Assay, load_pathway
from screen.pathway.growth import gr_value

PATHWAY = load_pathway()


def parse(**given: str) -> Statement:
    row = dict.fromkeys(COLUMNS, "")
    row |= {"id": "X1", "cell_line": "SKBR3", "time_h": "24", "observable": "IRS1", "statistic": "ratio"}
    return parse_statement({**row, **given}, PATHWAY, "t.csv")


def values(assay: Assay, *rows: dict[str, str]) -> list[Result]:
    statements = [parse(id=f"X{index}", **row) for index, row in enumerate(rows)]
    return check(statements, PATHWAY, assay)


def wells(assay: Assay, doses: dict[str, list[float]], time: float, line: str = "SKBR3", **factors: float):  # type: ignore[no-untyped-def]
    untreated = assay.untreated([PATHWAY.cell_line(line)], [factors])
    count = len(next(iter(doses.values())))
    columns = {name: np.array(column) for name, column in doses.items()}
    return assay.dose(untreated, np.zeros(count, dtype=np.intp), columns, np.array([time]))


def test_ratio_difference_and_value(assay: Assay) -> None:
    base = {"treatment": "lapatinib=100", "observable": "HER3"}
    ratio, difference, value = values(
        assay, base, {**base, "statistic": "difference"}, {**base, "statistic": "value"}
    )
    treated, vehicle = wells(assay, {"lapatinib": [100, 0]}, 24).values[:, 0, assay.readouts.index("HER3")]
    np.testing.assert_allclose(value.value, treated, rtol=1e-6)
    np.testing.assert_allclose(ratio.value, treated / vehicle, rtol=1e-6)
    np.testing.assert_allclose(difference.value, treated - vehicle, rtol=1e-4)


def test_viability_is_against_the_same_perturbed_line_untreated(assay: Assay) -> None:
    [result] = values(
        assay,
        {
            "treatment": "trastuzumab=68",
            "perturbation": "PTEN=0.1",
            "time_h": "120",
            "observable": "viability",
            "statistic": "value",
        },
    )
    cells = wells(assay, {"trastuzumab": [68, 0]}, 120, PTEN=0.1).log_cells[:, 0]
    np.testing.assert_allclose(result.value, np.exp(cells[0] - cells[1]), rtol=1e-6)


def test_growth_rate_is_the_mean_and_at_time_0_the_rate(assay: Assay) -> None:
    rate = {"observable": "growth_rate", "statistic": "value", "treatment": "trastuzumab=68"}
    mean, start = values(assay, {**rate, "time_h": "96"}, {**rate, "time_h": "0", "treatment": ""})
    np.testing.assert_allclose(
        mean.value, wells(assay, {"trastuzumab": [68]}, 96).log_cells[0, 0] / 96, rtol=1e-6
    )
    np.testing.assert_allclose(
        start.value, assay.untreated([PATHWAY.cell_line("SKBR3")]).growth_rate[0], rtol=1e-6
    )


def test_half_concentrations_are_roots(assay: Assay) -> None:
    sweep = {"treatment": "neratinib", "time_h": "72", "observable": "gr_value", "statistic": "gr50_nM"}
    [result] = values(assay, sweep)
    cells = wells(assay, {"neratinib": [result.value, 0]}, 72).log_cells[:, 0]
    np.testing.assert_allclose(gr_value(cells[0], cells[1]), 0.5, atol=2e-3)


def test_a_half_that_is_not_reached_is_infinite_and_fits_an_open_interval(assay: Assay) -> None:
    inert = {"treatment": "gefitinib", "observable": "viability", "statistic": "ic50_nM", "time_h": "1"}
    opened, closed = values(assay, {**inert, "lower": "700"}, {**inert, "upper": "700"})
    assert math.isinf(opened.value)
    assert opened.passed
    assert not closed.passed


def test_curve_statistics_and_backgrounds(assay: Assay) -> None:
    sweep = {"time_h": "72", "observable": "viability", "statistic": "max_inhibition"}
    plain, background = values(
        assay, {**sweep, "treatment": "everolimus"}, {**sweep, "treatment": "everolimus;trastuzumab=68"}
    )
    doses = [*np.geomspace(1, 10_000, 8), 0]
    cells = wells(assay, {"everolimus": doses}, 72).log_cells[:, 0]
    np.testing.assert_allclose(plain.value, 1 - np.exp(cells[:-1] - cells[-1]).min(), rtol=1e-5)
    both = wells(assay, {"everolimus": doses[:-1], "trastuzumab": [68.0] * 8}, 72).log_cells[:, 0]
    np.testing.assert_allclose(background.value, 1 - np.exp(both - cells[-1]).min(), rtol=1e-5)


def test_grid_statistics_score_the_standard_grid(assay: Assay) -> None:
    grid = {
        "treatment": "trastuzumab;linsitinib",
        "cell_line": "BT474",
        "time_h": "120",
        "observable": "viability",
    }
    results = values(
        assay, *({**grid, "statistic": name} for name in ("hsa", "bliss", "bliss_max", "zip", "loewe"))
    )
    hsa, bliss, best, *_ = (result.value for result in results)
    one = np.concatenate([[0], np.geomspace(*PATHWAY.drug("trastuzumab").range_nM, 7)])
    two = np.concatenate([[0], np.geomspace(*PATHWAY.drug("linsitinib").range_nM, 7)])
    doses = {"trastuzumab": list(np.repeat(one, 8)), "linsitinib": list(np.tile(two, 8))}
    cells = wells(assay, doses, 120, "BT474").log_cells[:, 0].reshape(8, 8)
    inhibition = 1 - np.exp(cells - cells[0, 0])
    alone = np.maximum(inhibition[:, :1], inhibition[:1])
    np.testing.assert_allclose(hsa, 100 * (inhibition - alone)[1:, 1:].mean(), atol=1e-3)
    independent = inhibition[:, :1] + inhibition[:1] - inhibition[:, :1] * inhibition[:1]
    np.testing.assert_allclose(bliss, 100 * (inhibition - independent)[1:, 1:].mean(), atol=1e-3)
    assert best >= bliss
    assert all(math.isfinite(result.value) for result in results)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"statistic": "bliss", "treatment": "lapatinib"}, "bliss sweeps 2 drugs, found 1 without a dose"),
        ({"treatment": "lapatinib"}, "ratio sweeps 0 drugs, found 1 without a dose"),
        (
            {"statistic": "gr_max", "treatment": "lapatinib", "time_h": "0", "observable": "gr_value"},
            "does not grow in 0 h",
        ),
    ],
)
def test_a_row_that_cannot_be_run_says_why_and_does_not_pass(
    assay: Assay, row: dict[str, str], reason: str
) -> None:
    good = {"treatment": "lapatinib=5"}
    failed, fine = values(assay, row, good)
    assert not failed.passed
    assert reason in failed.reason
    assert fine.passed


@pytest.mark.parametrize("entity", PATHWAY.entities)
def test_every_entity_can_be_perturbed(assay: Assay, entity: str) -> None:
    [result] = values(
        assay,
        {
            "cell_line": "BT474" if entity == "ESR1" else "SKBR3",
            "perturbation": f"{entity}=0.5",
            "time_h": "0",
            "observable": "growth_rate",
            "statistic": "difference",
        },
    )
    assert math.isfinite(result.value)
    assert result.value != 0


def test_intervals_are_inclusive() -> None:
    statement = parse(lower="1", upper="2")
    assert [result_of(statement, value).passed for value in (0.99, 1, 2, 2.01, math.nan)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_results_are_written_as_json_and_csv(tmp_path: Path) -> None:
    statement = parse(lower="1", kind="loop")
    results = [result_of(statement, math.inf), result_of(statement, 0.5)]
    write_json(results, tmp_path / "r.json")
    records = json.loads((tmp_path / "r.json").read_text())
    assert records[0] == {
        "id": "X1",
        "kind": "loop",
        "value": "inf",
        "lower": 1.0,
        "upper": None,
        "pass": True,
        "reason": "",
    }
    assert records[1]["pass"] is False
    write_csv(results, tmp_path / "r.csv")
    assert [row["value"] for row in csv.DictReader((tmp_path / "r.csv").open())] == ["inf", "0.5"]
    assert by_kind(results) == {"loop": (1, 2)}
