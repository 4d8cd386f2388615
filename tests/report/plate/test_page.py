"""The page of measured plates: whole, escaped, small, and made of any design."""

import itertools
import re
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import screen
from screen.errors import InputError
from screen.report.cube_view.number_text import points
from screen.report.plate.figures import plate_pictures
from screen.report.plate.page import render
from screen.report.plate.view import PlateView, view_of
from screen.synergy.plate_scores import PlateOptions
from screen.synergy.plates.read_plates import read_plates
from tests.report.plate.conftest import NASTY, ONE, TWO, rows

FAST = PlateOptions(models=("hsa", "bliss"))


def test_names_are_data(view: PlateView) -> None:
    text = render(view, paper=True)
    assert NASTY not in text
    assert "onerror=alert" in text.replace("&#34;", '"')
    assert "<img" not in text
    assert len(re.findall("<script", text)) == 2
    for picture in plate_pictures(view).values():
        ElementTree.fromstring(picture.svg)
        assert "<script" not in picture.svg


def test_it_says_how_it_was_read_and_scored(view: PlateView) -> None:
    text = render(view)
    assert view.messages[0] in text
    assert "20 bootstrap rounds" in text
    for words in ("normalisation", "orientation", "Benjamini and Hochberg", "doi:"):
        assert words in text


def test_a_plate_of_scattered_doses_names_no_bootstrap_rounds_for_it_has_none(make_plate) -> None:
    wells = rows()
    for place, well in enumerate(wells):
        if well["conc_r"] and well["conc_c"]:
            well["conc_r"], well["conc_c"] = (
                well["conc_r"] * (1 + place / 9),
                well["conc_c"] / (1 + place / 7),
            )
    plates = read_plates(make_plate(wells))
    text = render(view_of(plates, replace(FAST, bootstrap=20)))
    assert "bootstrap" not in text
    assert "these are of grids of viability, and no block is one" in text


def test_numbers_of_the_table_stand_in_the_page(view: PlateView) -> None:
    text = render(view, paper=True)
    for block in view.blocks:
        for model in view.models:
            assert f"<td>{points(block.number_of(model))} (" in text


@pytest.mark.slow
def test_two_hundred_blocks_fit(make_plate) -> None:
    table = [
        well
        for k in range(200)
        for well in rows(k, k / 20, 1.0, cell_line=f"line {k % 20}", drug_col=f"drug {k}")
    ]
    plates = read_plates(make_plate(table), drugs=3)
    began = time.process_time()
    text = render(view_of(plates, PlateOptions(models=("hsa", "bliss", "loewe", "zip")), "many"))
    assert time.process_time() - began < 10
    assert len(text.encode()) < 6e6
    assert text.count('<details class="block"') == 200
    assert "are left out to stay" not in text
    few = replace(plates, blocks=plates.blocks[:40])
    small = render(view_of(few, FAST, "many"), limit_MB=0.3)
    assert len(small.encode()) < 0.3e6
    assert "blocks are left out to stay under 0.3 MB" in small


def designs() -> dict[str, list[dict[str, object]]]:
    whole = rows()
    ray = [
        w
        for w in whole
        if not w["conc_r"]
        or not w["conc_c"]
        or (list(ONE).index(w["conc_r"]) == list(TWO).index(w["conc_c"]))
    ]
    drugs = {"drug1": "a", "drug2": "b", "drug3": "c"}
    triple = [
        drugs
        | {"conc1": x, "conc2": y, "conc3": z, "response": 100 / (1 + x / 9) / (1 + y / 9) / (1 + z / 9)}
        for x, y, z in itertools.product((0, 3, 9, 30), repeat=3)
    ]
    return {
        "missing wells": [w for k, w in enumerate(whole) if k % 4],
        "rays": [w | {"conc_r": 3 * w["conc_r"] if not w["conc_c"] else w["conc_r"]} for w in ray],
        "one drug": [w for w in whole if not w["conc_c"]],
        "no single agents": [w for w in whole if w["conc_r"] and w["conc_c"]],
        "one well": whole[6:7],
        "growth": [w | {"response": 2 * w["response"] - 100} for w in whole],
        "simulated": [w | {"origin": "simulated"} for w in whole],
        "no units": [{k: v for k, v in w.items() if "unit" not in k} for w in whole],
        "masses": [w | {"conc_r_unit": "ug/mL"} for w in whole],
        "three drugs": triple,
        "wide": [
            {"drug_row": "a", "drug_col": "b", "conc_r": x, "conc_c": y, "response": 100 / (1 + x / 9) / (1 + y / 9)}
            for x in np.r_[0, np.geomspace(0.1, 100, 15)] for y in np.r_[0, np.geomspace(0.1, 100, 23)]
        ],
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", designs())
def test_any_design_has_a_page(name: str, make_plate) -> None:
    path = make_plate(designs()[name])
    found = view_of(read_plates(path, drugs=3), PlateOptions(models=("hsa", "bliss", "zip")), path.name)
    text = render(found, path)
    assert "nan" not in re.sub(
        r"<script.*?</script>|<style.*?</style>", "", text, flags=re.S
    ).lower().replace("canan", "")
    drawn = plate_pictures(found)
    assert any(one.endswith("-response") or "-response-" in one for one in drawn) or name == "one drug"
    for picture in drawn.values():
        ElementTree.fromstring(picture.svg)
        assert "nan" not in picture.svg.lower()


@pytest.mark.slow
def test_figures_are_objects_that_notebooks_draw(plate: Path, tmp_path: Path) -> None:
    found = screen.plate_figures(plate, ["bliss"])
    one = found["1_alpha+beta-response"]
    assert one._repr_svg_().startswith("<svg")
    assert found._repr_html_().count("<svg") == len(found)
    assert "<script>" not in found._repr_html_()
    assert one.save(tmp_path / "a.svg").read_text() == one.svg
    page = screen.write_plate_report(screen.read_plates(plate), tmp_path / "p.html", ["bliss"])
    assert "herscreen" in page.read_text()
    with pytest.raises(InputError, match="did you mean 'bootstrap'"):
        screen.plate_figures(plate, boostrap=3)
    with pytest.raises(InputError, match="expected it in read_plates"):
        screen.plate_figures(screen.read_plates(plate), scale="percent")
