"""What callers hand in: whatever is wrong with it is one line of `InputError`, and what is odd but clear is taken."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import Status, compile_engine, load_model, simulate
from screen.kinetics.sbml.files.text import LARGEST_BYTES, sbml_text

DECAY = "x' = -k*x; x = 1; k = 1"
SBML = """<?xml version="1.0" encoding="{0}"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
<model id="m" name="Ca\u00b2\u207a \u00b5">
<listOfParameters><parameter id="x" value="2" constant="true"/></listOfParameters></model></sbml>"""
LATIN = SBML.replace("\u207a", "+")


def calls() -> dict[str, Callable[[], Any]]:
    model = load_model(DECAY)
    engine = compile_engine(model, ["x"])
    row = engine.defaults[None]
    return {
        "text in a condition": lambda: simulate(model, [1], {"k": ["a", "b"]}),
        "a ragged condition": lambda: simulate(model, [1], {"k": [[1], [1, 2]]}),
        "text as times": lambda: simulate(model, "soon"),
        "half a step": lambda: simulate(model, [1], max_steps=10.5),
        "no step": lambda: engine.simulate([1], row, max_steps=0),
        "steps in words": lambda: engine.simulate([1], row, max_steps="many"),  # type: ignore[arg-type]
        "not a number of steps": lambda: engine.simulate([1], row, max_steps=np.nan),
        "text as parameters": lambda: engine.simulate([1], [["a", "b"]]),
        "text as states": lambda: engine.simulate([1], row, start=[["a"]]),
        "fewer than no rows": lambda: engine.parameter_rows(-1),
        "too many values": lambda: engine.parameter_rows(2, k=[1, 2, 3]),
        "text as a value": lambda: engine.parameter_rows(2, k="fast"),
        "an empty text": lambda: load_model(""),
        "blanks": lambda: load_model("  \n "),
        "bytes": lambda: load_model(DECAY.encode()),  # type: ignore[arg-type]
        "nothing": lambda: load_model(None),  # type: ignore[arg-type]
        "a null in a path": lambda: load_model("a\0b"),
        "a folder": lambda: load_model("."),
        "a loose rtol": lambda: engine.simulate([1], row, rtol=0.2),
        "no rtol": lambda: engine.simulate([1], row, rtol=0.0),
        "an unknown rtol": lambda: engine.simulate([1], row, rtol=np.nan),
        "an endless atol": lambda: engine.simulate([1], row, atol=np.inf),
        "text as atol": lambda: simulate(model, [1], atol="small"),  # type: ignore[arg-type]
        "a loose steady state": lambda: engine.steady_state(row, rtol=0.5),
        "steps of a steady state": lambda: engine.steady_state(row, max_steps=-3),
    }


@pytest.mark.parametrize("name", list(calls()))
def test_bad_input_is_one_line(name: str) -> None:
    with pytest.raises(InputError) as caught:
        calls()[name]()
    assert len(str(caught.value).splitlines()) == 1


def test_a_whole_number_may_be_written_as_a_power_of_ten() -> None:
    found = simulate(load_model(DECAY), [1], max_steps=1e5, rtol=0.1)  # type: ignore[arg-type]
    assert found["status"].item() == Status.ok


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "US-ASCII"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_may_be_in_any_declared_encoding(tmp_path: Path, encoding: str, packed: bool) -> None:
    text = LATIN if encoding == "ISO-8859-1" else SBML
    if encoding == "US-ASCII":
        text = text.replace("\u00b2", "").replace("\u00b5", "").replace("\u207a", "")
    text = text.format(encoding)
    path = tmp_path / ("m.xml.gz" if packed else "m.xml")
    content = text.encode(encoding)
    path.write_bytes(gzip.compress(content) if packed else content)
    assert sbml_text(path) == text.replace(f'encoding="{encoding}"', 'encoding="UTF-8"')
    assert load_model(path).network.parameters == ("x",)


def test_utf_16_needs_no_mark(tmp_path: Path) -> None:
    path = tmp_path / "m.xml"
    path.write_bytes(SBML.format("UTF-16").encode("utf-16-le"))
    assert "\u207a" in sbml_text(path)


def test_bytes_in_no_encoding_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "m.xml"
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(InputError, match="UTF-8"):
        load_model(path)


@pytest.mark.slow
def test_a_bomb_of_zeros_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.xml.gz"
    path.write_bytes(gzip.compress(b" " * (LARGEST_BYTES + 10)))
    with pytest.raises(InputError, match="unpacked"):
        load_model(path)


def test_half_a_gzip_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "m.xml.gz"
    path.write_bytes(gzip.compress(SBML.encode())[:-9])
    with pytest.raises(InputError, match="damaged gzip"):
        load_model(path)


def test_a_state_may_be_called_status() -> None:
    model = load_model("var status = 5; status' = -status; var b = 1; b' = -b")
    for solver in ("batch", "scipy"):
        found = simulate(model, [0, 1], rtol=1e-8, solver=solver)  # type: ignore[arg-type]
        np.testing.assert_allclose(found["status"].values[0], [5, 5 * np.exp(-1)], rtol=1e-6)
        np.testing.assert_allclose(found["b"].values[0], [1, np.exp(-1)], rtol=1e-6)
        assert found["run_status"].item() in (Status.ok, Status.reference)


@pytest.mark.slow
def test_values_before_a_failure_are_kept() -> None:
    model = load_model("x' = x^2; x = 1; y' = -y; y = 1")
    for solver in ("batch", "scipy"):
        found = simulate(model, [0, 0.5, 2, 3], rtol=1e-8, solver=solver)  # type: ignore[arg-type]
        assert not Status(found["status"].item()).solved
        np.testing.assert_allclose(found["x"].values[0, :2], [1, 2], rtol=1e-5)
        assert np.all(np.isnan(found["x"].values[0, 2:]))
    engine = compile_engine(model, ["x"])
    run = engine.simulate([0.5, 2], engine.parameter_rows(2, x=[1, 0.1]))
    assert np.isfinite(run.values[:, :, 0]).tolist() == [[True, False], [True, True]]
    assert np.isfinite(run.whole().values[:, :, 0]).tolist() == [[False, False], [True, True]]


def test_the_step_limit_keeps_what_was_reached() -> None:
    engine = compile_engine(load_model("x' = v; v' = -x; x = 1; v = 0"), ["x"])
    run = engine.simulate([1.0, 1000.0], engine.defaults[None], max_steps=100)
    assert run.status[0] == Status.max_steps
    assert run.values[0, 0, 0] == pytest.approx(np.cos(1.0), rel=1e-4)
    assert np.isnan(run.values[0, 1, 0])


def test_zeros_that_nothing_leaves_stay() -> None:
    text = "S + I -> 2 I; b*S*I; I -> R; g*I; S = 100; I = 0; R = 3; b = 1; g = 0.1; R -> S; w*R; w = 0.7"
    engine = compile_engine(load_model(text), ["I"])
    for solver in ("batch", "scipy"):
        run = engine.simulate([1e4], engine.defaults[None], solver=solver)  # type: ignore[arg-type]
        assert run.values[0, 0, 0] == 0
    rest = engine.steady_state(engine.defaults[None])
    assert rest.status[0] == Status.ok
    assert rest.state[0, engine.states.index("I")] == 0
    assert not rest.stable[0]


@pytest.mark.slow
def test_threads_may_load_antimony() -> None:
    script = """
import threading
from screen.kinetics import load_model
wrong = []
def load(k):
    for j in range(4):
        name = f"z{k}_{j}"
        if name not in load_model(f"A->B; k*A; k=0.{k + 1}; A=10; B=0; {name}=1").network.symbols:
            wrong.append(name)
threads = [threading.Thread(target=load, args=(k,)) for k in range(6)]
[t.start() for t in threads]
[t.join() for t in threads]
assert not wrong, wrong
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
