"""The cache on disk: found again, rebuilt when damaged, never loaded when another's."""

import ast
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from screen.kinetics import Engine, Model, compile_engine, load_model
from screen.kinetics.compiler import compiled as compiled_module
from screen.kinetics.compiler.cache import cache_folder, generator_sources
from tests.paths import ROOT

TEXT = "S1 -> S2; k * S1; S1 = 10; S2 = 0; k = 0.{}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HERSCREEN_CACHE", str(tmp_path))
    return cache_folder()


def result(engine: Engine) -> np.ndarray:
    return engine.simulate([1.0], engine.defaults[None]).values


def compiled(monkeypatch: pytest.MonkeyPatch, text: str = TEXT.format(1)) -> tuple[Engine, int]:
    """The engine, and how often the compiler ran for it."""
    calls = []
    original = compiled_module.compile_object
    monkeypatch.setattr(compiled_module, "compile_object", lambda ir: (calls.append(1), original(ir))[1])
    engine = compile_engine(load_model(text), ["S2"])
    monkeypatch.setattr(compiled_module, "compile_object", original)
    return engine, len(calls)


@pytest.mark.slow
def test_second_time_is_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, built = compiled(monkeypatch)
    assert built == 1
    second, built = compiled(monkeypatch)
    assert built == 0
    assert np.array_equal(result(first), result(second))
    assert second.states == first.states
    assert second.layout == first.layout
    assert compiled(monkeypatch, TEXT.format(2))[1] == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.iterdir())) == 2


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "foreign text"])
def test_damaged_entry_is_rebuilt(folder: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    first, _ = compiled(monkeypatch)
    (entry,) = folder.iterdir()
    raw = bytearray(entry.read_bytes())
    if damage == "cut":
        raw = raw[: len(raw) // 2]
    elif damage == "flip":
        raw[len(raw) // 2] ^= 1
    elif damage == "empty":
        raw = bytearray()
    else:
        raw = bytearray(b"something else")
    entry.write_bytes(raw)
    second, built = compiled(monkeypatch)
    assert built == 1
    assert np.array_equal(result(first), result(second))
    assert compiled(monkeypatch)[1] == 0


def test_a_cached_model_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compile_engine(Model(TEXT.format(1)), ["S2"])
    monkeypatch.setattr(
        "screen.kinetics.sbml.files.text.sbml_of_antimony", lambda text: pytest.fail("read again")
    )
    second = compile_engine(Model(TEXT.format(1)), ["S2"])
    assert np.array_equal(result(first), result(second))
    assert second.model.sbml == first.model.sbml


@pytest.mark.slow
def test_another_version_of_antimony_makes_an_entry_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_engine(Model(TEXT.format(1)), ["S2"])
    monkeypatch.setattr("screen.kinetics.compiler.cache.reader_of", lambda text: "another version")
    compile_engine(Model(TEXT.format(1)), ["S2"])
    assert len(list(folder.iterdir())) == 2


CODELESS = {
    "arrays", "errors", "files", "kinetics", "kinetics.checks", "kinetics.errors",
}  # fmt: skip
"""Modules that a compiler imports and that decide neither code nor facts: types, checks of arguments, errors, writing
files.
"""


def source(name: str) -> Path | None:
    """The file of a module of `screen`, its name without `screen.`; None for what is no module."""
    base = ROOT / "screen" / name.replace(".", "/")
    return next((file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()), None)


def imported(file: Path) -> set[str]:
    """What a file imports of `screen`, anywhere in it: names without `screen.`."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.removeprefix("screen.") for name in found if name.startswith("screen.")}


def test_an_entry_belongs_to_every_module_that_its_compiler_reads() -> None:
    reached, waiting = set[Path](), {"kinetics.compiler.compiled", "kinetics.model"}
    while waiting:
        name = waiting.pop()
        file = source(name)
        if file is not None and file not in reached and name not in CODELESS:
            reached.add(file)
            waiting |= imported(file)
    assert not reached - set(generator_sources()), "what writes code, and its folder is not in the digest"
    assert {
        source(name) for name in ("kinetics.sbml.files.text", "codegen.ir", "kinetics.sbml.reader")
    } <= reached


def test_a_folder_open_to_others_is_closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    compiled(monkeypatch)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
@pytest.mark.parametrize("what", ["entry", "folder"])
def test_what_belongs_to_another_is_not_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    compiled(monkeypatch)
    (entry,) = folder.iterdir()
    os.chown(entry if what == "entry" else folder, 12345, 12345)
    assert compiled(monkeypatch)[1] == 1


@pytest.mark.slow
def test_a_link_in_place_of_an_entry_is_not_followed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled(monkeypatch)
    (entry,) = folder.iterdir()
    aside = tmp_path / "aside"
    entry.rename(aside)
    entry.symlink_to(aside)
    assert compiled(monkeypatch)[1] == 1


def test_no_cache_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("HERSCREEN_CACHE", str(blocked))
    assert compiled(monkeypatch)[1] == 1


@pytest.mark.slow
def test_many_processes_may_share_a_folder(folder: Path) -> None:
    script = (
        "from screen.kinetics import *\n"
        f"e = compile_engine(load_model({TEXT.format(3)!r}), ['S2'])\n"
        "print(e.simulate([1.0], e.defaults[None]).values[0, 0, 0].hex())\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    printed = {process.communicate(timeout=60)[0] for process in running}
    assert len(printed) == 1
    assert len(list(folder.iterdir())) == 1


@pytest.mark.slow
def test_reloading_is_fast(cascade: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(cascade, Model)
    compile_engine(cascade, ["Ep"])
    best = min(_seconds(cascade) for _ in range(5))
    assert best < 0.05


def _seconds(model: object) -> float:
    begin = time.process_time()
    compile_engine(model, ["Ep"])  # type: ignore[arg-type]
    return time.process_time() - begin
