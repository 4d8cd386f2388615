"""The population is what the named lines are: recomputed from them, to the last digit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.pathway.omics.levels import LN2, load_measured
from screen.pathway.panels.population_statistics import (
    AMOUNT,
    MEDIAN,
    amplified,
    components,
    describe,
    write_population,
)
from screen.pathway.panels.sampled_lines import load_population, loadings, sample_lines
from screen.pathway.tables.tsv import FOLDER

PATHWAY = load_pathway()


def test_the_table_is_what_the_named_lines_give(tmp_path: Path) -> None:
    """Else: `python -m tests.science.population --write`, and see what follows from it."""
    again = write_population(PATHWAY, tmp_path / "population.tsv")
    assert again.read_text() == (FOLDER / "population.tsv").read_text()


@pytest.mark.parametrize("power", [1.0, 0.8, 1.5, 2.0, 3.0])
def test_a_table_written_twice_is_written_the_same(power: float) -> None:
    """Which lines have SRC raised is told by what these lines give, to the digits of the table, whatever it said of
    others.
    """
    lines = {
        name: replace(line, values={**line.values, "SRC": line.values["SRC"] ** power})
        if "SRC" in line.values
        else line
        for name, line in PATHWAY.cell_lines.items()
    }
    pathway = replace(PATHWAY, cell_lines=lines)
    once = describe(pathway, load_population())
    written = [
        replace(one, median=float(MEDIAN.format(one.median)), amount=float(AMOUNT.format(one.amount)))
        for one in once
    ]
    for first, second in zip(once, describe(pathway, written)):
        assert (first.median, first.sd_ln) == (second.median, second.sd_ln)


def test_lines_that_lost_pten_are_kept_apart() -> None:
    found = {member.entity: member for member in describe(PATHWAY, load_population())}
    kept = [line.values.get("PTEN", 1.0) for line in amplified(PATHWAY) if line.name != "HCC1569"]
    assert found["PTEN"].median == pytest.approx(np.exp(np.mean(np.log(kept))))
    assert found["PTEN"].sd_ln == pytest.approx(np.std(np.log(kept), ddof=1))
    assert found["PTEN"].amount == pytest.approx(PATHWAY.cell_line("HCC1569").values["PTEN"])


def test_another_line_is_another_population() -> None:
    lines = dict(PATHWAY.cell_lines)
    lines["BT474"] = replace(lines["BT474"], values={**lines["BT474"].values, "HER2": 20.0})
    one, two = (
        {m.entity: m for m in describe(p, load_population())}
        for p in (PATHWAY, replace(PATHWAY, cell_lines=lines))
    )
    assert two["HER2"].median > one["HER2"].median
    assert two["HER2"].sd_ln > one["HER2"].sd_ln
    assert two["ERK"].sd_ln == one["ERK"].sd_ln


def test_her2_varies_in_disease_as_its_protein_was_measured_to() -> None:
    """Exponents draw the lines' factors in: the antibody says 0.47, what calibration left of it 0.21."""
    measured = load_measured()
    protein = measured.features["HER2-M-V"][measured.amplified] * LN2
    [shipped] = [member for member in load_population() if member.entity == "HER2"]
    assert shipped.width_in_disease == pytest.approx(np.std(protein, ddof=1), abs=5e-4)
    assert shipped.sd_ln < 0.3


def test_all_components_together_are_the_correlation() -> None:
    values = np.random.default_rng(1).normal(size=(30, 4)) @ np.random.default_rng(2).normal(size=(4, 4))
    found = components(values, 4)
    np.testing.assert_allclose(found @ found.T, np.corrcoef(values.T), atol=1e-12)
    assert (found[np.abs(found).argmax(axis=0), np.arange(4)] > 0).all()


@pytest.mark.slow
def test_drawn_lines_are_correlated_as_the_loadings_say() -> None:
    members = load_population()
    lines = sample_lines(PATHWAY, 8192, seed=1)
    free = [index for index, member in enumerate(members) if not member.prevalence]
    logs = np.log([[line.values[members[index].entity] for index in free] for line in lines])
    common = loadings(members)[free]
    expected = common @ common.T
    np.fill_diagonal(expected, 1.0)
    np.testing.assert_allclose(np.corrcoef(logs.T), expected, atol=0.03)


def test_loadings_beyond_all_variance_are_refused(tmp_path: Path) -> None:
    text = (FOLDER / "population.tsv").read_text()
    head, *rows = text.splitlines()
    place = head.split("\t").index("factor_1")
    [row] = [row for row in rows if row.startswith("HER2\t")]
    cells = row.split("\t")
    cells[place : place + 3] = ["0.8", "0.8", "0"]
    path = tmp_path / "population.tsv"
    path.write_text(text.replace(row, "\t".join(cells)))
    with pytest.raises(InputError, match=r"HER2: loadings explain 128% of its variance"):
        load_population(path)
