"""Lines from a table of expression in a plan: what is resolved, what counts, and draws that no division changes."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from screen.errors import InputError
from screen.pathway import Assay, load_pathway
from screen.pathway.tables.ensemble import Draw, load_draws, write_draws
from screen.runner import RunOptions, make_plan, open_cube, run
from screen.runner.plan.identity import identity_of
from tests.cubes import data_of
from tests.runner.conftest import small

PATHWAY = load_pathway()
TABLE = """sample,ERBB2,IGF1R,PTEN,IRS1,PIK3CA_H1047R
a,11.5,4.5,5.5,2.5,0
b,10.5,2.5,0.5,3.5,1
SKBR3,9.5,3.5,4.5,3.5,0
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "e.csv"
    path.write_text(TABLE)
    return path


def screen_of(table: Path, **changes: Any) -> Any:
    return small(**({"cell_lines": [{"expression": str(table)}]} | changes))


def test_lines_and_what_was_found_out_are_said_once(table: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        plan = make_plan(
            screen_of(table, cell_lines=["SKBR3", {"expression": str(table), "prefix": "my"}]), PATHWAY
        )
    assert [line.name for line in plan.design.lines] == ["SKBR3", "my-a", "my-b", "my-SKBR3"]
    assert plan.design.lines[2].values["PIK3CA_H1047R"] == 1
    (said,) = caplog.messages
    assert said.startswith("e.csv: 3 samples, genes in columns; unit log2_tpm")
    assert said == plan.design.lines[1].source


def test_errors_name_the_place_in_the_configuration(table: Path) -> None:
    with pytest.raises(InputError, match=r"cell_lines.0.expression: .*found no sample 'c'"):
        make_plan(screen_of(table, cell_lines=[{"expression": str(table), "lines": ["c"]}]), PATHWAY)


def test_the_identity_covers_levels_seed_and_exponents(table: Path, tmp_path: Path) -> None:
    plan = make_plan(screen_of(table), PATHWAY)
    line = plan.design.lines[0]
    assert line.omics is not None
    for other in (
        replace(line, omics=replace(line.omics, seed=7)),
        replace(line, omics=replace(line.omics, level=(0.5, *line.omics.level[1:]))),
    ):
        lines = (other, *plan.design.lines[1:])
        assert identity_of(replace(plan.design, lines=lines)) != identity_of(plan.design)
    found = set()
    for exponent in (0.3, 0.5):
        draws = [Draw({"K_NRG1": 2.0}, {}, {"receptor": exponent})] * 2
        write_draws(draws, tmp_path / "draws.tsv")
        asked = {"draws": 2, "table": str(tmp_path / "draws.tsv")}
        found.add(make_plan(screen_of(table, ensemble=asked), PATHWAY).identity)
    assert len(found) == 2


def test_an_exponent_of_no_group_is_refused(table: Path, tmp_path: Path) -> None:
    write_draws([Draw({}, {}, {"receptors": 0.3})] * 2, tmp_path / "draws.tsv")
    asked = {"draws": 2, "table": str(tmp_path / "draws.tsv")}
    with pytest.raises(InputError, match=r"unknown group in exponent:receptors \(known: receptor, pi3k"):
        make_plan(screen_of(table, ensemble=asked), PATHWAY)


@pytest.fixture(scope="module")
def compiled() -> Assay:
    return Assay.compile(PATHWAY, ["pAKT_S473"])


@pytest.mark.slow
def test_draws_vary_every_factor_whatever_lines_stand_beside(table: Path, compiled: Assay) -> None:
    lines = make_plan(screen_of(table), PATHWAY).design.lines
    draws = load_draws()[:2]
    together = np.array([compiled.parameters(lines, None, draw) for draw in draws])
    alone = np.array([compiled.parameters(lines[1:2], None, draw) for draw in draws])
    np.testing.assert_array_equal(together[:, 1:2], alone)
    column = compiled.engine.parameters.index(PATHWAY.column("HER2"))
    omics = lines[1].omics
    assert omics is not None
    for draw, row in zip(draws, alone[:, 0, column]):
        assert draw.number is not None
        expected = omics.factors(draw.exponents, omics.deviations(draw.number))["HER2"]
        np.testing.assert_allclose(row, expected)
    users = compiled.parameters(lines[2:], None, draws[0])[0, column]  # called SKBR3, and not that line
    assert users != draws[0].lines.get("SKBR3", {}).get("HER2", 1.0)


@pytest.mark.slow
def test_shards_and_jobs_do_not_change_what_is_drawn(table: Path, tmp_path: Path) -> None:
    asked = {"doses": {"points": 3}, "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib"]}}
    whole = screen_of(table, ensemble={"draws": 3, "keep": True}, **asked)
    cut = screen_of(table, ensemble={"draws": 3, "keep": True}, shard_simulations=9 * 4, **asked)
    one = data_of(run(whole, tmp_path / "one.h5", RunOptions(jobs=1)))
    other = data_of(run(cut, tmp_path / "other.h5", RunOptions(jobs=2)))
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=str(name))
    cube = open_cube(tmp_path / "one.h5")
    assert str(cube["panel"]["line_source"].values[0]).startswith("e.csv: 3 samples")
    drawn = cube["ensemble"]["viability"].isel(combination=0, dose_1=2, dose_2=0, time=-1).values
    assert (np.ptp(drawn, axis=1) > 0).all()
