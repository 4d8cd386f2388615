"""Three drugs together: which are asked for, where they stand in the cube, and what their faces are."""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from screen.config.screen import parse_config
from screen.cube.tree import triples_of
from screen.errors import InputError
from screen.pathway import load_pathway
from screen.runner import merge, open_cube, run, run_part
from screen.runner.plan.plan import make_plan
from tests.cubes import data_of
from tests.runner.conftest import small

PATHWAY = load_pathway()
THREE = ("trastuzumab", "linsitinib", "alpelisib")


def named(combinations: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The pairs and triples that a configuration asks for."""
    plan = make_plan(small(combinations=combinations), PATHWAY)
    return [pair.name for pair in plan.design.combinations], [triple.name for triple in plan.design.triples]


def test_all_pairs_of_a_list() -> None:
    pairs, _ = named({"all_pairs": ["Herceptin", "linsitinib", "alpelisib", "everolimus"]})
    assert len(pairs) == 6
    assert pairs[0] == "trastuzumab+linsitinib"


def test_all_pairs_repeats_no_pair_of_the_anchor() -> None:
    pairs, _ = named({"anchor": "trastuzumab", "partners": ["linsitinib"], "all_pairs": list(THREE)})
    assert pairs == ["trastuzumab+linsitinib", "trastuzumab+alpelisib", "linsitinib+alpelisib"]


def test_a_triple_brings_its_pairs() -> None:
    pairs, triples = named({"triples": [list(THREE)]})
    assert triples == ["trastuzumab+linsitinib+alpelisib"]
    assert pairs == ["+".join(pair) for pair in combinations(THREE, 2)]


def test_the_anchor_joins_two_partners() -> None:
    asked = {"anchor": "trastuzumab", "partners": ["linsitinib", "alpelisib", "everolimus"]}
    assert named(asked | {"triples": [["linsitinib", "everolimus"]]})[1] == [
        "trastuzumab+linsitinib+everolimus"
    ]
    assert len(named(asked | {"triples": "all"})[1]) == 3


def test_what_holds_all_excluded_drugs_is_left_out() -> None:
    asked = {"anchor": "trastuzumab", "partners": ["linsitinib", "alpelisib", "everolimus"], "triples": "all"}
    pairs, triples = named(asked | {"exclude": [["alpelisib", "everolimus"], ["linsitinib", "Herceptin"]]})
    assert pairs == ["trastuzumab+alpelisib", "trastuzumab+everolimus"]
    assert triples == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"triples": [["alpelisib", "linsitinib", "BYL719"]]},
            "triples.0: found 'alpelisib' with itself.*three",
        ),
        ({"triples": [["alpelisib", "linsitinib"]]}, "triples.0: .*without an anchor"),
        ({"triples": [["alpelisib"]]}, r"triples: found \[alpelisib\], expected three drugs"),
        ({"triples": [list(THREE), list(THREE[::-1])]}, "triples.1: duplicate combination "),
        ({"triples": "some"}, "triples"),
        ({"pairs": [["alpelisib"]]}, r"pairs: found \[alpelisib\], expected two drugs"),
        ({"all_pairs": ["alpelisib"]}, "all_pairs: found one drug, alpelisib"),
        ({"pairs": [THREE[:2]], "exclude": [["alpelisib", "linsitinib"]]}, "exclude.0: .*that is there"),
        ({"pairs": [THREE[:2]], "exclude": [list(THREE[:2])]}, "exclude: every combination is excluded"),
        ({"exclude": [list(THREE[:2])]}, "found no combination"),
        (
            {"anchor": "trastuzumab", "partners": ["alpelisib"], "triples": "all"},
            "triples: all with 1 partners",
        ),
    ],
)
def test_a_bad_choice_of_drugs_is_one_line_with_its_place(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        named(changes)
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_triples_alone_make_a_cube_whose_faces_are_the_pairs(assay: type, home: Path) -> None:
    cube = open_cube(run(small(combinations={"triples": [list(THREE)]})))
    triples = triples_of(cube)
    assert triples is not None
    assert triples["viability"].dims == ("cell_line", "combination", "dose_1", "dose_2", "dose_3", "time")
    assert list(triples["drug_3"].values) == ["alpelisib"]
    assert triples["concentration_3"].dims == ("combination", "dose_3")
    assert (triples["status"] == 0).all()
    for name in ("viability", "gr_value", "pAKT_S473"):
        for k, absent in enumerate(("dose_3", "dose_2", "dose_1")):
            face = triples[name].isel({absent: 0, "combination": 0}).values
            assert (face == cube[name].isel(combination=k).values).all()


@pytest.mark.slow
def test_the_group_opens_by_itself(assay: type, home: Path) -> None:
    path = run(small(combinations={"triples": [list(THREE)]}))
    with xr.open_dataset(path, engine="h5netcdf", group="triples") as alone:
        assert set(alone["viability"].coords) >= {"drug_3", "concentration_3", "cell_line", "time"}
        assert alone["viability"].sizes["dose_3"] == 4


@pytest.mark.slow
def test_parts_joined_are_the_whole_run_bit_for_bit(assay: type, home: Path) -> None:
    config = small(combinations={"anchor": "trastuzumab", "partners": list(THREE[1:]), "triples": "all"})
    whole = data_of(run(config, home / "whole.h5"))
    for part in range(3):
        run_part(config, (part, 3), home / "parts.h5")
    assert data_of(merge(config, home / "parts.h5")) == whole
    linked = open_cube(merge(config, home / "parts.h5", virtual=True))
    with xr.open_dataset(home / "whole.h5", engine="h5netcdf", group="triples") as triples:
        again = triples_of(linked)
        assert again is not None
        assert np.array_equal(triples["viability"].values, again["viability"].values)


@pytest.mark.slow
def test_the_order_of_the_drugs_is_that_of_the_axes(assay: type, home: Path) -> None:
    one = triples_of(open_cube(run(small(combinations={"triples": [list(THREE)]}))))
    other = triples_of(open_cube(run(small(name="other", combinations={"triples": [list(THREE[::-1])]}))))
    assert one is not None
    assert other is not None
    swapped = other["viability"].transpose("cell_line", "combination", "dose_3", "dose_2", "dose_1", "time")
    assert swapped.values == pytest.approx(one["viability"].values, rel=1e-13)


def test_triples_stand_in_the_schema_and_in_the_configuration_kept() -> None:
    config = parse_config({"cell_lines": "SKBR3", "combinations": {"triples": [list(THREE)]}})
    again = parse_config(config.model_dump(mode="json"))
    assert again.combinations == config.combinations


@pytest.mark.slow
def test_scoring_anew_replaces_the_scores_of_triples_too(assay: type, home: Path) -> None:
    from screen.cli.main import invoke

    path = run(small(combinations={"triples": [list(THREE)]}))
    with xr.open_dataset(path, engine="h5netcdf", group="triples/scores") as before:
        first = before.load()
    assert invoke(["score", str(path), "--models", "bliss,hsa", "--force"]) == 0
    with xr.open_dataset(path, engine="h5netcdf", group="triples/scores") as after:
        assert np.array_equal(after["bliss_excess"].values, first["bliss_excess"].values)
        assert after["bliss_excess"].dims == first["bliss_excess"].dims
        assert "hsa_beyond" in after
    with open_cube(path) as cube:
        assert cube["scores"].sizes["combination"] == 3
