"""The page of a cohort has its classes of response, waterfalls and limits; that of named lines has not."""

import json

import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.findings.panels.cohort import LIMITS
from screen.report.page.html import render
from screen.report.sections.cohort import SECTION
from tests.report.conftest import build

TUMOURS = [f"tumour-{number}" for number in range(9)]


def drawn_from(*lines: dict[str, object], names: list[str] = TUMOURS) -> Findings:
    """A cube whose configuration has these `cell_lines`."""
    tree = build(lines=names, partners=("linsitinib", "alpelisib"), size=4, failures=False)
    provenance = tree["provenance"].to_dataset(inherit=False)
    config = json.dumps({"name": "cohort", "cell_lines": list(lines)})
    groups = {name: child.to_dataset(inherit=False) for name, child in tree.children.items()}
    groups["provenance"] = provenance.assign(config=config)
    return Findings(read_screen(xr.DataTree.from_dict({"/": tree.to_dataset(), **groups})))


def test_a_cohort_has_classes_of_each_treatment_two_waterfalls_and_the_limits() -> None:
    findings = drawn_from({"expression": "cohort.tsv"})
    content = SECTION.make(findings)
    assert content is not None
    assert [row[0] for row in content.table[1:]] == [
        "trastuzumab", "linsitinib", "trastuzumab + linsitinib", "alpelisib", "trastuzumab + alpelisib",
    ]  # fmt: skip
    assert content.table[0][2:] == ("strong", "partial", "minor", "none")
    assert content.pictures[0][0] == "Waterfall: trastuzumab"
    assert len(content.pictures) == 2
    assert content.sentences[-1] == LIMITS
    assert "no ADCC" in LIMITS
    page = render(findings)
    assert 'id="cohort"' in page
    assert LIMITS in page


def test_named_lines_and_few_tumours_are_no_cohort() -> None:
    assert SECTION.make(drawn_from({"expression": "a.tsv"}, {"name": "SKBR3"})) is None
    assert SECTION.make(drawn_from({"expression": "a.tsv"}, names=TUMOURS[:7])) is None
    assert SECTION.make(drawn_from({"sample": 9})) is not None
