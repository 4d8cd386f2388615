"""Recipes for those who package it elsewhere say what `pyproject.toml` says."""

import csv
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from screen._version import __version__
from tests.packaging.workflow_peer import snakemake
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "packaging"
CONDA = FOLDER / "conda" / "recipe.yaml"


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def recipe() -> dict[str, Any]:
    return yaml.safe_load(CONDA.read_text(encoding="utf-8"))


def plain(requirement: str) -> str:
    return re.sub(r"\s", "", requirement)


def name(requirement: str) -> str:
    """The package of a requirement; its bounds are brought over when a release is made."""
    return re.split(r"[\s<>=!;]", requirement)[0]


def test_the_conda_recipe_needs_what_the_wheel_needs(project: dict[str, Any], recipe: dict[str, Any]) -> None:
    python, *needed = recipe["requirements"]["run"]
    assert python == "python >=${{ python_min }}"
    assert project["requires-python"] == f">={recipe['context']['python_min']}"
    assert sorted(map(name, needed)) == sorted(map(name, project["dependencies"]))


def test_the_conda_recipe_is_of_this_version_and_command(
    project: dict[str, Any], recipe: dict[str, Any]
) -> None:
    assert recipe["context"]["version"] == __version__
    (command,) = recipe["build"]["python"]["entry_points"]
    name, target = command.split(" = ")
    assert project["scripts"] == {name: target}
    assert recipe["about"]["license"] == project["license"]


def test_the_conda_recipe_renders(project: dict[str, Any]) -> None:
    """By rattler-build, which `make .venv/peers` installs: a package for all platforms, bounds as the wheel."""
    rattler_build = pytest.importorskip("rattler_build", reason="rattler-build is not installed")
    (variant,) = rattler_build.Stage0Recipe.from_file(str(CONDA)).render()
    assert str(variant.recipe.package.version) == __version__
    found = variant.recipe.to_dict()
    assert found["build"]["noarch"] == "python"
    _, *needed = found["requirements"]["run"]
    assert sorted(map(plain, needed)) == sorted(map(plain, project["dependencies"]))


def test_the_conda_recipe_is_as_conda_forge_asks(recipe: dict[str, Any]) -> None:
    """What conda-smithy's lint holds of a pure Python package; the tool itself is not on the package index."""
    assert list(recipe) == [
        "schema_version", "context", "package", "source", "build", "requirements", "tests", "about", "extra",
    ]  # fmt: skip
    assert recipe["package"]["name"] == recipe["package"]["name"].lower()
    assert recipe["build"]["number"] == 0
    assert "build" not in recipe["requirements"]  # no compiler in a package for all platforms
    assert recipe["requirements"]["host"][0] == "python ${{ python_min }}.*"
    python, command = recipe["tests"]
    assert python["python"]["python_version"] == "${{ python_min }}.*"
    assert python["python"]["pip_check"] is True
    assert "herscreen selftest" in command["script"]
    about = recipe["about"]
    assert (ROOT / about["license_file"]).is_file()
    assert about["summary"]
    assert not about["summary"].endswith(".")
    assert "recipe-maintainers" in recipe["extra"]
    text = CONDA.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.findall(r"[ \t]+$", text, re.MULTILINE)


def test_containers_install_what_is_there() -> None:
    """Every file that a container copies is in the repository, and is not hidden by the list of what to leave out."""
    containers = FOLDER / "containers"
    text = (containers / "Containerfile").read_text(encoding="utf-8")
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE) for name in line.split()
    }
    kept = (containers / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied == {line[1:] for line in kept if line.startswith("!")}
    described = (containers / "herscreen.def").read_text(encoding="utf-8")
    listed = re.findall(r"^    (\S+) /build/", described, re.MULTILINE)
    assert set(listed) == copied
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("script", ["release", "try-wheel"])
def test_scripts_have_no_syntax_errors(script: str) -> None:
    checked = subprocess.run(["bash", "-n", FOLDER / script], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_snakemake_rules_call_commands_that_are_there() -> None:
    from screen.cli.main import COMMANDS

    text = (FOLDER / "snakemake" / "Snakefile").read_text(encoding="utf-8")
    called = set(re.findall(r"herscreen ([\w-]+)", text))
    assert called == {"run", "merge", "report", "export"}
    assert called <= set(COMMANDS)


@pytest.mark.slow
@pytest.mark.skipif(snakemake() is None, reason="Snakemake is not installed (make .venv/peers)")
def test_the_snakemake_workflow_runs_from_shards_to_tables(tmp_path: Path) -> None:
    command = tmp_path / "bin" / "herscreen"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m screen.cli "$@"\n')
    command.chmod(0o755)
    (tmp_path / "small.yaml").write_text(
        "cell_lines: [SKBR3]\ncombinations: {pairs: [[trastuzumab, linsitinib]]}\ndoses: {points: 3}\ntimes: 24 h\n"
    )
    rules = [
        "-s",
        str(FOLDER / "snakemake" / "Snakefile"),
        "-j",
        "2",
        "--config",
        "screen=small.yaml",
        "parts=2",
    ]
    path = os.pathsep.join([str(command.parent), os.environ["PATH"]])
    ended = subprocess.run(
        [str(snakemake()), *rules],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    logs = "".join(log.read_text() for log in sorted(tmp_path.glob("results/small.parts/*.log")))
    assert ended.returncode == 0, ended.stderr[-2000:] + logs
    results = tmp_path / "results"
    assert {"small.h5", "small.html", "small.csv", "small_scores.csv"} <= {f.name for f in results.iterdir()}
    with (results / "small_scores.csv").open(encoding="utf-8") as table:
        assert {row["cell_line"] for row in csv.DictReader(table)} == {"SKBR3"}


@pytest.mark.slow
def test_a_release_refuses_changes_that_are_not_committed(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    script = tmp_path / "docs" / "packaging" / "release"
    script.parent.mkdir(parents=True)
    script.write_bytes((FOLDER / "release").read_bytes())
    ended = subprocess.run(["bash", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "release: found changes that are not committed, expected a clean tree\n"


def test_the_nextflow_workflow_calls_commands_that_are_there_with_options_that_they_have() -> None:
    """Nextflow itself is not on any package index: this reads the file, and a run of it is a user's."""
    from screen.cli.lazy_group import load
    from screen.cli.main import COMMANDS

    text = (FOLDER / "nextflow" / "main.nf").read_text(encoding="utf-8")
    for one, other in ("{}", "()", "[]"):
        assert text.count(one) == text.count(other)
    processes = re.findall(r"^process (\w+) \{", text, re.MULTILINE)
    workflow = text.partition("\nworkflow {")[2]
    assert all(f"{name}(" in workflow for name in processes)
    lines = re.findall(r"^    herscreen (\w+) (.*)$", text, re.MULTILINE)
    assert [name for name, _ in lines] == ["run", "merge", "report", "export"]
    for name, rest in lines:
        assert name in COMMANDS
        known = {option for parameter in load(name).params for option in parameter.opts}
        assert set(re.findall(r"(?<= )--?[a-z]+", " " + rest)) <= known
