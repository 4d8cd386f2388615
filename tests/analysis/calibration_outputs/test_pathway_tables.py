"""The shipped tables are those of the nominal parameters."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import built_in_abundance
from screen.analysis.calibration.division_rates import settled
from screen.analysis.calibration.free_values import MOST_SHIFT, free_values
from screen.analysis.calibration_outputs.pathway_tables import POTENCY_DIGITS, write_shipped
from screen.pathway import Assay
from screen.pathway.omics.entity_map import load_omics_map
from screen.pathway.panels.population_statistics import describe
from screen.pathway.panels.sampled_lines import load_population
from screen.pathway.tables.cell_lines import load_cell_lines
from screen.pathway.tables.drugs import load_drugs
from screen.pathway.tables.parameters import load_parameters


@pytest.mark.slow
def test_the_shipped_tables_hold_the_nominal_set(assay: Assay, tmp_path: Path) -> None:
    """Written back and loaded, they say what the draw says."""
    pathway = assay.pathway
    free = free_values(pathway, built_in_abundance(), assay.engine.states)
    scores = 0.3 * free.sample(np.random.default_rng(1), 1)[0]
    [draw] = settled(assay, list(pathway.cell_lines.values()), [free.draw(scores)])
    write_shipped(draw, assay, tmp_path)
    parameters = load_parameters(tmp_path / "parameters.tsv")
    loaded = replace(
        pathway,
        parameters=parameters,
        drugs=load_drugs(tmp_path / "drugs.tsv"),
        cell_lines=load_cell_lines(
            frozenset(pathway.entities) | frozenset(parameters), tmp_path / "cell_lines.tsv"
        ),
    )
    groups = load_omics_map(groups=tmp_path / "omics_groups.tsv").groups
    for name, exponent in draw.exponents.items():
        assert groups[name].exponent == pytest.approx(exponent, rel=1e-3)
        assert groups[name].kind == "calibrated"
    population = {member.entity: member for member in load_population(tmp_path / "population.tsv")}
    for member in describe(loaded, load_population()):
        assert member.median == pytest.approx(population[member.entity].median, rel=0.01)
    shipped = {member.entity: member for member in load_population()}
    moved = [
        abs(np.log(population[name].sd_ln / shipped[name].sd_ln)) > 0.01 for name in ("AKT", "PTEN", "TSC")
    ]
    assert all(moved), "the population is that of the fitted lines"
    expected = assay.untreated(list(pathway.cell_lines.values()), None, draw)
    found = Assay.compile(loaded, assay.readouts).untreated(list(loaded.cell_lines.values()))
    np.testing.assert_allclose(found.growth_rate, expected.growth_rate, rtol=0.02)
    np.testing.assert_allclose(found.readouts, expected.readouts, rtol=0.05, atol=1e-4)


@pytest.mark.parametrize("measured_nM", [1.1, 3.3, 0.29, 1156.0, 9.1])
def test_a_potency_at_its_bound_is_one_that_the_loader_takes(measured_nM: float) -> None:
    for bound in (measured_nM / math.exp(MOST_SHIFT), measured_nM * math.exp(MOST_SHIFT)):
        written = float(f"{bound:.{POTENCY_DIGITS}g}")
        assert measured_nM / 10 <= written <= measured_nM * 10
