"""What a cube, its page and its run folder tell of the computer and its folders, and whom they may be asked of."""

import json
import os
from pathlib import Path

import pytest

from screen.analysis.cubes.cube_model import opened
from screen.config.yaml_files.told_paths import found, told
from screen.cube.reader import CubeReader
from screen.runner.store.lock import locked
from tests.cli.conftest import inside
from tests.hardening.test_outputs import TINY

HOST = "anns-own-laptop"


@pytest.mark.parametrize(
    ("path", "expected", "without"),
    [
        ("/home/ann/screens/tables/t.csv", "../tables/t.csv", "../tables/t.csv"),
        ("/data/shared/t.csv", "/data/shared/t.csv", "t.csv"),
        ("t.csv", "t.csv", "t.csv"),
    ],
)
def test_paths_are_told_relative_to_the_cube(path: str, expected: str, without: str) -> None:
    config = {"name": "/home/x", "cell_lines": [{"table": path}], "model": {"file": path}}
    for host, wanted in ((True, expected), (False, without)):
        shown = told(config, Path("/home/ann/screens/results"), host)
        assert shown == {"name": "/home/x", "cell_lines": [{"table": wanted}], "model": {"file": wanted}}
    back = found(told(config, Path("/home/ann/screens/results")), Path("/home/ann/screens/results"))
    assert path == "t.csv" or back == config


@pytest.fixture(scope="module")
def run_of_a_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two cubes of a screen of a table of lines, the second made without its host."""
    folder = tmp_path_factory.mktemp("ann")
    (folder / "t.csv").write_text("line,HER2\na,2\n")
    (folder / "x.yaml").write_text(TINY.replace("[SKBR3]", "[{table: t.csv}]"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.gethostname", lambda: HOST)
        for words in (["-o", "a.h5"], ["-o", "b.h5", "--no-host"]):
            ended = inside("run", "x.yaml", "-j", "1", *words, cwd=folder)
            assert ended.returncode == 0, ended.stderr
    return folder


@pytest.mark.slow
def test_no_absolute_path_stands_in_a_cube_a_page_or_a_run_folder(run_of_a_table: Path) -> None:
    folder = run_of_a_table
    inside("report", "a.h5", "--explain", "0", cwd=folder)
    for path in (folder / "a.h5", folder / "a.html", *(folder / "a.run").glob("*")):
        assert os.fsencode(folder) not in path.read_bytes(), path
    with CubeReader.open(folder / "a.h5") as cube:
        assert cube.config["cell_lines"] == [{**cube.config["cell_lines"][0], "table": "t.csv"}]
        assert cube.text("host") == HOST
    with opened(folder / "a.h5") as cube:
        assert cube.pathway() is not None


@pytest.mark.slow
def test_without_its_host_a_cube_and_its_page_do_not_say_where_they_were_made(run_of_a_table: Path) -> None:
    folder = run_of_a_table
    for words in (["b.h5"], ["a.h5", "--no-host", "-o", "c.html"]):
        assert inside("report", *words, "--explain", "0", cwd=folder).returncode == 0
    for name in ("b.h5", "b.html", "c.html"):
        assert HOST.encode() not in (folder / name).read_bytes(), name
    with CubeReader.open(folder / "b.h5") as cube:
        assert (cube.text("host"), cube.text("machine")) == ("", "")
    assert "is finished already" in inside("run", "x.yaml", "-o", "b.h5", cwd=folder).stdout


@pytest.mark.slow
def test_a_colleague_can_ask_for_the_status_of_a_run_that_is_not_his(run_of_a_table: Path) -> None:
    folder = run_of_a_table
    if os.geteuid() != 0:
        pytest.skip("another user can only be played by root")
    with locked(folder / "a.run" / "cube.lock"):
        process = os.fork()
        if process == 0:  # a user without rights, who may read
            for path in (*folder.parents, folder):
                path.chmod(path.stat().st_mode | 0o055)
            os.setuid(65534)
            os.environ |= {"HOME": "/nonexistent"}
            ended = inside("status", "x.yaml", "-o", "a.h5", "--json", cwd=folder)
            os._exit(0 if ended.returncode == 0 and json.loads(ended.stdout)["finished"] else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
