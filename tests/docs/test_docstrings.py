"""Docstrings of what is public, which the site shows: each function has an example, every example with a prompt gives
what it says; shapes, units, errors and papers are named.
"""

import doctest
import importlib
import inspect
import re

import pytest

import screen
import screen.cube
import screen.kinetics
import screen.synergy
from tests.paths import ROOT

PACKAGES = (screen, screen.cube, screen.kinetics, screen.synergy)
PUBLIC = {
    f"{package.__name__}.{name}": getattr(package, name) for package in PACKAGES for name in package.__all__
}
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
COMPUTE = [
    name for name in FUNCTIONS if name.rpartition(".")[2].startswith(("score", "simulate", "sensit", "fit_"))
]
ARRAYS = {  # what takes or gives arrays or tables: of which shape and in which unit
    "screen.score": ("(cell_line, combination, time)", "percent points"),
    "screen.run": ("(cell_line, combination, dose_1, dose_2, time)", "fraction of the vehicle"),
    "screen.score_plates": ("one row a block", "percent points"),
    "screen.fit_line": ("tables", "factors"),
    "screen.explore": ("nM", "hours"),
    "screen.kinetics.simulate": ("(condition, time)", "unit of time"),
    "screen.kinetics.sensitivities": ("(N, P)", "unit"),
    "screen.kinetics.compile_engine": ("(2, 3, 1)", "readouts"),
    "screen.synergy.score_cube": ("dose dims", "nM"),
    "screen.synergy.score_matrices": ("(..., dose_1, dose_2)", "percent points"),
    "screen.synergy.score_tensors": ("(..., dose_1, ..., dose_k)", "fraction"),
}
MODULES = sorted({value.__module__ for value in PUBLIC.values() if hasattr(value, "__module__")})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_an_example_and_names_its_errors(name: str) -> None:
    said = inspect.getdoc(FUNCTIONS[name]) or ""
    assert any(line.startswith((">>> ", "    ")) for line in said.splitlines())
    assert "Error" in said or "InvalidModel" in said or name == "screen.cube.triples_of"  # which gives None


@pytest.mark.parametrize("name", ARRAYS)
def test_what_takes_or_gives_arrays_says_their_shapes_and_units(name: str) -> None:
    said = " ".join((inspect.getdoc(FUNCTIONS[name]) or "").split())
    assert not [words for words in ARRAYS[name] if words not in said]


@pytest.mark.parametrize("name", COMPUTE)
def test_what_computes_names_a_paper(name: str) -> None:
    assert re.search(r"\b(19|20)\d\d\b", inspect.getdoc(FUNCTIONS[name]) or "")


@pytest.mark.parametrize("name", [name for name, value in PUBLIC.items() if inspect.isclass(value)])
def test_every_method_of_a_public_class_says_what_it_does(name: str) -> None:
    own = {
        key: value
        for key, value in vars(PUBLIC[name]).items()
        if not key.startswith("_") and "lambda" not in str(value)
    }
    methods = {
        key: value for key, value in own.items() if inspect.isfunction(value) or isinstance(value, property)
    }
    assert not [key for key, value in methods.items() if not inspect.getdoc(value)]


def test_the_site_lists_all_that_is_public() -> None:
    for package in PACKAGES:
        page = ROOT / "docs" / "reference" / "api" / f"{package.__name__.partition('.')[2] or 'screen'}.md"
        listed = set(re.findall(r":: (?:\w+\.)*(\w+)", page.read_text(encoding="utf-8")))
        assert not {*package.__all__} - listed - {"__version__", "schema"}


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
