"""The plan: names resolved, doses in nM, and shards that cover the screen exactly once."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.runner.plan.plan import Combination, make_plan, make_shards
from tests.runner.conftest import small

PATHWAY = load_pathway()


def test_names_become_canonical_whatever_their_spelling() -> None:
    plan = make_plan(
        small(
            cell_lines=["sk br-3", "hcc_1954"], combinations={"anchor": "Herceptin", "partners": "bms754807"}
        ),
        PATHWAY,
    )
    assert [line.name for line in plan.design.lines] == ["SKBR3", "HCC1954"]
    assert plan.design.combinations[0].name == "trastuzumab+BMS-754807"


def test_all_means_every_named_line_and_every_observable() -> None:
    plan = make_plan(small(cell_lines="all", readouts="all"), PATHWAY)
    assert [line.name for line in plan.design.lines] == list(PATHWAY.cell_lines)
    assert set(plan.outputs.readouts) == {"viability", "gr_value", *plan.outputs.markers}


def test_viability_is_always_there_because_scores_need_it() -> None:
    assert make_plan(small(readouts=["pERK"]), PATHWAY).outputs.readouts == ("viability", "pERK")


def test_standard_doses_are_zero_and_log_spaced_over_the_drug_s_range() -> None:
    pair = make_plan(small(doses={"points": 8}), PATHWAY).design.combinations[0]
    low, high = PATHWAY.drug("linsitinib").range_nM
    assert pair.doses_2[0] == 0
    assert pair.doses_2[1] == low
    assert pair.doses_2[-1] == high
    assert np.diff(np.log(pair.doses_2[1:])) == pytest.approx(np.log(high / low) / 6)


def test_antibodies_convert_from_mass_with_their_molar_mass() -> None:
    doses = {
        "drugs": {"trastuzumab": ["10 ug/mL", "100 ug/mL"], "linsitinib": {"low": "10 nM", "high": "1 uM"}}
    }
    pair = make_plan(small(doses=doses), PATHWAY).design.combinations[0]
    mass = PATHWAY.drug("trastuzumab").molar_mass_kDa
    assert pair.doses_1 == pytest.approx((0, 1e4 / mass, 1e5 / mass))
    assert pair.doses_2[1] == 10
    assert pair.doses_2[-1] == 1000


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cell_lines": ["SKBR4"]}, "cell_lines.0: .*SKBR4.*did you mean 'SKBR3'"),
        ({"cell_lines": ["SKBR3", "sk-br-3"]}, "cell_lines.1: duplicate cell line 'SKBR3'"),
        (
            {"combinations": {"anchor": "trastuzumb", "partners": ["alpelisib"]}},
            "combinations.anchor: .*trastuzumab",
        ),
        ({"combinations": {"pairs": [["alpelisib", "alpelisib"]]}}, "pairs.0: .*two different drugs"),
        (
            {"combinations": {"pairs": [["alpelisib", "linsitinib"], ["linsitinib", "alpelisib"]]}},
            "pairs.1: duplicate combination ",
        ),
        ({"readouts": ["pAKT_S474"]}, "readouts.0: unknown readout .*pAKT_S473"),
        ({"synergy": ["blis"]}, "synergy.0: .*'blis'.*did you mean 'bliss'"),
        ({"doses": {"drugs": {"alpelisb": [1]}}}, "doses.drugs.alpelisb: .*alpelisib"),
        ({"doses": {"drugs": {"dasatinib": [1]}}}, "doses.drugs.dasatinib: .*in no combination"),
        ({"doses": {"drugs": {"alpelisib": [1, 1]}}}, "doses.drugs.alpelisib: .*ascending"),
        ({"doses": {"drugs": {"alpelisib": [0]}}}, "doses.drugs.alpelisib: .*above 0"),
        ({"doses": {"drugs": {"alpelisib": {"low": "1 mM"}}}}, "doses.drugs.alpelisib: .*low below high"),
        (
            {"cell_lines": [{"name": "x", "parent": "SKBR3", "perturbation": {"IRS3": 2}}]},
            "IRS3.*did you mean 'IRS",
        ),
        ({"cell_lines": [{"name": "BT474", "parent": "SKBR3"}]}, "expected a name of its own"),
    ],
)
def test_a_name_or_dose_that_does_not_fit_is_named_with_its_place(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        make_plan(small(**changes), PATHWAY)


def test_a_variant_keeps_its_parent_s_values_and_its_perturbation() -> None:
    spec = {"name": "BT474 without IRS1", "parent": "BT474", "perturbation": {"irs1": 0}}
    plan = make_plan(small(cell_lines=["BT474", spec]), PATHWAY)
    assert plan.design.lines[1].parent == "BT474"
    assert plan.design.lines[1].values == plan.design.lines[0].values
    assert plan.design.perturbations == ({}, {"IRS1": 0.0})


def test_a_panel_mixes_named_drawn_and_tabled_lines(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("line,HER2,p95HER2\nmine,2,0.5\n")
    lines = [
        "SKBR3",
        {"sample": 3},
        {"sample": 2, "around": "jimt1", "prefix": "near"},
        {"table": str(table)},
    ]
    plan = make_plan(small(cell_lines=lines), PATHWAY)
    names = [line.name for line in plan.design.lines]
    assert names[1:] == [
        "virtual-00001",
        "virtual-00002",
        "virtual-00003",
        "near-00001",
        "near-00002",
        "mine",
    ]
    assert plan.design.lines[-1].values == {"HER2": 2, "p95HER2": 0.5}
    more = make_plan(small(cell_lines=[{"sample": 5}]), PATHWAY)
    assert [line.values for line in more.design.lines[:3]] == [line.values for line in plan.design.lines[1:4]]
    assert make_plan(small(cell_lines=[{"sample": 5}], seed=1), PATHWAY).design.lines != more.design.lines
    with pytest.raises(InputError, match=r"cell_lines.0.around: .*did you mean 'JIMT-1'"):
        make_plan(small(cell_lines=[{"sample": 1, "around": "JIMT-2"}]), PATHWAY)
    with pytest.raises(InputError, match=r"cell_lines.0.table: .*absent.csv"):
        make_plan(small(cell_lines=[{"table": str(tmp_path / "absent.csv")}]), PATHWAY)


@pytest.mark.slow
@given(
    lines=st.integers(1, 40),
    grids=st.lists(st.tuples(st.integers(2, 5), st.integers(2, 5)), min_size=1, max_size=6),
    most=st.integers(1, 300),
)
def test_shards_cover_the_screen_exactly_once(lines: int, grids: list[tuple[int, int]], most: int) -> None:
    pairs = tuple(
        Combination(("a", str(k)), (tuple(range(one)), tuple(range(two))))
        for k, (one, two) in enumerate(grids)
    )
    shards = make_shards(lines, pairs, 1, most)
    covered = [
        place
        for shard in shards
        for place in itertools.product(range(*shard.lines), range(*shard.combinations))
    ]
    assert sorted(covered) == list(itertools.product(range(lines), range(len(pairs))))
    assert [shard.index for shard in shards] == list(range(len(shards)))
    for shard in shards:
        size = (shard.lines[1] - shard.lines[0]) * sum(
            pair.simulations for pair in pairs[slice(*shard.combinations)]
        )
        alone = shard.lines[1] - shard.lines[0] == 1 and shard.combinations[1] - shard.combinations[0] == 1
        assert size <= most or alone


def test_a_small_screen_is_cut_by_four_in_whole_lines_where_it_has_as_many() -> None:
    grid = tuple(float(dose) for dose in range(32))
    pairs = tuple(Combination(("a", str(k)), (grid, grid)) for k in range(8))
    assert [shard.lines for shard in make_shards(22, pairs[:2], 1)] == [(0, 6), (6, 12), (12, 18), (18, 22)]
    assert [shard.combinations for shard in make_shards(1, pairs, 1)] == [(0, 2), (2, 4), (4, 6), (6, 8)]


def test_the_identity_follows_what_decides_the_numbers_and_nothing_else() -> None:
    plain = make_plan(small(), PATHWAY).identity
    assert make_plan(small(description="words", synergy=["hsa"]), PATHWAY).identity == plain
    assert make_plan(small(doses={"points": 5}), PATHWAY).identity != plain
    assert make_plan(small(solver={"rtol": 1e-5}), PATHWAY).identity != plain
    assert make_plan(small(seed=1), PATHWAY).identity != plain


def test_a_unit_too_large_for_memory_is_refused() -> None:
    grid = tuple(float(dose) for dose in range(200))
    with pytest.raises(InputError, match="fewer doses, times or readouts"):
        make_shards(1, (Combination(("a", "b"), (grid, grid)),), 25_000)


def test_viability_that_has_lost_its_meaning_is_refused() -> None:
    with pytest.raises(InputError, match=r"times: found 1920 h, in which untreated SKBR3 grows 2\^38-fold"):
        make_plan(small(cell_lines=["SKBR3"], times=["80 d"]), PATHWAY)
    assert make_plan(small(cell_lines=["SKBR3"], times=["80 d"], scored="gr_value"), PATHWAY)
    assert make_plan(small(cell_lines=["SKBR3"], times=["40 d"]), PATHWAY)


@pytest.mark.parametrize(
    ("solver", "of_draws"),
    [
        ({}, (1e-3, 1e-6)),
        ({"rtol": 1e-8, "atol": 1e-11}, (1e-5, 1e-8)),
        ({"rtol": 1e-3, "atol": 1e-5}, (1e-3, 1e-5)),
    ],
)
def test_draws_are_solved_more_loosely_but_never_than_asked_for(
    solver: dict[str, float], of_draws: tuple[float, float]
) -> None:
    settings = make_plan(small(ensemble=3, solver=solver), PATHWAY).settings
    assert settings.of_draws == pytest.approx(of_draws)
