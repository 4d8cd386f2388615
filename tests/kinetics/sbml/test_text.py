"""Imports inside the room run one way: whoever reads a file need not have read the files that use it."""

import ast
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.paths import ROOT

ROOM = ROOT / "screen" / "kinetics"


def imported(text: str, names: set[str]) -> set[str]:
    """The files of the room that a text imports, inside functions and for type checkers too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("screen.kinetics"):
            found |= {*(node.module or "").split(".")[2:], *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {part for alias in node.names for part in alias.name.split(".")[2:]}
    return found & names


def circle(texts: dict[str, str]) -> list[str] | None:
    """A circle of imports among texts by name, if there is one."""
    try:
        TopologicalSorter({name: imported(text, set(texts)) for name, text in texts.items()}).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return None


def test_no_file_imports_what_imports_it() -> None:
    texts = {path.stem: path.read_text() for path in ROOM.glob("*.py") if path.stem != "__init__"}
    assert len(texts) > 30
    assert circle(texts) is None


@pytest.mark.parametrize(
    "text",
    [
        "from .b import x",
        "from . import b",
        "import screen.kinetics.b",
        "from screen.kinetics import b",
        "from screen.kinetics.b import x",
        "def f():\n    from .b import x",
        "if TYPE_CHECKING:\n    from .b import x",
    ],
)
def test_the_guard_sees_every_form_of_import(text: str) -> None:
    found = circle({"a": text, "b": "from .a import y"})
    assert found is not None
    assert set(found) == {"a", "b"}
    assert circle({"a": text, "b": "from .c import y", "c": ""}) is None
