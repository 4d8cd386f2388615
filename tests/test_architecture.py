"""Imports run down the house, and every room says what belongs in it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "screen"
FLOOR = {
    "codegen": 0,
    "kinetics": 1,
    "pathway": 2,
    "synergy": 2,
    "runner": 3,
    "analysis": 4,
    "report": 5,
    "cli": 6,
}
SIDE = {
    "errors": 0,
    "units": 0,
    "settings": 0,
    "parts": 0,
    "mapping": 0,
    "goal": 1,
    "design": 1,
    "timing": 1,
    "measurement": 1,
    "config": 2,
}  # for `runner` and above


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a file imports, absolute, relative and `from screen import room` forms alike."""
    package = ("screen", *path.relative_to(ROOT).parts[:-1])
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("screen.")}
    return found & (FLOOR.keys() | SIDE.keys())


ROOM_FILES = sorted(path for room in FLOOR for path in (ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("path", ROOM_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downward_only(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for other in imported_rooms(path) - {room}:
        floor = FLOOR.get(other, SIDE.get(other))
        assert floor is not None
        assert floor < FLOOR[room], f"{room} (floor {FLOOR[room]}) imports {other} (floor {floor})"


@pytest.mark.parametrize("side", sorted(SIDE))
def test_side_modules_import_no_room(side: str) -> None:
    assert not imported_rooms(ROOT / f"{side}.py") & FLOOR.keys()


@pytest.mark.parametrize("room", sorted(FLOOR))
def test_every_room_says_what_belongs_in_it(room: str) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text()))
    assert docstring is not None
    assert len(docstring) > 60


def test_the_guard_sees_every_form_of_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = ROOT / "kinetics" / "__init__.py"
    for text in (
        "from screen import cli",
        "from screen.cli import x",
        "import screen.cli",
        "from .. import cli",
        "from ..cli import x",
    ):
        node = ast.parse(text)
        monkeypatch.setattr(ast, "parse", lambda *_args, node=node, **_kwargs: node)
        assert imported_rooms(sample) == {"cli"}
        monkeypatch.undo()
