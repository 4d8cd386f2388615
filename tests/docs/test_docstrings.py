"""Docstrings of what is public, which the site shows: each function has an example, every example with a prompt gives
what it says, and errors are named.
"""

import doctest
import importlib
import inspect

import pytest

import screen
import screen.cube
import screen.kinetics
import screen.synergy

PACKAGES = (screen, screen.cube, screen.kinetics, screen.synergy)
PUBLIC = {
    f"{package.__name__}.{name}": getattr(package, name) for package in PACKAGES for name in package.__all__
}
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
MODULES = sorted({value.__module__ for value in PUBLIC.values() if hasattr(value, "__module__")})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_an_example_and_names_its_errors(name: str) -> None:
    said = inspect.getdoc(FUNCTIONS[name]) or ""
    assert any(line.startswith((">>> ", "    ")) for line in said.splitlines())
    assert "Error" in said or "InvalidModel" in said or name == "screen.cube.triples_of"  # which gives None


@pytest.mark.parametrize("name", [name for name, value in PUBLIC.items() if inspect.isclass(value)])
def test_every_public_class_says_what_it_is(name: str) -> None:
    said = PUBLIC[name].__doc__ or ""
    assert len(said) > 40
    assert not said.startswith(
        f"{PUBLIC[name].__name__}("
    )  # what dataclasses write unless something else is said


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("screen")])
def test_examples_give_what_they_say(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_some_examples_have_a_prompt() -> None:
    assert sum(">>> " in (inspect.getdoc(value) or "") for value in FUNCTIONS.values()) >= 6
