"""The paper says what the documentation says: its tables are rows of the benchmarks and of the model's page, and every
work that it cites is in its bibliography.
"""

import re

from tests.paths import ROOT

PAPER = (ROOT / "docs" / "paper" / "paper.md").read_text(encoding="utf-8")
KNOWN = [ROOT / "tests" / "benchmarks" / "README.md", ROOT / "docs" / "model.md"]


def test_every_row_of_its_tables_stands_in_the_documentation() -> None:
    rows = [line for line in PAPER.splitlines() if line.startswith("| ")]
    known = {line for page in KNOWN for line in page.read_text(encoding="utf-8").splitlines()}
    assert len(rows) >= 10
    assert not [row for row in rows if row not in known]


def test_it_cites_what_its_bibliography_holds() -> None:
    bibliography = (ROOT / "docs" / "paper" / "paper.bib").read_text(encoding="utf-8")
    entries = set(re.findall(r"^@\w+\{(\w+),", bibliography, re.MULTILINE))
    assert entries == set(re.findall(r"@(\w+)", PAPER))


def test_it_is_as_short_as_the_journal_asks() -> None:
    assert len(re.sub(r"^\|.*$", "", PAPER, flags=re.MULTILINE).split()) < 1000
