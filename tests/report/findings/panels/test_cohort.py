"""Classes of response over a cohort: weights count, intervals hold the share, bad weights are one line."""

import math
from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.findings.panels.cohort import CLASSES, CohortResponse, cohort, read_weights
from screen.report.standalone.cohort import waterfall_of_cohort
from tests.report.conftest import build


@pytest.fixture(scope="module")
def findings() -> Findings:
    return Findings(read_screen(build(failures=False)))


def responses(findings: Findings, weights: np.ndarray | None = None) -> dict[str, CohortResponse]:
    return {one.treatment: one for one in cohort(findings.view, findings.recovery, weights)}


def test_every_tumour_is_in_one_class(findings: Findings) -> None:
    for one in responses(findings).values():
        assert sum(share for share, _, _ in one.shares.values()) == pytest.approx(1)
        for share, low, high in one.shares.values():
            assert 0 <= low <= high <= 1
            assert low - 0.35 <= share <= high + 0.35
        inside = np.mean(one.left <= CLASSES["strong"])
        assert one.shares["strong"][0] == pytest.approx(inside)


def test_a_weight_of_one_leaves_one_tumour(findings: Findings) -> None:
    weights = np.zeros(len(findings.view.lines))
    weights[1] = 1.0
    for one in responses(findings, weights).values():
        assert one.mean == pytest.approx(one.left[1])
        assert max(share for share, _, _ in one.shares.values()) == 1


def test_both_drugs_leave_no_more_than_the_anchor_on_average(findings: Findings) -> None:
    found = responses(findings)
    anchor = findings.view.anchor
    both = [one for name, one in found.items() if name.startswith(f"{anchor} + ")]
    assert len(both) == sum(drug == anchor for drug in findings.view.drug_1)
    assert all(one.mean <= found[anchor].mean + 1e-9 for one in both)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[:-1], "no weight of"),
        (lambda rows: [*rows, rows[0]], "duplicate line"),
        (lambda rows: ["nobody,1", *rows], "'nobody' is not in the cube"),
        (lambda rows: [rows[0].replace(",1", ",-1"), *rows[1:]], "expected a number of 0 or more"),
        (lambda rows: [row.replace(",1", ",0") for row in rows], "weights of 0 only"),
    ],
)
def test_weights_that_are_none_are_one_line(findings: Findings, tmp_path: Path, change, words: str) -> None:
    rows = [f"{name},1" for name in ("one", "two")]
    path = tmp_path / "weights.csv"
    path.write_text("\n".join(["cell_line,weight", *rows]) + "\n")
    assert read_weights(path, ("one", "two")) == pytest.approx([0.5, 0.5])
    path.write_text("\n".join(["cell_line,weight", *change(rows)]) + "\n")
    with pytest.raises(InputError, match=words):
        read_weights(path, ("one", "two"))


def test_the_waterfall_has_a_bar_a_tumour_and_says_its_limits() -> None:
    left = np.array([0.1, 0.4, 0.7, 1.0, math.nan])
    found = CohortResponse("a <b>", left, dict.fromkeys(CLASSES, (0.25, 0.1, 0.4)), 0.55)
    picture = waterfall_of_cohort(found)
    assert picture.count("<rect") == 1 + 4 + 4
    assert "no ADCC" in picture
    assert "<b>" not in picture
