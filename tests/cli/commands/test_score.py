"""`herscreen score` on plates: what it writes, prints and refuses."""

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from screen.cli.commands.score import score
from screen.errors import InputError


@pytest.fixture
def run():
    app = typer.Typer()
    app.callback()(lambda: None)
    app.command()(score)

    def call(*arguments):
        return CliRunner().invoke(app, ["score", *map(str, arguments)])

    return call


@pytest.mark.slow
def test_plates_to_tables(run, shared, tmp_path):
    out, cells = tmp_path / "scores.csv", tmp_path / "cells.csv"
    source = shared / "plates" / "mathews-viability.csv"
    result = run(source, "-o", out, "--cells", cells, "--models", "hsa,bliss", "--bootstrap", 10)
    assert result.exit_code == 0, result.output
    summary = pd.read_csv(out)
    assert summary.hsa[0] == pytest.approx(20.19509892, abs=1e-6)
    assert {"hsa_low", "hsa_high", "bliss_p"} <= set(summary.columns)
    assert len(pd.read_csv(cells)) == 72
    assert "viability, percent" in result.stderr
    short = pd.read_csv(tmp_path / "scores_compact.csv")
    assert short.hsa[0] == 20.2
    assert {"hsa_low", "hsa_high", "hsa_q", "reason"} <= set(short.columns)
    meanings = pd.read_csv(tmp_path / "scores_columns.csv").set_index("column").meaning
    assert set(meanings.index) == set(summary.columns)
    assert not meanings.isna().any()
    assert max(len(text.strip("-0.").replace(".", "")) for text in summary.astype(str).hsa) <= 10
    shown = run(source, "--models", "hsa,bliss", "--bootstrap", 10).stdout.splitlines()[0]
    assert "hsa\thsa_low\thsa_high\thsa_q\tbliss\tbliss_low" in shown


def test_a_workbook_holds_scores_cells_reading_and_columns(run, shared, tmp_path):
    out = tmp_path / "scores.xlsx"
    result = run(shared / "plates" / "mathews-viability.csv", "-o", out, "--models", "hsa,bliss")
    assert result.exit_code == 0, result.output
    book = pd.read_excel(out, sheet_name=None)
    assert list(book) == ["scores", "all numbers", "cells", "how it was read", "columns"]
    assert book["scores"].hsa[0] == 20.2
    assert book["all numbers"].hsa[0] == pytest.approx(20.19509892, abs=1e-5)
    assert len(book["cells"]) == 72
    read = book["how it was read"]
    assert "percent (by size)" in read.found[(read.block_id == "mathews-1") & (read.what == "scale")].item()
    assert not book["columns"].meaning.isna().any()
    assert not (tmp_path / "scores_compact.csv").exists()


@pytest.mark.slow
def test_scores_replace_their_own_table_and_no_other(run, shared, tmp_path):
    source, out = shared / "plates" / "mathews-viability.csv", tmp_path / "scores.csv"
    for _ in range(2):
        result = run(source, "-o", out, "--models", "hsa", "--cells", tmp_path / "cells.csv")
        assert result.exit_code == 0, result.output
    for name in ("scores.csv", "scores_compact.csv", "scores_columns.csv", "cells.csv"):
        assert f"wrote {tmp_path / name}" in result.stderr
    out.write_text("well,signal\nA1,3\n")
    refused = run(source, "-o", out, "--models", "hsa")
    assert isinstance(refused.exception, InputError)
    assert "exists already" in str(refused.exception)
    assert out.read_text().startswith("well,")
    assert run(source, "-o", out, "--models", "hsa", "--force").exit_code == 0


def test_without_output_the_table_is_printed(run, shared):
    result = run(shared / "plates" / "mathews-viability.csv", "--models", "bliss")
    assert result.exit_code == 0
    assert "mathews-1\tispinesib\tibrutinib\t10.856" in result.stdout
    assert "positive = synergy" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.csv"], "no such file"),
        (["PLATE", "--models", "blis"], "did you mean 'bliss'"),
        (["PLATE", "--response", "death"], "expected viability, inhibition, growth or gr"),
        (["PLATE", "--baseline", "some"], "expected none, part or all"),
        (["PLATE", "--fit", "lm"], "expected drc or least-squares"),
        (["PLATE", "--bootstrap", "1"], "one round tells no spread"),
        (["PLATE", "-o", "absent/scores.csv"], "does not exist"),
        (["PLATE", "--against", "absent.h5"], "no such file"),
        (["PLATE", "--readout", "gr_value"], "--readout: for cubes, found plates; --response says"),
    ],
)
def test_wrong_arguments(run, shared, arguments, words):
    plate = str(shared / "plates" / "mathews-viability.csv")
    result = run(*[plate if argument == "PLATE" else argument for argument in arguments])
    assert isinstance(result.exception, InputError)
    assert words in str(result.exception)


@pytest.mark.slow
def test_a_plate_stands_beside_a_cube(run, shared, tmp_path):
    import xarray as xr

    scores = xr.Dataset(
        {
            "bliss": (("cell_line", "combination", "time"), [[[1.0, 7.0]]]),
            "bliss_max": (("cell_line", "combination", "time"), [[[2.0, 9.0]]]),
            "bliss_excess": (("cell_line", "combination", "dose_1", "dose_2", "time"), [[[[[0.0, 0.0]]]]]),
        },
        coords={
            "cell_line": ["SKBR3"],
            "combination": ["ibrutinib+ispinesib"],
            "time": [0.0, 120.0],
            "concentration_1": (("combination", "dose_1"), [[0.0]]),
            "concentration_2": (("combination", "dose_2"), [[0.0]]),
        },
    )
    cube = tmp_path / "cube.h5"
    scores.coords.to_dataset().reset_coords().to_netcdf(cube, engine="h5netcdf")
    scores.to_netcdf(cube, mode="a", group="scores", engine="h5netcdf")
    table = pd.read_csv(shared / "plates" / "mathews-viability.csv").assign(cell_line="SK-BR-3")
    table.to_csv(tmp_path / "plate.csv", index=False)
    result = run(tmp_path / "plate.csv", "--models", "bliss", "--against", cube, "-o", tmp_path / "out.csv")
    assert result.exit_code == 0, result.exception
    found = pd.read_csv(tmp_path / "out.csv")
    assert found.sim_bliss[0] == 7.0
    assert found.sim_bliss_max[0] == 9.0
    assert "no combination of canertinib" in found.sim_reason[1]
    brand = table.replace({"ispinesib": "Ibrutinib ", "ibrutinib": "ISPINESIB"})
    brand.to_csv(tmp_path / "plate.csv", index=False)
    run(tmp_path / "plate.csv", "--models", "bliss", "--against", cube, "-o", tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv").sim_bliss[0] == 7.0
    timed = pd.concat([table.assign(time_h=hours) for hours in (0, 48, 120)])
    timed.to_csv(tmp_path / "plate.csv", index=False)
    assert (
        run(
            tmp_path / "plate.csv", "--models", "bliss", "--against", cube, "-o", tmp_path / "out.csv"
        ).exit_code
        == 0
    )
    found = pd.read_csv(tmp_path / "out.csv")
    pair = found[found.drug_row == "ispinesib"].set_index("time_h")
    assert pair.sim_bliss[[0.0, 120.0]].tolist() == [1.0, 7.0]
    assert pair.sim_reason[48.0] == "read at 48 h, the cube holds 0, 120 h"


@pytest.mark.slow
def test_simulated_plates_have_no_noise_to_resample(run, tmp_path):
    plate = tmp_path / "plate.csv"
    rows = [f"1,A,B,{a},{b},{100 - a - b},nM,nM,simulated" for a in (0, 1, 2, 3) for b in (0, 1, 2, 3)]
    header = "block_id,drug_row,drug_col,conc_r,conc_c,response,conc_r_unit,conc_c_unit,origin"
    plate.write_text("\n".join([header, *rows]) + "\n")
    assert "1 of 1 blocks are simulated" in run(plate, "--models", "hsa").output
    assert isinstance(run(plate, "--bootstrap", 5).exception, InputError)
    with pytest.raises(InputError, match="expected fit or monotone"):
        raise run(plate, "--single-agent", "hill").exception


@pytest.mark.slow
def test_blocks_of_three_drugs_stand_beside_pairs(run, tmp_path):
    from tests.synergy.plates.test_score_triple_plates import long_table

    pair = long_table(block="pair")
    table = pd.concat([long_table(block="triple"), pair[pair.conc3 == 0]])
    table.to_csv(tmp_path / "plate.csv", index=False)
    out, cells = tmp_path / "scores.csv", tmp_path / "cells.csv"
    options = ["--models", "hsa,bliss", "--bootstrap", 5]
    result = run(tmp_path / "plate.csv", "-o", out, "--cells", cells, *options)
    assert result.exit_code == 0, result.output
    assert "drugs: 1 of 2 blocks hold three" in result.stderr
    summary = pd.read_csv(out, index_col="block_id")
    assert summary.drug_3["triple"] == "C"
    assert summary.bliss_beyond["triple"] == pytest.approx(0, abs=1e-6)
    assert summary.hsa["triple"] > 5
    assert summary.hsa_low["triple"] <= summary.hsa["triple"] <= summary.hsa_high["triple"]
    assert {"bliss_beyond_low", "css_high", "ic50_3"} <= set(summary.columns)
    assert len(pd.read_csv(cells)) == 150
    shown = run(tmp_path / "plate.csv", "--models", "bliss").stdout
    assert shown.startswith("block_id\tdrug_row\tdrug_col\tdrug_3\tbliss\tbliss_beyond\treason")


def test_check_shows_how_a_file_is_read_and_scores_nothing(run, tmp_path):
    from tests.synergy.plates.table_of_cases import plate

    plate(conc_unit="uM", cell_line="ONE", time_h=72).to_csv(tmp_path / "plate.csv", index=False)
    result = run(tmp_path / "plate.csv", "--check", "-o", tmp_path / "out.csv")
    assert result.exit_code == 0, result.output
    for words in (
        "alpha + beta in ONE",
        "5 x 5, nM",
        "72 h",
        "viability",
        "percent (by size)",
        "100.0     90.0",
    ):
        assert words in result.stdout
    assert not (tmp_path / "out.csv").exists()


def test_the_template_is_read_once_it_is_filled_in(run, tmp_path):
    target = tmp_path / "plate.csv"
    assert run(target, "--template").exit_code == 0
    table = pd.read_csv(target)
    table["response"] = 10_000 / (1 + table.conc_r / 50)
    table.to_csv(target, index=False)
    result = run(target, "--models", "bliss")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1].split("\t")[3] == "0.000"
    assert isinstance(run(target, "--template").exception, InputError)


def test_the_map_of_the_template_joins_a_readers_export(run, tmp_path):
    run(tmp_path / "plate.csv", "--template")
    grid = pd.DataFrame("", index=list("ABCDEFGH"), columns=range(1, 13), dtype=object)
    mapped = pd.read_csv(tmp_path / "plate-map.csv")
    for well, role, dose in zip(mapped.well, mapped.role, mapped.conc1.fillna(0)):
        grid.loc[well[0], int(well[1:])] = 200 if role == "blank" else 200 + 9800 / (1 + dose / 50)
    grid.to_csv(tmp_path / "reader.csv")
    result = run(tmp_path / "reader.csv", "--map", tmp_path / "plate-map.csv", "--models", "bliss")
    assert result.exit_code == 0, result.output
    assert abs(float(result.stdout.splitlines()[1].split("\t")[3])) < 1e-3
    assert "2 wells without cells (at 200) subtracted" in result.stderr


def test_a_terminal_gets_the_scores_drawn(run, shared, monkeypatch):
    monkeypatch.setattr("screen.cli.commands.score.is_terminal", lambda stream: True)
    monkeypatch.setattr("screen.cli.console.is_terminal", lambda stream: True)
    result = run(shared / "plates-cases" / "00-reference.csv", "--models", "hsa,bliss")
    assert "\t" not in result.stdout
    assert "12.5" in result.stdout
    assert "5.0" in result.stdout
