"""Factors follow levels; what a line deviates is keyed by seed, line and draw, and by nothing else."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screen.pathway import CellLine, Draw
from screen.pathway.omics.entity_map import load_omics_map
from screen.pathway.omics.factors import line_omics, prior_of
from screen.pathway.tables.ensemble import load_draws, write_draws
from screen.pathway.tables.line_omics import LineOmics

EXPONENT = {name: group.exponent for name, group in load_omics_map().groups.items()}
PRIOR = prior_of(load_omics_map().of(("HER2", "IGF1R", "PTEN", "IRS2")))


def omics(name: str = "mine", seed: int = 1, **levels: float) -> LineOmics:
    return line_omics(name, PRIOR, levels or {"HER2": 1.0, "PTEN": -2.0, "IGF1R": 0.5, "IRS2": 0.0}, seed)


def line(of: LineOmics, **more: float) -> CellLine:
    return CellLine(of.line, of.factors() | more, omics=of)


def test_a_factor_is_the_exponential_of_exponent_times_level() -> None:
    found = omics().factors()
    assert math.isclose(found["HER2"], math.exp(EXPONENT["receptor"]))
    assert math.isclose(found["PTEN"], math.exp(-2.0 * EXPONENT["pten"]))
    moved = omics().factors({"receptor": 1.0}, np.array([0.1, 0.0, 0.0, 0.0]))
    assert math.isclose(moved["HER2"], math.exp(1.1))
    assert moved["PTEN"] == found["PTEN"]


def test_deviations_are_keyed_by_seed_line_and_draw() -> None:
    one = omics().deviations(3)
    assert (one == omics().deviations(3)).all()
    for other in (omics(seed=2).deviations(3), omics("other").deviations(3), omics().deviations(4)):
        assert (one != other).all()


@pytest.mark.slow
def test_deviations_have_the_widths_of_their_groups_and_twice_that_where_nothing_is_known() -> None:
    known = np.array([omics().deviations(k) for k in range(4000)]).std(axis=0)
    np.testing.assert_allclose(known, PRIOR.deviation_sd, rtol=0.05)
    partly = np.array([omics(HER2=1.0).deviations(k) for k in range(4000)]).std(axis=0)
    np.testing.assert_allclose(partly, np.array([1, 2, 2, 2]) * PRIOR.deviation_sd, rtol=0.05)


def test_a_draw_moves_factors_that_follow_omics_and_nothing_else() -> None:
    of = omics()
    mine = line(of, PIK3CA_H1047R=1.0, IRS2=9.0)
    values = Draw(number=5).line_values(mine)
    assert values["PIK3CA_H1047R"] == 1.0
    assert values["IRS2"] == 9.0  # stated, not followed
    expected = math.exp(EXPONENT["receptor"] + of.deviations(5)[PRIOR.entities.index("HER2")])
    assert math.isclose(values["HER2"], expected)
    assert Draw().line_values(mine) == dict(mine.values)
    assert not Draw().moves([mine])
    assert Draw(number=5).moves([mine])


def test_exponents_of_a_draw_are_used() -> None:
    mine = line(omics())
    assert math.isclose(Draw(exponents={"receptor": 0.8}).line_values(mine)["HER2"], math.exp(0.8))


def test_values_of_a_draw_are_a_named_lines_and_not_those_of_a_users_line_of_that_name() -> None:
    draw = Draw({}, {"SKBR3": {"HER2": 0.25}}, number=0)
    named = replace(line(omics("SKBR3")), omics=replace(omics("SKBR3"), from_table=False))
    assert draw.line_values(named)["HER2"] == 0.25
    assert draw.line_values(named)["PTEN"] == named.values["PTEN"]  # what is calibrated does not deviate
    assert draw.line_values(line(omics("SKBR3")))["HER2"] != 0.25


def test_a_derivative_deviates_as_its_parent_does() -> None:
    parent = line(omics("parent"))
    child = replace(parent, name="child", parent="parent")
    assert Draw(number=2).line_values(child, parent) == Draw(number=2).line_values(parent)


def test_exponents_and_numbers_come_back_from_a_table(tmp_path: Path) -> None:
    draws = tuple(
        Draw({"a": value}, {"SKBR3": {"HER2": 2 * value}}, {"receptor": value / 2}) for value in (1.0, 2.0)
    )
    write_draws(draws, tmp_path / "draws.tsv")
    found = load_draws(tmp_path / "draws.tsv")
    assert found == draws
    assert [draw.number for draw in found] == [0, 1]
    assert "exponent:receptor" in (tmp_path / "draws.tsv").read_text().splitlines()[0].split("\t")
