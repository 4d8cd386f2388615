"""The page's numbers are those of the table of scores, each in its place."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from screen.report.cube_view.number_text import points
from screen.report.plate import words
from screen.report.plate.figures import block_pictures
from screen.report.plate.pictures.alone import alone_rows
from screen.report.plate.pictures.overview import overview_pictures
from screen.report.plate.view import PlateView, view_of
from screen.synergy.plate_scores import PlateOptions, score_plates
from screen.synergy.plates.read_plates import read_plates
from tests.report.plate.conftest import rows
from tests.synergy.plates.table_of_cases import plate as plate_table


@pytest.mark.slow
def test_means_and_cells_are_those_of_the_table(view: PlateView, plate: Path) -> None:
    options = PlateOptions(models=("hsa", "bliss", "loewe", "zip"), bootstrap=20)
    found = score_plates(read_plates(plate, drugs=3), options)
    for k, block in enumerate(view.blocks):
        for model in view.models:
            assert block.number_of(model) == found.summary[model][k]
            drawn = block.layers[0].excess[model]
            own = found.cells[found.cells.block_id == block.block.name]
            assert np.array_equal(drawn.ravel(), own[f"{model}_excess"], equal_nan=True)
            assert np.nanmean(drawn[1:, 1:]) == pytest.approx(found.summary[model][k])
        shown = {row[0]: row for row in words.score_rows(block)}
        assert shown["Bliss"][1].startswith(points(found.summary.bliss[k]))
        assert shown["Bliss"][3] == str(found.summary.bliss_wells[k])


def test_the_bad_well_is_marked_where_it_is(view: PlateView) -> None:
    block = view.blocks[0].block
    places = np.argwhere(view.blocks[0].layers[0].far)
    assert [(block.conc_1[i], block.conc_2[j]) for i, j in places] == [(30, 5)]


def test_calls_follow_the_interval_and_the_test(view: PlateView) -> None:
    assert words.call_of(view.blocks[1], "bliss") == "antagonism"
    assert words.call_of(view.blocks[2], "bliss").startswith("no interaction")
    sentence = words.synergy_sentence(view.blocks[1], "bliss")
    assert "95 % interval" in sentence
    assert sentence.endswith("antagonism.")


def test_the_curve_drawn_is_the_one_of_the_table(view: PlateView) -> None:
    for block in view.blocks:
        for one in block.alone:
            half = block.number_of(f"ic50_{one.number}")
            assert one.curve is not None
            assert one.curve(np.array([half]))[0] == pytest.approx(0.5, abs=1e-6)
        assert alone_rows(block)[0][1].startswith(f"{block.number_of('ic50_1'):.3g}\u00a0nM (")


def test_emax_has_its_interval(view: PlateView) -> None:
    for block in view.blocks:
        low, high = block.number_of("emax_1_low"), block.number_of("emax_1_high")
        assert low <= high
        assert alone_rows(block)[0][3].endswith(f"({100 * low:.0f} to {100 * high:.0f})".replace("-", "−"))


def test_a_flat_drug_is_said_to_be_flat(make_plate) -> None:
    table = [
        {
            "drug_row": "alpha",
            "drug_col": "idle",
            "conc_r": one,
            "conc_c": two,
            "response": 100 / (1 + one / 12),
        }
        for one in (0, 2, 8, 30, 120)
        for two in (0, 1, 5, 25)
    ]
    block = view_of(read_plates(make_plate(table), drugs=3)).blocks[0]
    row = alone_rows(block)[1]
    assert row[0] == "idle"
    assert row[1] == row[2] == "not reached"
    assert row[-1].startswith("flat")


def test_synergy_stands_against_efficacy(view: PlateView) -> None:
    found = overview_pictures(view)
    assert {one.model for one in found} == set(view.models)
    scatter, ranking = (one for one in found if one.model == "bliss")
    assert scatter.svg.count("<circle") == ranking.svg.count("<circle") == len(view.blocks)
    assert 'href="#block-2"' in scatter.svg


def test_blocks_of_one_name_are_told_apart(make_plate) -> None:
    plates = read_plates(make_plate([*rows("a"), *rows("b", -3.0)]), drugs=3)
    found = overview_pictures(view_of(plates, PlateOptions(models=("bliss",))))
    for one in found:
        assert "a: alpha + beta" in one.svg
        assert "b: alpha + beta" in one.svg


@pytest.mark.parametrize("drugs", [3, 4])
def test_three_drugs_and_four_are_drawn_plane_by_plane(make_plate, drugs: int) -> None:
    doses = (0, 3, 9, 30)
    table = [
        {f"drug{k + 1}": "abcd"[k] for k in range(drugs)}
        | {f"conc{k + 1}": dose for k, dose in enumerate(at)}
        | {"response": 100 / np.prod([1 + dose / 9 for dose in at])}
        for at in itertools.product(doses, repeat=drugs)
    ]
    found = view_of(read_plates(make_plate(table), drugs=4), PlateOptions(models=("bliss",)))
    block = found.blocks[0]
    assert block.drugs == tuple("abcd"[:drugs])
    assert [layer.at for layer in block.layers][:2] == (
        ["c 0", "c 3"] if drugs == 3 else ["c 0, d 0", "c 0, d 30"]
    )
    top = block.layers[-1].viability
    assert top[0, 0] == pytest.approx((1 + 30 / 9) ** (2 - drugs))
    assert [row[-1] for row in alone_rows(block)] == ["halves the cells at 9"] * drugs
    assert words.score_head(block)[3:] == ("beyond fewer drugs", "p", "q", "q beyond")
    assert words.score_rows(block) == [("Bliss", "0.0", "0.0", "0.0", *("–",) * 3)]  # without bootstrap
    assert "response-4" in {one.name for one in block_pictures(block, "bliss")}


def test_wells_far_from_their_replicates_are_marked_in_their_cell() -> None:
    random = np.random.default_rng(0)
    table = pd.concat(
        [plate_table(response=plate_table().response + random.normal(0, 2, 25)) for _ in range(3)]
    )
    good = view_of(read_plates(table), PlateOptions(models=("bliss",))).blocks[0]
    response = block_pictures(good, "bliss")[0]
    assert "Corner" not in response.caption
    table = table.reset_index(drop=True)
    table.loc[31, "response"] += 40
    block = view_of(read_plates(table), PlateOptions(models=("bliss",))).blocks[0]
    marked = block_pictures(block, "bliss")[0]
    assert "Corner: a well far from its replicates" in marked.caption
    assert marked.svg.count('z" fill="#') == response.svg.count('z" fill="#') + 1
    assert "(far from the others)" in marked.svg
