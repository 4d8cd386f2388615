"""How much of the evidence the model holds, kind by kind. A change that loses ground fails here."""

import pytest

from screen.analysis.evidence.check import Result, check
from screen.analysis.evidence.evidence_table import BUILT_IN, read_evidence
from screen.pathway import Assay

SHARE = {
    "resistant_state": 1.0,
    "herceptin_response": 1.0,
    "resensitise": 0.92,
    "loop": 1.0,
    "feedback": 1.0,
    "signalling": 1.0,
    "rescue": 1.0,
    "resistance": 1.0,
    "lapatinib_response": 1.0,
    "igf1r_single_agent": 1.0,
    "combination": 1.0,
    "her2_dependence": 1.0,
    "gr_measured": 0.83,
}


@pytest.fixture(scope="module")
def results(assay: Assay) -> list[Result]:
    return check(read_evidence(BUILT_IN, assay.pathway), assay.pathway, assay)


def test_the_built_in_table_begins_with_the_one_that_was_handed_over(shared) -> None:  # type: ignore[no-untyped-def]
    assert BUILT_IN.read_bytes().startswith((shared / "evidence" / "evidence.csv").read_bytes())


@pytest.mark.slow
def test_every_row_runs(results: list[Result]) -> None:
    assert [result.id for result in results if result.value != result.value] == []


@pytest.mark.parametrize("kind", SHARE)
def test_the_evidence_of_each_kind_holds(results: list[Result], kind: str) -> None:
    of_kind = [result for result in results if result.kind == kind]
    failing = [f"{result.id}: {result.reason}" for result in of_kind if not result.passed]
    assert 1 - len(failing) / len(of_kind) >= SHARE[kind], failing
