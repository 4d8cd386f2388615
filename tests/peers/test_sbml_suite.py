"""The semantic cases of the SBML Test Suite: how many pass, are refused, fail; none may be silently wrong."""

import os
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from tests.peers.sbml_suite import read_cases, run_case

WHOLE = os.environ.get("SBML_SUITE") == "whole"  # as `make peers` has it; else every twelfth case
# solver: (every how many-th case, how many pass at least, how many are unsolved at most).
EXPECTED = {"batch": (1, 886, 0) if WHOLE else (12, 73, 0), "scipy": (12, 73, 0)}


@pytest.mark.slow
@pytest.mark.timeout(1800)  # some 900 models, each compiled or solved step by step
@pytest.mark.parametrize("solver", list(EXPECTED))
def test_no_case_is_silently_wrong(
    shared: Path,
    solver: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    archive = shared / "sbml-cases" / "semantic-odd.tar.gz"
    if not archive.is_file():
        pytest.skip("the cases of the SBML Test Suite are not beside the checkout")
    monkeypatch.setenv("HERSCREEN_CACHE", str(tmp_path))
    every, passed, unsolved = EXPECTED[solver]
    counts: Counter[str] = Counter()
    wrong = []
    for case in islice(read_cases(archive), 0, None, every):
        outcome, why = run_case(case, solver)
        counts[outcome] += 1
        if outcome == "failed":
            wrong.append(f"{case.name}: {why}")
        if outcome == "refused":
            assert len(why.splitlines()) == 1
    with capsys.disabled():
        print(f"\nSBML Test Suite, {solver}: {dict(counts)}")
    assert not wrong, "\n".join(wrong)
    assert counts["passed"] >= passed
    assert counts["unsolved"] <= unsolved
