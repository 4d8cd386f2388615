"""Signatures on the site: types have the names that they have in the code, and no argument is lost."""

import importlib.util
import inspect
from types import ModuleType

import pytest

import screen.kinetics
import screen.synergy
from tests.paths import ROOT

stringify = pytest.importorskip(
    "sphinx.util.inspect", reason="the tools of the documentation are not installed"
)


@pytest.fixture(scope="module")
def directives() -> ModuleType:
    """`docs/directives.py`, which is no package."""
    spec = importlib.util.spec_from_file_location("directives", ROOT / "docs" / "directives.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("package", [screen.kinetics, screen.synergy])
def test_a_signature_is_short_and_whole(directives: ModuleType, package: ModuleType) -> None:
    for name in package.__all__:
        value = getattr(package, name)
        if not inspect.isfunction(value) and not hasattr(value, "__dataclass_fields__"):
            continue
        if not callable(value):
            continue
        signature = inspect.signature(value)
        text = stringify.stringify_signature(stringify.signature(value), unqualified_typehints=True)
        shown = directives.short_type(text)
        assert [each for each in signature.parameters if f"{each}: " not in shown] == []
        assert "_SupportsArray" not in shown
        assert "tuple[~typing.Any" not in shown


def test_arrays_have_their_kind(directives: ModuleType) -> None:
    text = (
        "(a: ~numpy.ndarray[tuple[~typing.Any, ...], ~numpy.dtype[~numpy.float64]], "
        "b: ~numpy.ndarray[tuple[~typing.Any, ...], ~numpy.dtype[~numpy.int8]] | None = None)"
    )
    assert directives.short_type(text) == "(a: Floats, b: ndarray[int8] | None = None)"
