"""Counterfactuals hold what they promise: the untreated line is left alone, what has no path carries nothing,
and a drug without its targets does nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from screen.analysis.explain.clamped_grids import (
    clamped_assay,
    clamped_grids,
    clamped_parameters,
    fixed_values,
)
from screen.analysis.explain.explain import AskedPair, counterfactuals, explain, explain_pairs
from screen.config.screen import parse_config
from screen.errors import InputError
from screen.pathway import Assay, load_pathway
from screen.pathway.model.clamps import Clamp, drug_clamps, load_clamps, with_clamps
from screen.report.drawing.pathway_layout import EDGES, NODES
from screen.report.tables.explanation import write_explanation
from screen.runner import run

DRUGS = ("trastuzumab", "BMS-754807")
LINE = "SKBR3-pool2"
DOSES = (np.array([0.0, 3.0, 60.0, 600.0]), np.array([0.0, 30.0, 300.0]))
PATHWAY = load_pathway()
DECOY = Clamp("decoy", "FOXO3a", "decoy", "FOXO_miR193a", ("decoy_made",), "makes what nothing reads")
CLAMPS = (*drug_clamps(PATHWAY.drug(name) for name in DRUGS), *load_clamps(), DECOY)


@pytest.fixture(scope="module")
def clamped() -> Assay:
    """The model with every switch, and a product of FOXO3a that leads nowhere."""
    species = "\nspecies decoy_product in cell;\ndecoy_product = 0;"
    decoy = (
        "\ndecoy_made: -> decoy_product; FOXO_miR193a;\ndecoy_lost: decoy_product -> ; decoy_product;\nend\n"
    )
    head, _, _ = PATHWAY.network.rpartition("\nend")
    return clamped_assay(replace(PATHWAY, network=head + species + decoy), CLAMPS)


def grids(assay: Assay, shut: Sequence[Sequence[str]], at: str = "untreated") -> np.ndarray:
    line = PATHWAY.cell_line(LINE)
    viability, failed = clamped_grids(assay, CLAMPS, line, DRUGS, DOSES, 120.0, shut, at)
    assert not failed.any()
    return viability


@pytest.mark.slow
def test_open_switches_leave_the_model_as_it_is(clamped: Assay) -> None:
    line = PATHWAY.cell_line(LINE)
    own = Assay.compile(PATHWAY, ["pAKT_S473"])
    one, two = (grid.ravel() for grid in np.meshgrid(*DOSES, indexing="ij"))
    wells = own.dose(
        own.untreated([line]), np.zeros(12, int), dict(zip(DRUGS, (one, two))), np.array([120.0])
    )
    expected = np.exp(wells.log_cells[:, 0] - wells.log_cells[0, 0]).reshape(4, 3)
    np.testing.assert_allclose(grids(clamped, [[]])[0], expected, rtol=1e-5)


@pytest.mark.slow
def test_every_clamp_leaves_the_untreated_line_unchanged(clamped: Assay) -> None:
    lines = [PATHWAY.cell_line(name) for name in (LINE, "BT474", "JIMT-1")]
    shut = [[clamp.id] for clamp in CLAMPS if clamp != DECOY]
    for line in lines:
        free = clamped.untreated([line])
        held = free.readouts[:1, : len(CLAMPS)]
        parameters = clamped_parameters(clamped, CLAMPS, free, [[], *shut], held)
        states = np.tile(free.state, (len(parameters), 1))
        rates = clamped.engine.rates(parameters, states)
        scale = np.abs(free.state[0]) + 1e-6
        assert np.abs((rates - rates[0]) / scale).max() < 1e-9
        assert free.status[0] <= 2


@pytest.mark.slow
def test_an_edge_without_a_path_to_the_readout_carries_nothing(clamped: Assay) -> None:
    free, cut = grids(clamped, [[], ["decoy"]])
    np.testing.assert_allclose(cut, free, rtol=1e-6)
    assert not np.allclose(grids(clamped, [["IRS_PI3K"]])[0], free, rtol=1e-3)


@pytest.mark.slow
def test_cutting_a_drug_s_own_targets_removes_its_effect(clamped: Assay) -> None:
    own = [[clamp.id for clamp in CLAMPS if clamp.source == name] for name in DRUGS]
    free, without_first, without_second = grids(clamped, [[], *own])
    np.testing.assert_allclose(without_first, np.broadcast_to(free[:1], free.shape), rtol=1e-5)
    np.testing.assert_allclose(without_second, np.broadcast_to(free[:, :1], free.shape), rtol=1e-5)
    assert free[-1, -1] < 0.9 * free[-1, 0]


@pytest.mark.slow
def test_held_at_one_drug_alone_only_the_other_is_cut(clamped: Assay) -> None:
    own = [[clamp.id for clamp in CLAMPS if clamp.source == name] for name in DRUGS]
    for which, kept in enumerate(DRUGS):
        free, keeps, cuts = grids(clamped, [[], own[which], own[1 - which]], at=kept)
        np.testing.assert_allclose(keeps, free, rtol=1e-6)
        alone = free[:, :1] if which == 0 else free[:1]
        np.testing.assert_allclose(cuts, np.broadcast_to(alone, free.shape), rtol=1e-5)


@pytest.mark.slow
def test_fixed_values_are_those_of_the_drug_alone_at_each_dose(clamped: Assay) -> None:
    free = clamped.untreated([PATHWAY.cell_line(LINE)])
    column = [clamp.id for clamp in CLAMPS].index("PIP3_AKT")
    found = (fixed_values(clamped, CLAMPS, free, DRUGS, DOSES, 120.0, at) for at in ("untreated", *DRUGS))
    calm, one, two = (values[kind, column].reshape(4, 3) for values, _, kind in found)
    assert np.ptp(calm) == 0
    np.testing.assert_allclose([one[0, 0], two[0, 0]], calm[0, 0], rtol=1e-4)
    assert np.ptp(one, axis=1).max() == 0
    assert np.ptp(two, axis=0).max() == 0
    assert one[-1, 0] < calm[0, 0]
    assert two[0, -1] < calm[0, 0]


@pytest.mark.slow
def test_what_is_carried_is_what_vanishes(clamped: Assay) -> None:
    found = counterfactuals(clamped, CLAMPS, AskedPair(PATHWAY.cell_line(LINE), DRUGS, DOSES), 120.0)
    rows = {row.id: row for row in found.rows}
    assert rows["trastuzumab_HER2_IV"].share == pytest.approx(1.0, abs=1e-3)
    assert rows["decoy"].carried == pytest.approx(0.0, abs=1e-3)
    for row in found.rows:
        assert row.carried == pytest.approx(found.excess - row.excess)
    sizes = [abs(row.carried) for row in found.rows]
    assert sizes == sorted(sizes, reverse=True)
    assert {row.kind for row in found.rows} == {"edge", "node", "drug"}


def test_the_table_s_edges_stand_in_the_picture() -> None:
    drawn = {tuple(one.rstrip("!").replace("_", " ").split(">")) for one in EDGES.split()}
    for clamp in load_clamps():
        assert {clamp.source, clamp.target} <= set(NODES), clamp.id
    named = {(clamp.source, clamp.target) for clamp in load_clamps()}
    assert len(named & drawn) > 0.8 * len(named)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"where": ("nowhere",)}, "has no rule or reaction 'nowhere'"),
        ({"symbol": "pJAK"}, "expected 'pJAK' in 'miR193a_made"),
    ],
)
def test_an_edge_that_the_model_lacks_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        with_clamps(PATHWAY.source, [replace(load_clamps()[0], **changes)])


@pytest.mark.slow
def test_a_cube_is_explained_and_written(tmp_path: Path) -> None:
    settings = {
        "name": "why",
        "cell_lines": ["SKBR3", LINE],
        "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib"]},
        "doses": {"points": 4},
        "times": "72 h",
    }
    cube = run(parse_config(settings), tmp_path / "why.h5")
    found = explain(cube, "skbr3 pool2", "Herceptin + linsitinib")
    assert (found.cell_line, found.combination) == (LINE, "trastuzumab+linsitinib")
    both, first, second = explain_pairs(cube, [(LINE, "linsitinib"), ("SKBR3", "linsitinib")])[0]
    assert both.rows == found.rows
    assert [one.at for one in (both, first, second)] == ["untreated", "trastuzumab", "linsitinib"]
    assert explain(cube, LINE, "linsitinib", at="Herceptin").rows == first.rows
    with pytest.raises(InputError, match="expected untreated or trastuzumab or linsitinib"):
        explain(cube, LINE, "linsitinib", at="alpelisib")
    for ending in (".csv", ".json", ".svg"):
        assert write_explanation(found, tmp_path / f"why{ending}").stat().st_size > 2000
    drawn = (tmp_path / "why.svg").read_text()
    assert "⊣ linsitinib" in drawn
    with pytest.raises(InputError, match=r"no cell line 'SKBR4'; did you mean 'SKBR3'"):
        explain(cube, "SKBR4", "linsitinib")
