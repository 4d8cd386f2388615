"""Drawn lines are a table that looks like a sequence of cell lines."""

import numpy as np
import pytest

from screen.pathway import Assay, CellLine, Clone, load_pathway
from screen.pathway.panels.sampled_lines import sample_lines
from screen.pathway.tables.cell_lines import tabulate
from screen.pathway.tables.line_table import SampledLines, alike, clones_of, names_of, values_of

PATHWAY = load_pathway()


@pytest.fixture(scope="module")
def drawn() -> SampledLines:
    return sample_lines(PATHWAY, 20, seed=1)


def test_a_line_and_a_part_are_what_the_whole_says(drawn: SampledLines) -> None:
    line, part = drawn[7], drawn[5:9]
    assert isinstance(line, CellLine)
    assert line.name == "virtual-00008"
    assert list(part) == list(drawn)[5:9]
    assert part[2] == line
    assert line.values["HER2"] == drawn.table[7, drawn.quantities.index("HER2")]
    with pytest.raises(IndexError):
        drawn[20]


def test_a_table_of_lines_says_the_same_as_the_lines(drawn: SampledLines) -> None:
    one_by_one = list(drawn)
    assert alike(drawn)
    assert not alike(one_by_one)
    assert names_of(drawn) == names_of(one_by_one)
    assert values_of(drawn)[0] == values_of(one_by_one)[0]
    np.testing.assert_array_equal(values_of(drawn)[1], values_of(one_by_one)[1])
    assert clones_of(drawn) == []


def test_lines_drawn_and_listed_are_simulated_alike(drawn: SampledLines) -> None:
    assay = Assay.compile(PATHWAY, ["pAKT_S473"])
    changes = [{"IRS1": 0.5}] * len(drawn)
    whole, listed = (assay.untreated(lines, changes) for lines in (drawn, list(drawn)))
    np.testing.assert_array_equal(whole.parameters, listed.parameters)
    np.testing.assert_array_equal(whole.readouts, listed.readouts)


def test_rows_of_other_names_stand_in_one_table() -> None:
    names, table = tabulate([{"b": 2.0}, {}, {"a": 1.0, "b": 3.0}, {"b": 4.0, "a": 0.0}])
    assert names == ("a", "b")
    np.testing.assert_array_equal(table, [[np.nan, 2], [np.nan, np.nan], [1, 3], [0, 4]])
    assert tabulate([])[1].shape == (0, 0)


def test_the_clones_of_mixtures_are_found_with_their_place() -> None:
    clone = Clone(CellLine("A", {"HER2": 2.0}), 1.0)
    lines = [CellLine("A", {}), CellLine("mixture", {}, clones=(clone, clone))]
    assert clones_of(lines) == [(1, clone), (1, clone)]
