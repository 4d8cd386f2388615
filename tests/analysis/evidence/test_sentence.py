"""Statements in words: each form once, and what no table states is not invented."""

import pytest

from screen.analysis.evidence.evidence_table import COLUMNS, parse_statement
from screen.analysis.evidence.sentence import interval, sentence
from screen.pathway import load_pathway


@pytest.mark.parametrize(
    ("row", "words", "stated"),
    [
        (
            {"observable": "IGF2", "statistic": "ratio", "ref_cell_line": "SKBR3", "lower": "1.5"},
            "IGF2 in SKBR3-pool2 untreated, divided by that in SKBR3 untreated",
            "1.5 or more",
        ),
        (
            {"treatment": "trastuzumab=68", "perturbation": "IRS1=0.2", "ref_treatment": "trastuzumab=68",
             "time_h": "120", "observable": "viability", "statistic": "difference", "upper": "-0.1"},
            "viability in SKBR3-pool2 with IRS1 x 0.2 under trastuzumab 68 nM at 120 h, minus that in the same line "
            "under trastuzumab 68 nM at 120 h",
            "-0.1 or less",
        ),
        (
            {"treatment": "alpelisib", "time_h": "72", "observable": "gr_value", "statistic": "gr50_nM",
             "lower": "50", "upper": "1800"},
            "GR50 of alpelisib, nM, in SKBR3-pool2 at 72 h",
            "50 to 1800",
        ),
        (
            {"treatment": "trastuzumab; linsitinib", "time_h": "120", "observable": "viability",
             "statistic": "bliss_max"},
            "best window's Bliss excess of trastuzumab + linsitinib on viability, in SKBR3-pool2 at 120 h",
            "any value",
        ),
        (
            {"treatment": "trastuzumab=68", "time_h": "120", "observable": "viability", "statistic": "value"},
            "viability in SKBR3-pool2 under trastuzumab 68 nM at 120 h",
            "any value",
        ),
    ],
)  # fmt: skip
def test_a_statement_is_told_in_words(row: dict[str, str], words: str, stated: str) -> None:
    whole = (
        dict.fromkeys(COLUMNS, "")
        | {"id": "E1", "kind": "k", "cell_line": "SKBR3-pool2", "time_h": "0"}
        | row
    )
    found = parse_statement(whole, load_pathway(), "table")
    assert sentence(found) == words
    assert interval(found) == stated
