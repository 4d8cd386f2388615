"""The semantic cases of the SBML Test Suite: how many pass, are refused, fail; none may be silently wrong."""

from collections import Counter
from pathlib import Path

import pytest

from tests.peers.sbml_suite import read_cases, run_case

AT_LEAST = 783
UNSOLVED_AT_MOST = 4  # cases with ten thousand random events; they pass with three times the steps


def test_no_case_is_silently_wrong(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = shared / "sbml-cases" / "semantic-odd.tar.gz"
    if not archive.is_file():
        pytest.skip("the cases of the SBML Test Suite are not beside the checkout")
    counts: Counter[str] = Counter()
    wrong = []
    for case in read_cases(archive):
        outcome, why = run_case(case, "scipy")
        counts[outcome] += 1
        if outcome == "failed":
            wrong.append(f"{case.name}: {why}")
        if outcome == "refused":
            assert len(why.splitlines()) == 1
    with capsys.disabled():
        print(f"\nSBML Test Suite: {dict(counts)}")
    assert not wrong, "\n".join(wrong)
    assert counts["passed"] >= AT_LEAST
    assert counts["unsolved"] <= UNSOLVED_AT_MOST
