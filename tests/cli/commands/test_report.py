"""The report's commands as a user types them."""

import os
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from screen.cli.commands.cite import cite
from screen.cli.commands.crate import crate
from screen.cli.commands.export import export
from screen.cli.commands.figures import figures
from screen.cli.commands.markers import markers
from screen.cli.commands.report import report
from screen.errors import InputError
from tests.report.conftest import build


@pytest.fixture(scope="module")
def cube_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cube") / "synthetic.h5"
    build().to_netcdf(path, engine="h5netcdf")
    return path


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    app = typer.Typer()
    for command in (report, export, figures, markers, cite, crate):
        app.command()(command)
    return app


def run(app: typer.Typer, *arguments: object) -> str:
    result = CliRunner().invoke(app, [str(item) for item in arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.mark.slow
def test_report_goes_beside_the_cube_unless_told(app: typer.Typer, cube_file: Path, tmp_path: Path) -> None:
    assert run(app, "report", cube_file).split() == ["wrote", str(cube_file.with_suffix(".html"))]
    printed = run(app, "report", cube_file, "-o", tmp_path / "a.html", "--picture", tmp_path / "b.svg")
    assert printed.split() == ["wrote", str(tmp_path / "a.html"), "wrote", str(tmp_path / "b.svg")]
    assert (tmp_path / "b.svg").read_text().startswith("<svg")


@pytest.mark.slow
def test_every_other_command_writes_what_it_says(app: typer.Typer, cube_file: Path, tmp_path: Path) -> None:
    assert len(run(app, "export", cube_file, "-o", tmp_path / "t.csv").splitlines()) == 3
    assert run(app, "export", cube_file, "--plates", "-o", tmp_path / "p.csv").strip().endswith("p.csv")
    assert "pair-" in run(app, "figures", cube_file, "-o", tmp_path / "figures")
    assert run(app, "cite", cube_file).startswith("@software")
    assert run(app, "crate", cube_file, "-o", tmp_path / "crate").strip().endswith("ro-crate-metadata.json")
    printed = run(app, "markers", cube_file, "-o", tmp_path / "m.csv")
    assert "wrote" in printed
    assert (tmp_path / "m.csv").read_text().startswith("marker,target,lines,rho")
    for line in printed.splitlines():
        for path in line.split():
            assert not path.startswith("/") or Path(path).exists()


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_an_export_replaces_its_own_tables_and_no_others(
    app: typer.Typer, cube_file: Path, tmp_path: Path, ending: str
) -> None:
    table = tmp_path / f"t{ending}"
    run(app, "export", cube_file, "-o", table)
    run(app, "export", cube_file, "-o", table)
    other = table if ending == ".xlsx" else tmp_path / f"t_panel{ending}"
    other.write_bytes(b"well,signal\nA1,3\n")
    with pytest.raises(InputError, match="exists already"):
        run(app, "export", cube_file, "-o", table)
    assert other.read_bytes().startswith(b"well")
    run(app, "export", cube_file, "-o", table, "--force")
    assert not other.read_bytes().startswith(b"well")


def test_bad_input_is_one_error(app: typer.Typer, cube_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        run(app, "report", tmp_path / "absent.h5")
    with pytest.raises(InputError, match="does not exist"):
        run(app, "report", cube_file, "-o", tmp_path / "absent" / "page.html")


@pytest.mark.slow
def test_a_page_that_is_up_to_date_is_not_made_again(
    app: typer.Typer, cube_file: Path, tmp_path: Path
) -> None:
    cube, page = tmp_path / "same.h5", tmp_path / "same.html"
    shutil.copy(cube_file, cube)
    assert "up to date" not in run(app, "report", cube)
    written = page.stat().st_mtime_ns
    assert "up to date" in run(app, "report", cube)
    assert page.stat().st_mtime_ns == written
    assert "up to date" not in run(app, "report", cube, "--limit-mb", 5)
    os.utime(cube, (0, 0))
    assert "up to date" not in run(app, "report", cube)
