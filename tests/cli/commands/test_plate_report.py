"""`herscreen report` and `figures` tell a cube from plates by content, and what is neither in one line."""

import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from screen.cli import plate_views as of_plates
from screen.cli.commands.figures import figures
from screen.cli.commands.report import report
from screen.errors import InputError
from screen.synergy.plates.read_plates import read_plates
from tests.report.conftest import build
from tests.report.plate.conftest import ONE, TWO, rows
from tests.synergy.plates.table_of_cases import plate as plate_table

HEAD = "drug_row,drug_col,conc_r,conc_c,response\n"


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    app = typer.Typer()
    for command in (report, figures):
        app.command()(command)
    return app


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    import pandas as pd

    path = tmp_path / "plate.csv"
    pd.DataFrame(rows()).to_csv(path, index=False)
    return path


def run(app: typer.Typer, *arguments: object) -> str:
    result = CliRunner().invoke(app, [str(item) for item in arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.mark.slow
def test_plates_get_a_page_and_figures(app: typer.Typer, plate: Path, tmp_path: Path) -> None:
    fast = ("--models", "hsa,bliss", "--bootstrap", "0")
    assert run(app, "report", plate, *fast).split() == ["wrote", str(tmp_path / "plate.html")]
    assert "measured plates" in (tmp_path / "plate.html").read_text()
    printed = run(app, "report", plate, *fast, "-o", tmp_path / "a.html", "--picture", tmp_path / "b.svg")
    assert printed.split() == ["wrote", str(tmp_path / "a.html"), "wrote", str(tmp_path / "b.svg")]
    assert "Bliss excess" in (tmp_path / "b.svg").read_text()
    printed = run(app, "figures", plate, *fast, "-o", tmp_path / "drawn")
    names = {Path(line).name.removeprefix("1_alpha+beta-") for line in printed.split()}
    assert names >= {"response.svg", "excess-hsa.svg", "excess-bliss.svg", "relief.svg", "single-agents.svg"}


@pytest.mark.slow
def test_workbooks_of_several_plates_and_readers_with_a_map(app: typer.Typer, tmp_path: Path) -> None:
    import pandas as pd

    fast = ("--models", "hsa,bliss", "--bootstrap", "0", "--no-simulate")
    with pd.ExcelWriter(tmp_path / "plates.xlsx") as book:
        for name, extra in (("monday", 5.0), ("tuesday", -3.0)):
            table = pd.DataFrame(rows(name, extra))
            table.to_excel(book, sheet_name=name, index=False)
    run(app, "report", tmp_path / "plates.xlsx", *fast)
    text = (tmp_path / "plates.html").read_text()
    assert all(name in text for name in ("monday", "tuesday", "Overview", "Blocks by Bliss excess"))
    wells = [(f"{'ABCDE'[i]}{j + 1}", one, two) for i, one in enumerate(ONE) for j, two in enumerate(TWO)]
    signal = [["", *range(1, 13)]]
    for i, letter in enumerate("ABCDEFGH"):
        left = [9000 / (1 + ONE[i] / 12) / (1 + two / 9) + 200 if i < 5 else "" for two in TWO]
        signal.append([letter, *left, *[""] * 7])
    pd.DataFrame(signal).to_csv(tmp_path / "reader.csv", index=False, header=False)
    layout = pd.DataFrame(wells, columns=["well", "conc1", "conc2"]).assign(
        drug1="alpha", drug2="beta", conc_unit="nM"
    )
    layout.to_csv(tmp_path / "map.csv", index=False)
    run(app, "report", tmp_path / "reader.csv", "--map", tmp_path / "map.csv", *fast)
    text = (tmp_path / "reader.html").read_text()
    assert "alpha + beta" in text
    assert "untreated" in text


@pytest.mark.slow
def test_what_a_file_is_its_content_says(app: typer.Typer, plate: Path, tmp_path: Path) -> None:
    build(lines=["SKBR3", "BT474"], size=3).to_netcdf(tmp_path / "cube.h5", engine="h5netcdf")
    renamed = shutil.copy(tmp_path / "cube.h5", tmp_path / "cube.csv")
    run(app, "report", renamed, "-o", tmp_path / "cube.html")
    assert "virtual drug-combination screen" in (tmp_path / "cube.html").read_text()
    with pytest.raises(InputError, match="--models: for plates, found a cube"):
        run(app, "report", renamed, "-o", tmp_path / "cube.html", "--models", "bliss")
    with pytest.raises(InputError, match="--explain: for cubes, found plates"):
        run(app, "report", plate, "--explain", "3")


@pytest.mark.parametrize("name", ["picture.png", "notes.h5", "config.yaml", "archive.zip"])
@pytest.mark.parametrize("command", ["report", "figures"])
def test_a_file_that_is_neither_gets_one_line_that_names_both(
    app: typer.Typer, tmp_path: Path, name: str, command: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 no book" if name.endswith("zip") else b"\x89PNG\r\n\x1a\n\0\0\0: no table")
    with pytest.raises(InputError) as caught:
        run(app, command, path, "-o", tmp_path / ("out.html" if command == "report" else "out"))
    assert "a cube (HDF5" in str(caught.value)
    assert "plates (.csv" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.html").exists()


def test_a_table_with_a_wrong_head_is_told_so(app: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "plate.csv"
    path.write_text(HEAD.replace("response", "wells") + "a,b,1,1,3\n")
    with pytest.raises(InputError, match="response"):
        run(app, "report", path)
    with pytest.raises(InputError, match="a cube"):
        run(app, "report", tmp_path / "nothing.csv")


def test_intervals_that_nobody_asked_for_are_said_or_the_way_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    plates = read_plates(plate_table())
    assert of_plates._usual_rounds(plates) == of_plates.ROUNDS
    assert "100 bootstrap rounds" in of_plates._on_intervals(plates, of_plates.ROUNDS)[0]
    monkeypatch.setattr(of_plates, "FEW", 0)
    rounds = of_plates._usual_rounds(plates)
    assert rounds == 0
    (words,) = of_plates._on_intervals(plates, rounds)
    assert "1 blocks are more than 0; --bootstrap 100 adds them (some 1 min" in words
