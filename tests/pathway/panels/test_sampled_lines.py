"""Virtual panels: seeded, the same line by line whatever the count, distributed as the population says."""

from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.pathway.panels.sampled_lines import load_population, sample_lines
from screen.pathway.panels.table_lines import table_lines

PATHWAY = load_pathway()


def column(lines: list, entity: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([line.values[entity] for line in lines])


def test_line_i_is_the_same_whatever_the_count() -> None:
    few, many = sample_lines(PATHWAY, 5, seed=3), sample_lines(PATHWAY, 100, seed=3)
    assert list(few) == list(many[:5])
    assert list(sample_lines(PATHWAY, 1, seed=3)) == list(many[:1])
    assert list(sample_lines(PATHWAY, 5, seed=4)) != list(few)
    assert few[0].name == "virtual-00001"


@pytest.mark.slow
def test_abundances_and_prevalences_are_those_of_the_population() -> None:
    lines = sample_lines(PATHWAY, 4096, seed=1)
    for member in load_population():
        values = column(lines, member.entity)
        if member.entity == "k_birth" or member.prevalence:
            continue
        np.testing.assert_allclose(np.log(values).mean(), np.log(member.median), atol=0.03)
        np.testing.assert_allclose(np.log(values).std(), member.width_in_disease, rtol=0.04)
    shares = {
        m.entity: m.prevalence for m in load_population() if m.prevalence and m.entity.startswith("PIK3CA")
    }
    for entity, share in shares.items():
        np.testing.assert_allclose((column(lines, entity) > 0).mean(), share, atol=0.01)
    both = (column(lines, "PIK3CA_H1047R") > 0) & (column(lines, "PIK3CA_E545K") > 0)
    assert not both.any()
    resistance = np.corrcoef(np.log(column(lines, "STAT5")), np.log(column(lines, "HDAC1")))[0, 1]
    np.testing.assert_allclose(resistance, 0.36, atol=0.03)


def test_lines_around_a_named_line_keep_its_mutations() -> None:
    line = PATHWAY.cell_line("HCC1954")
    lines = sample_lines(PATHWAY, 256, seed=1, around=line)
    assert (column(lines, "PIK3CA_H1047R") > 0).all()
    assert (column(lines, "PIK3CA_E545K") == 0).all()
    np.testing.assert_allclose(np.median(column(lines, "HER2")), line.values["HER2"], rtol=0.05)
    same = sample_lines(PATHWAY, 2, seed=1, around=line, spread=0)
    assert same[0].values["HER2"] == line.values["HER2"]


@pytest.mark.parametrize("count", [0, 100_001])
def test_the_count_is_bounded(count: int) -> None:
    with pytest.raises(InputError, match="expected 1 to 100000"):
        sample_lines(PATHWAY, count, seed=1)


def test_a_users_table_in_three_scales(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("line,HER2,p95her2\nSKBR3,1000000,0\nmine,250000,0.5\nyours,,\n")
    _, mine, yours = table_lines(PATHWAY, path, scale="copies")
    expected = {"HER2": 0.25 * PATHWAY.cell_line("SKBR3").values["HER2"], "p95HER2": 0.5}
    assert dict(mine.values) == pytest.approx(expected)
    assert not yours.values
    path.write_text("line,HER2\nmine,1\n")
    assert table_lines(PATHWAY, path)[0].values["HER2"] == 1
    np.testing.assert_allclose(table_lines(PATHWAY, path, scale="zscore")[0].values["HER2"], np.exp(0.7))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("line,HER9\na,1\n", "unknown entity 'HER9'"),
        ("line,HER2\na,-1\n", "a: HER2 is -1, expected 0 or more"),
        ("line,HER2\na,high\n", "a: HER2 is 'high', expected a number"),
        ("line,HER2\na,1\na,2\n", "duplicate line 'a'"),
        ("line,HER2\n", "no lines"),
    ],
)
def test_a_users_table_is_read_strictly(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        table_lines(PATHWAY, path)
