"""`init`, `example`, `lines` and `compare`: what a newcomer types first."""

import re
from pathlib import Path

import pytest
import xarray as xr

from screen.cli.main import invoke
from screen.config.experiments import load_next
from screen.config.learning import load_learning
from screen.config.screen import load_config
from screen.selftest.example_files import example_files
from tests.report.conftest import build

ROOT = Path(__file__).resolve().parents[3]


def test_init_writes_a_configuration_that_runs_as_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    asked = ["--lines", "skbr3 pool2, BT474", "--anchor", "Herceptin", "--partners", "OSI-906,alpelisib"]
    assert invoke(["init", str(path), *asked]) == 0
    config = load_config(path)
    assert [line.name for line in config.cell_lines] == ["SKBR3-pool2", "BT474"]
    assert "partners: [linsitinib, alpelisib]" in path.read_text()
    assert f"herscreen run {path}" in capsys.readouterr().out
    assert invoke(["init", str(path), *asked]) == 2
    assert "--force" in capsys.readouterr().err
    assert invoke(["init", str(path), *asked, "--force"]) == 0


def test_an_example_comes_with_the_files_that_it_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["example"]) == 0
    assert "quickstart\t" in capsys.readouterr().out
    assert invoke(["example", "expression", "-o", str(tmp_path)]) == 0
    assert (tmp_path / "expression" / "made-up-samples.csv").is_file()
    load_config(tmp_path / "expression.yaml")
    assert invoke(["example", "expression", "-o", str(tmp_path)]) == 2
    assert invoke(["example", "quickstrat", "-o", str(tmp_path)]) == 2
    assert "quickstart" in capsys.readouterr().err
    assert invoke(["example", "plate", "-o", str(tmp_path)]) == 0
    assert (tmp_path / "plate.csv").is_file()


def test_lines_have_their_parents(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["lines", "SKBR3-pool2"]) == 0
    assert "SKBR3-pool2\tSKBR3\t" in capsys.readouterr().out


@pytest.mark.slow
def test_cubes_are_compared_pair_by_pair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / "one.h5", tmp_path / "two.h5"]
    cubes: list[xr.DataTree] = [build(failures=False), build(lines=["SKBR3", "BT474-HR20"], failures=False)]
    for cube, path in zip(cubes, paths, strict=True):
        cube.to_netcdf(path, engine="h5netcdf")
    table = tmp_path / "pairs.csv"
    assert invoke(["compare", *map(str, paths), "-o", str(table)]) == 0
    said = capsys.readouterr()
    assert "lines of one alone\tBT474, SKBR3-pool2" in said.out
    assert "shares of the gap moved by more than 10 points" in said.err
    assert "one.h5: " in said.err
    rows = table.read_text().splitlines()
    assert len(rows) == 1 + 2 * 4
    assert rows[0] == "cell_line,combination,gap_closed_1,gap_closed_2,score_1,score_2"
    assert invoke(["compare", str(paths[0])]) == 2
    (tmp_path / "plates.csv").touch()
    capsys.readouterr()
    assert invoke(["compare", str(paths[0]), str(tmp_path / "plates.csv"), "-o", str(table), "--force"]) == 2
    assert "expected the ending .html or .pdf" in capsys.readouterr().err, (
        "before anything is read or written"
    )


@pytest.mark.slow
def test_the_files_of_the_documentation_can_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke(["example", "data"]) == 0
    assert invoke(["example", "data"]) == 2
    made = {path.name for path in tmp_path.iterdir()}
    docs = (ROOT / "docs" / name for name in ("plates.md", "fit-line.md", "own-models.md", "synergy.md"))
    text = " ".join(path.read_text() for path in docs) + (ROOT / "README.md").read_text()
    assert made == {name for name in made if name in text}
    for arguments in (["plates.xlsx"], ["plates.csv"], ["plate.csv"], ["reader.csv", "--map", "map.csv"]):
        assert invoke(["score", *arguments, "--check"]) == 0
    mapping = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "own-models.md").read_text(), re.DOTALL)
    assert mapping is not None
    Path("mine.yaml").write_text(mapping[1])
    assert invoke(["plan", "mine.yaml"]) == 0
    capsys.readouterr()


def test_what_example_makes_to_learn_from_is_read(tmp_path: Path) -> None:
    for name, text in example_files().items():
        (tmp_path / name).write_text(text)
    assert load_learning(tmp_path / "learn.yaml").members == 64
    assert load_next(tmp_path / "next.yaml").about == "best partner"


def test_every_file_that_a_command_of_the_readme_names_is_in_the_clone_or_made_by_example() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.split("#")[0] for block in blocks for line in block.splitlines()]
    read = " ".join(re.sub(r" (-o|--output) \S+", "", line) for line in lines if "herscreen" in line)
    named = set(re.findall(r"[\w./-]+\.(?:csv|xlsx|yaml|xml|h5)", read))
    made = {
        *example_files(),
        "plates.xlsx",
        "configs/mine.yaml",
        "results/mine.h5",
    }  # shown above, written by run
    assert {name for name in named if name not in made and not (ROOT / name).exists()} == set()


def test_init_asks_a_terminal_again_where_a_name_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["SKBR33", "SKBR3", "Herceptin", "paclitaxel", "OSI-906"])
    monkeypatch.setattr("screen.cli.commands.init.is_terminal", lambda stream: True)
    monkeypatch.setattr("typer.prompt", lambda question, usual: next(answers))
    assert invoke(["init", str(tmp_path / "asked.yaml")]) == 0
    assert "partners: [linsitinib]" in (tmp_path / "asked.yaml").read_text()
    told = capsys.readouterr().err
    assert "did you mean 'SKBR3'?" in told
    assert "'paclitaxel' cannot be dosed" in told
