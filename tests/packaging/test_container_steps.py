"""Recipes of containers become scripts in which nothing of them is left out; a shell takes them."""

import subprocess
import tomllib

import pytest

from tests.packaging.container_steps import main, of_definition, of_stage, stages
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "packaging" / "containers"
RECIPES = [("Containerfile", "build"), ("Containerfile", "final"), ("herscreen.def", "final")]


@pytest.mark.parametrize(("recipe", "stage"), RECIPES)
def test_each_script_is_one_that_a_shell_takes(recipe: str, stage: str) -> None:
    checked = subprocess.run(
        ["sh", "-n"], input=main(str(FOLDER / recipe), stage), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_instructions_become_commands_in_their_order() -> None:
    text = """
    # a comment
    ARG BASE=debian
    FROM ${BASE} AS build
    COPY a b /build/
    RUN make \\
        all
    FROM ${BASE}
    COPY --from=build /opt/x /opt/x
    ENV A=1
    USER 1000
    WORKDIR /work
    ENTRYPOINT ["x", "two words"]
    CMD ["--help"]
    """.replace("    ", "")
    build, final = stages(text)
    assert (build.name, final.name) == ("build", "final")
    assert of_stage(build).splitlines()[-2:] == [
        'mkdir -p /build/ && cp -r "$CONTEXT"/a "$CONTEXT"/b /build/',
        "run 'make all'",
    ]
    *_, bound, setting, user, folder, call = of_stage(final).splitlines()
    assert bound == 'mkdir -p /opt/x && mount --bind "$STAGES"/build/opt/x /opt/x'
    assert (setting, user, folder) == ("export A=1", "user=1000", "mkdir -p /work && cd /work")
    assert "run \"x 'two words' $arguments\"" in call


@pytest.mark.parametrize("text", ["FROM a\nVOLUME /x\n", "RUN true\n"])
def test_an_instruction_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        stages(text)


def test_a_section_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="found %setup, expected one of header"):
        of_definition("Bootstrap: docker\n%setup\n    true\n")


def test_containers_copy_what_the_wheel_is_built_from() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = built["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {
        "pyproject.toml",
        *built["project"]["license-files"],
        *wheel["packages"],
        *wheel["force-include"],
    }
    kept = (FOLDER / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert needed <= {line[1:] for line in kept if line.startswith("!")}


def test_both_recipes_end_in_a_self_test_without_root() -> None:
    for recipe, stage in RECIPES[1:]:
        before, _, after = main(str(FOLDER / recipe), stage).partition("user=1000")
        assert "selftest" in after
        assert "selftest" not in before
