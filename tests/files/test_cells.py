"""Texts in tables are texts, whatever opens the table."""

import csv
import io

import pytest

from screen.files import guarded, table_text


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\tx", "-"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text)[0] == "'"


@pytest.mark.parametrize("text", ["-2.5", "+1e-3", "-inf", "SKBR3", "1-2", "µM"])
def test_numbers_and_plain_texts_stay(text: str) -> None:
    assert guarded(text) == text


def test_rows_are_lines_of_a_table_that_reads_back() -> None:
    text = table_text([["name", "dose"], ['=a,"b"\nc', -1.5], [None, True]])
    assert list(csv.reader(io.StringIO(text))) == [["name", "dose"], ['\'=a,"b"\nc', "-1.5"], ["", "True"]]
    assert table_text([["a\x1b[31m", 1]], "\t") == "a\\x1b[31m\t1\n"
