"""No command writes over a file that it did not make: a walk through all commands and their options for files."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from typer.core import TyperCommand, TyperGroup

from screen.cli.lazy_group import load, parts_of
from screen.cli.main import COMMANDS
from screen.cli.overwrite import COMMENTS, WRITTEN_BY, is_ours, refuse_other, signed
from screen.errors import InputError
from tests.cli.conftest import GOOD, inside
from tests.report.conftest import build

READ = {
    "config", "cube", "inputs", "source", "plate", "plate_map", "panel", "fit", "file", "table", "weights", "against",
    "root",
}  # fmt: skip
"""Parameters that name what a command reads, whichever command it is."""
READ_ONLY = {("plan", "output"), ("status", "output")}
"""Where a command that writes nothing looks for the run of a configuration."""
FOLDERS = {
    ("calibrate", "output"),
    ("calibrate", "petab"),
    ("learn", "output"),
    ("next", "output"),
    ("mcp", "results"),
}
"""Folders that belong to one calibration, plan or server, by a key in them; their own tests fill them with others."""
CASES = {
    ("init", "output"): ("init {target}", "a.yaml"),
    ("example", "output"): ("example quickstart -o .", "quickstart.yaml"),
    ("run", "output"): ("run good.yaml -o {target}", "a.h5"),
    ("merge", "output"): ("merge good.yaml -o {target}", "a.h5"),
    ("jobs", "output"): ("jobs good.yaml --tasks 2 -o {target}", "a.h5"),
    ("slurm", "output"): ("slurm good.yaml --tasks 2 -o {target}", "a.h5"),
    ("score", "output"): ("score plates.csv -o {target}", "a.csv"),
    ("score", "cells"): ("score plates.csv --cells {target}", "a.csv"),
    ("score", "template"): ("score {target} --template", "a.csv"),
    ("fit-line", "output"): ("fit-line plates.csv -o a.csv", "a.yaml"),
    ("optimise", "output"): ("optimise good.yaml -o a.csv", "a.json"),
    ("explain", "output"): ("explain x.h5 --line a --combination b -o {target}", "a.json"),
    ("report", "output"): ("report x.h5 -o {target}", "a.html"),
    ("report", "picture"): ("report x.h5 --picture {target}", "a.svg"),
    ("compare", "output"): ("compare x.h5 y.h5 -o {target}", "a.html"),
    ("export", "output"): ("export x.h5 -o {target}", "a.csv"),
    ("figures", "output"): ("figures x.h5 -o .", "overview.svg"),
    ("markers", "output"): ("markers x.h5 -o {target}", "a.csv"),
    ("cite", "output"): ("cite x.h5 -o {target}", "a.bib"),
    ("crate", "output"): ("crate x.h5 -o {folder}", "crate/notes.txt"),
    ("panel", "response"): ("panel good.yaml --response {target}", "a.svg"),
    ("cohort", "output"): ("cohort x.h5 -o {target}", "a.svg"),
    ("evidence check", "json"): ("evidence check --json {target}", "a.json"),
    ("evidence check", "csv"): ("evidence check --csv {target}", "a.csv"),
    ("evidence score", "json"): ("evidence score plates.csv --json {target}", "a.json"),
    ("model export", "output"): ("model export -o {target}", "a.xml"),
    ("model diagram", "output"): ("model diagram -o {target}", "a.svg"),
}  # fmt: skip
"""Command and parameter -> what is typed, and the file of somebody else's in its way."""
FOREIGN = b"well,signal\nA1,3\n"


def every_path() -> Iterator[tuple[str, str]]:
    """(command, parameter) of all that takes a file or a folder and does not only read it."""
    for name in COMMANDS:
        found = load(name)
        parts = {f"{name} {part}": command for part, command in parts_of(found).items()}
        for called, command in (parts or {name: found}).items():
            for parameter in command.params:
                taken = parameter.type_descriptor.annotation
                place = (called, str(parameter.name))
                if (
                    Path in (taken, *get_args(taken))
                    and parameter.name not in READ
                    and place not in READ_ONLY
                ):
                    yield place


@pytest.fixture(scope="module")
def cube_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cube") / "small.h5"
    build(lines=["SKBR3", "SKBR3-pool2"], size=4, times=(72.0,)).to_netcdf(path, engine="h5netcdf")
    return path


def test_every_option_for_a_file_is_walked() -> None:
    known = {place for place in CASES if place[1] != "template"} | FOLDERS
    assert set(every_path()) == known


@pytest.mark.parametrize("place", CASES, ids=" ".join)
def test_a_file_of_somebody_else_stays(place: tuple[str, str], tmp_path: Path, cube_file: Path) -> None:
    words, name = CASES[place]
    for cube in ("x.h5", "y.h5"):
        (tmp_path / cube).symlink_to(cube_file)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "plates.csv").write_bytes(FOREIGN)
    target = tmp_path / name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(FOREIGN)
    ended = inside(*words.format(target=name, folder=target.parent.name).split(), cwd=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert f"{target.parent.name if place[0] == 'crate' else name}: exists already" in ended.stderr
    assert "expected another name" in ended.stderr
    assert ("--force" in ended.stderr) == any(one.name == "force" for one in command_of(place[0]).params)
    assert target.read_bytes() == FOREIGN


def command_of(called: str) -> TyperCommand | TyperGroup:
    name, _, part = called.partition(" ")
    found = load(name)
    return parts_of(found)[part] if part else found


@pytest.mark.parametrize("ending", COMMENTS)
def test_a_signed_text_is_known_again_and_another_is_not(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text(signed('<?xml version="1.0"?>\n<sbml/>' if "<" in COMMENTS[ending] else "a", path))
    assert is_ours(path)
    assert path.read_text().startswith("<?xml") == ("<" in COMMENTS[ending])
    path.write_text(path.read_text().replace(WRITTEN_BY, "written by hand"))
    with pytest.raises(InputError, match="exists already"):
        refuse_other(path, (), force=False)
    refuse_other(path, (), force=True)
