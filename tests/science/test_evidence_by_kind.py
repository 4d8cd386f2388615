"""How much of the evidence the model holds, kind by kind. A change that loses ground fails here."""

import pytest

from screen.analysis.evidence import Result, check
from screen.analysis.evidence_table import BUILT_IN, read_evidence
from screen.pathway import Assay

SHARE = {
    "resistant_state": 0.9,
    "herceptin_response": 0.9,
    "resensitise": 0.9,
    "loop": 0.9,
    "feedback": 0.9,
    "signalling": 0.9,
    "rescue": 0.9,
    "resistance": 0.9,
    "lapatinib_response": 0.9,
    "igf1r_single_agent": 0.9,
    "combination": 0.9,
    "gr_measured": 0.9,
}


@pytest.fixture(scope="module")
def results(assay: Assay) -> list[Result]:
    return check(read_evidence(BUILT_IN, assay.pathway), assay.pathway, assay)


def test_the_built_in_table_is_the_one_that_was_handed_over(shared) -> None:  # type: ignore[no-untyped-def]
    assert BUILT_IN.read_bytes() == (shared / "evidence" / "evidence.csv").read_bytes()


def test_every_row_runs(results: list[Result]) -> None:
    assert [result.id for result in results if result.value != result.value] == []


@pytest.mark.parametrize("kind", SHARE)
def test_the_evidence_of_each_kind_holds(results: list[Result], kind: str) -> None:
    of_kind = [result for result in results if result.kind == kind]
    failing = [f"{result.id}: {result.reason}" for result in of_kind if not result.passed]
    assert 1 - len(failing) / len(of_kind) >= SHARE[kind], failing
