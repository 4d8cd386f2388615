"""The model beside a plate: simulated where it knows line and drugs, judged beside nulls, and by a fitted line."""

from pathlib import Path

import numpy as np
import pytest

from screen.analysis.fit_line.fit_line import MeasuredPlate, PlateWells, verdict_of
from screen.analysis.plate_model.fitted import compare_with_fit, find_fit, fit_in
from screen.analysis.plate_model.simulated import simulate_blocks
from screen.errors import InputError
from screen.pathway import Assay, load_pathway
from screen.report.plate.page import render
from screen.report.plate.view import PlateView, beside_of, view_of
from screen.synergy.plate_scores import PlateOptions
from screen.synergy.plates.read_plates import Plates, read_plates
from tests.report.plate.conftest import rows

DOSES = np.array([0.0, 1.0, 20.0, 300.0]), np.array([0.0, 10.0, 200.0, 3000.0])


@pytest.fixture(scope="module")
def simulated_wells() -> np.ndarray:
    """Viability of SKBR3 at `DOSES` of trastuzumab and lapatinib after 72 h."""
    pathway = load_pathway()
    plate = MeasuredPlate(("trastuzumab", "lapatinib"), DOSES, np.zeros((4, 4, 1)))
    wells = PlateWells(Assay.compile(pathway, []), [plate], 72.0)
    return wells.predict([pathway.cell_line("SKBR3")])[0].reshape(4, 4)


@pytest.fixture(scope="module")
def plates(simulated_wells: np.ndarray, make_plate) -> Plates:
    """Block 1 is the model's own wells under brands and other spellings; the others are not the model's."""
    own = [
        {"block_id": 1, "drug_row": "Tykerb", "drug_col": "Herceptin", "cell_line": "sk-br-3", "time_h": 72}
        | {"conc_r": two / 1000, "conc_c": one, "conc_r_unit": "uM", "conc_c_unit": "nM"}
        | {"response": 100 * simulated_wells[i, j]}
        for i, one in enumerate(DOSES[0])
        for j, two in enumerate(DOSES[1])
    ]
    others = [*rows(2, cell_line="SKBR3"), *rows(3), *rows(4, cell_line="HeLa")]
    return read_plates(make_plate([*own, *others]), drugs=3)


@pytest.mark.slow
def test_the_models_own_wells_come_back_whatever_they_are_called(
    plates: Plates, simulated_wells: np.ndarray
) -> None:
    found, reasons = simulate_blocks(load_pathway(), plates.blocks, ("hsa", "bliss"))
    assert set(found) == {0}
    assert (found[0].line, set(found[0].drugs)) == ("SKBR3", {"trastuzumab", "lapatinib"})
    turned = simulated_wells.T if found[0].drugs[0] == "lapatinib" else simulated_wells
    assert found[0].viability == pytest.approx(turned, abs=1e-6)
    model, bliss, mean = found[0].skill
    assert model.rmse < 1e-3
    assert model.rho == pytest.approx(1.0)
    assert bliss.rmse > 0.5
    assert mean.rmse > 0.5
    assert np.isnan(mean.rho)
    assert "unknown drug 'alpha'" in reasons[1]
    assert reasons[2] == "the plate names no cell line"
    assert "HeLa" in reasons[3]


@pytest.mark.slow
def test_the_page_says_what_is_calibrated_and_what_comes_nearer(plates: Plates) -> None:
    beside = beside_of(plates, ("hsa", "bliss"))
    text = render(view_of(plates, PlateOptions(models=("hsa", "bliss")), "p", beside), paper=True)
    assert "SKBR3 (calibrated)" in text
    assert (
        "The model comes nearer to the combination wells than either prediction that needs no model." in text
    )
    assert "the plate names no cell line" in text
    assert "Simulated against measured" in text


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A posterior as `fit-line` writes it: three lines that are all SKBR3."""
    table = tmp_path_factory.mktemp("fit") / "plate-line.csv"
    values = load_pathway().cell_line("SKBR3").values
    row = ",".join(str(value) for value in values.values())
    table.write_text(f"cell_line,{','.join(values)}\n" + "".join(f"SKBR3-00{k},{row}\n" for k in (1, 2, 3)))
    table.with_suffix(".json").write_text('{"line": "SKBR3", "time_h": 72, "assay_noise": null}')
    return table


@pytest.mark.slow
def test_a_fit_is_found_and_predicts_the_wells_of_its_line(plates: Plates, fit: Path, tmp_path: Path) -> None:
    found = compare_with_fit(load_pathway(), plates.blocks, fit)
    assert set(found.blocks) == {0}
    assert found.draws == 3
    assert found.verdict.residual < 1e-3
    assert found.verdict.explained
    assert np.nanmax(np.abs(found.blocks[0].high - found.blocks[0].low)) < 1e-9
    assert fit_in(fit.parent, tmp_path / "plate.csv") == fit
    assert find_fit(fit.parent / "plate.csv") == fit
    assert find_fit(tmp_path / "other.csv") is None
    view: PlateView = view_of(
        plates, PlateOptions(models=("bliss",)), "p", beside_of(plates, ("bliss",), fit)
    )
    text = render(view, paper=True)
    assert "The model explains the plate" in text
    assert "Fitted line: residuals" in text
    with pytest.raises(InputError, match="found 0 posteriors"):
        fit_in(tmp_path, tmp_path / "plate.csv")
    with pytest.raises(InputError, match="--fit: found drc, expected the table"):
        fit_in(Path("drc"), tmp_path / "plate.csv")
    with pytest.raises(InputError, match="expected that of a line on the plates"):
        compare_with_fit(load_pathway(), plates.blocks[3:], fit)


@pytest.mark.parametrize("spread", [0.0, 0.02, 0.1, 0.4])
def test_a_verdict_does_not_loosen_with_the_noise_it_finds(spread: float) -> None:
    """Replicates `spread` apart about wells that the prediction misses by 12 points."""
    truth = np.linspace(1.0, 0.2, 16).reshape(4, 4)
    wells = truth[:, :, None] + spread * np.array([-1.0, 0.0, 1.0])
    plate = MeasuredPlate(("trastuzumab", "lapatinib"), DOSES, wells)
    laid_out = PlateWells(Assay.compile(load_pathway(), []), [plate], 72.0)
    missed = np.tile(truth.ravel() + 0.12 * np.where(np.arange(16) % 2, 1, -1), (4, 1))
    verdict = verdict_of(laid_out, missed)
    assert not verdict.explained
    assert verdict.allowed <= 0.10
    assert verdict.noisy == (spread == 0.4)
    assert verdict_of(laid_out, missed, 0.03).allowed == pytest.approx(2 * 0.03 / np.sqrt(3))


@pytest.mark.slow
def test_plates_of_the_model_are_beside_themselves_in_tables(plates: Plates) -> None:
    found, _ = simulate_blocks(load_pathway(), plates.blocks, ("hsa", "bliss"))
    view = view_of(plates, PlateOptions(models=("hsa", "bliss")), "p", beside_of(plates, ("hsa", "bliss")))
    assert view.blocks[0].simulated is not None
    for model in ("hsa", "bliss"):
        assert found[0].scores[model] == pytest.approx(view.blocks[0].number_of(model), abs=1e-3)
