"""The list of commands and their files: one and the same, and none is imported before it is called."""

import subprocess
import sys

import pytest
from typer.core import TyperGroup

from screen.cli.lazy_group import FOLDER, help_of, load
from screen.cli.main import COMMANDS, invoke
from tests.cli.conftest import ROOT


def test_every_file_is_listed_and_every_listed_command_has_a_file() -> None:
    files = {path.stem.replace("_", "-") for path in FOLDER.glob("*.py") if path.stem != "__init__"}
    assert sorted(COMMANDS) == sorted(files)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_called_what_its_file_is_and_its_help_is_read_from_there(name: str) -> None:
    command = load(name)
    assert command.name == name
    assert command.help == help_of(name) != ""


@pytest.mark.parametrize("called", ["run", "evidence", "evidence check"])
def test_help_shows_no_type_for_switches_nor_for_itself(
    called: str, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke([*called.split(), "-h"])
    shown = capsys.readouterr().out
    assert "Show this message" in shown
    assert "bool" not in shown


@pytest.mark.parametrize(
    ("called", "usage"),
    [("run", "[OPTIONS] CONFIG"), ("score", "[OPTIONS] [INPUT]"), ("compare", "[OPTIONS] A B... "),
     ("evidence score", "[OPTIONS] TABLE"), ("model", "[OPTIONS] COMMAND [ARGS]...")],
)  # fmt: skip
def test_usage_names_arguments_as_other_programs_do(
    called: str, usage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke([*called.split(), "-h"])
    assert f"Usage: herscreen {called} {usage}" in capsys.readouterr().out


def test_another_spelling_of_a_command_is_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["optimize", "-h"]) == 0
    assert "Usage: herscreen optimise" in capsys.readouterr().out


def test_a_group_keeps_its_commands() -> None:
    group = load("model")
    assert isinstance(group, TyperGroup)
    assert list(group.commands) == ["show", "export", "check", "diagram"]


def test_slurm_has_the_options_of_jobs() -> None:
    assert [(one.name, one.opts) for one in load("slurm").params] == [
        (one.name, one.opts) for one in load("jobs").params
    ]


@pytest.mark.slow
def test_help_and_a_misspelt_command_import_no_command() -> None:
    code = (
        "import sys\nfrom screen.cli.main import invoke\ninvoke(['--help'])\ninvoke(['rum'])\n"
        "print([name for name in sys.modules if name.startswith('screen.cli.commands.')])"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"
    assert "Did you mean 'run'?" in ended.stderr
