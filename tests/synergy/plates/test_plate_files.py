"""`herscreen score` as it is typed: workbooks, matrices, wrong plates, any number of processes."""

import numpy as np
import pandas as pd
import pytest

from screen.cli.main import invoke
from screen.synergy import score_matrices
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.intervals import add_intervals
from screen.synergy.plates.read_plates import read_plates
from screen.synergy.plates.score_plates import score_blocks
from tests.synergy.known_matrices import doses, independent
from tests.synergy.plates.test_read_plates import CONC, VIABILITY, long_table

MODELS = "hsa,bliss,loewe,zip"


@pytest.fixture
def scored(tmp_path, capsys):
    """Scores a file by the command: its table by block, and what it said."""

    def call(source, *arguments):
        out = tmp_path / "out.csv"
        arguments = ["score", str(source), "--models", MODELS, "-o", str(out), *map(str, arguments)]
        assert invoke(arguments) == 0, capsys.readouterr().err
        return pd.read_csv(out, keep_default_na=True).set_index("block_id"), capsys.readouterr().err

    return call


def expected(viability=VIABILITY):
    return {
        name: score.mean for name, score in score_matrices(viability, CONC, CONC, MODELS.split(",")).items()
    }


def matrix(viability=VIABILITY):
    return pd.DataFrame(100 * viability, index=pd.Index(CONC, name="drugA\\drugB"), columns=CONC)


def test_a_workbook_with_the_long_table(scored, tmp_path):
    long_table(inhibition=True).to_excel(tmp_path / "plate.xlsx", index=False)
    found, said = scored(tmp_path / "plate.xlsx")
    assert "inhibition, percent" in said
    for name, mean in expected().items():
        assert found[name]["b1"] == pytest.approx(mean, abs=1e-9)


@pytest.mark.slow
def test_a_workbook_with_a_matrix_a_sheet(scored, tmp_path):
    with pd.ExcelWriter(tmp_path / "plates.xlsx") as book:
        matrix().to_excel(book, sheet_name="first")
        matrix(VIABILITY**2).to_excel(book, sheet_name="second")
    found, _ = scored(tmp_path / "plates.xlsx")
    assert list(found.index) == ["first", "second"]
    assert list(found.drug_row) == ["drugA", "drugA"]
    for block, viability in (("first", VIABILITY), ("second", VIABILITY**2)):
        for name, mean in expected(viability).items():
            assert found[name][block] == pytest.approx(mean, abs=1e-9), (block, name)


@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_a_matrix_in_a_text_file(scored, tmp_path, ending):
    matrix().to_csv(tmp_path / f"AB.{ending}", sep="\t" if ending == "tsv" else ",")
    found, _ = scored(tmp_path / f"AB.{ending}")
    for name, mean in expected().items():
        assert found[name]["AB"] == pytest.approx(mean, abs=1e-9)


def bad_blocks():
    text = long_table(block="text").astype({"response": object})
    text.loc[7, "response"] = "n.d."
    negative = long_table(block="negative")
    negative.loc[9, "conc_r"] = -3.0
    bare = long_table(block="bare")
    one = long_table(block="one")
    twice = pd.concat([long_table(block="twice")] * 2, ignore_index=True)
    twice.loc[26, "response"] = 5.0
    return [
        text,
        negative,
        bare[(bare.conc_r > 0) & (bare.conc_c > 0)],
        one[one.conc_r.isin([0, CONC[2]]) & one.conc_c.isin([0, CONC[2]])],
        twice,
        long_table(block="good"),
    ]


@pytest.mark.slow
def test_bad_blocks_say_why_and_the_good_one_is_scored(scored, tmp_path):
    pd.concat(bad_blocks()).to_csv(tmp_path / "bad.csv", index=False)
    found, _ = scored(tmp_path / "bad.csv")
    assert "line 9 holds a text that is no number: left out" in found.reason["text"]
    assert "holds a negative dose: left out" in found.reason["negative"]
    assert "no single-agent wells" in found.reason["bare"]
    assert "fewer than 3 doses above 0" in found.reason["one"]
    assert "replicates of 1 dose pairs differ by more than 30 points" in found.reason["twice"]
    assert pd.isna(found.reason["good"])
    for name, mean in expected().items():
        assert found[name]["good"] == pytest.approx(mean, abs=1e-9)
    assert np.isfinite(found.bliss[["text", "negative", "one", "twice"]]).all()
    assert np.isnan(found.bliss["bare"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not a table"),
        ("conc_r,conc_c,respnse\n0,0,100\n", "no column 'response'"),
        ("conc_r,conc_c,response\n0,0,n.d.\n1,x,3\n", "no row with two doses and a response"),
        ("conc_r,conc_c,response\n-1,-1,100\n", "no row with two doses and a response"),
        ("conc_r,conc_c,response\n", "no row of data"),
    ],
)
def test_files_without_a_block_end_in_one_line(tmp_path, capsys, content, words):
    (tmp_path / "plate.csv").write_text(content)
    assert invoke(["score", str(tmp_path / "plate.csv")]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.splitlines()) == 1


def test_a_file_that_is_no_workbook(tmp_path, capsys):
    (tmp_path / "plate.xlsx").write_bytes(b"no workbook")
    assert invoke(["score", str(tmp_path / "plate.xlsx")]) == 2
    assert "not a workbook" in capsys.readouterr().err


@pytest.mark.slow
def test_a_million_rows(scored, tmp_path):
    """15,625 matrices of 8 x 8."""
    conc, count = doses(), 15_625
    base = independent(conc, conc, (0.2, 50.0, 1.0), (0.4, 300.0, 1.5))
    wells = [
        f"{first:.6g},{second:.6g},{100 * base[i, j]:.6f}"
        for i, first in enumerate(conc)
        for j, second in enumerate(conc)
    ]
    rows = [f"{block},{well}" for block in range(count) for well in wells]
    (tmp_path / "million.csv").write_text("\n".join(["block_id,conc_r,conc_c,response", *rows]))
    blocks = read_plates(tmp_path / "million.csv").blocks
    assert len(blocks) == count
    summary, _ = score_blocks(blocks[:64], ("hsa", "bliss"))
    assert summary.bliss.abs().max() < 1e-3


@pytest.mark.slow
def test_the_numbers_do_not_depend_on_the_number_of_processes(monkeypatch):
    monkeypatch.setattr("screen.synergy.score.CHUNK", 3)
    monkeypatch.setattr("screen.synergy.plates.score_plates.CHUNK", 3)
    monkeypatch.setattr("screen.synergy.plates.intervals.TOGETHER", 6)
    random = np.random.default_rng(0)
    tables = [
        long_table(VIABILITY + 0.03 * random.normal(size=VIABILITY.shape), block=f"b{k}") for k in range(4)
    ]
    blocks = [
        PlateBlock(
            t.block_id[0], "A", "B", "", CONC, CONC, "nM", t.response.to_numpy().reshape(5, 5, 1) / 100
        )
        for t in tables
    ]
    tables = []
    for jobs in (1, 2):
        summary, cells = score_blocks(blocks, ("bliss", "zip", "musyc"), jobs=jobs)
        summary = add_intervals(summary, blocks, ["bliss"], 3, jobs=jobs)
        assert {"bliss_low", "bliss_q", "css_high"} <= set(summary.columns)
        tables.append((summary, cells))
    for one, two in zip(*tables):
        pd.testing.assert_frame_equal(one, two, check_exact=True)
