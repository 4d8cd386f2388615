"""Small models with exact answers that lie beside the checkout, one test each."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import screen
from screen.kinetics import Model, Status, compile_engine, load_model, sensitivities, simulate


def last(model: Model, end: float, name: str = "X", **settings: float) -> float:
    """A readout at the end, by the engine, which must have solved it itself."""
    engine = compile_engine(model, [name])
    found = engine.simulate([end / 3, end], engine.defaults[None], **settings)
    assert found.status[0] == Status.ok
    return float(found.values[0, -1, 0])


def pulse_from_rest(model: Model) -> None:
    for rtol in (1e-3, 1e-6, 1e-10):
        assert last(model, 100.0, rtol=rtol, atol=rtol * 1e-3) == pytest.approx(0.5, rel=rtol)


def smooth_forcing_from_rest(model: Model) -> None:
    assert last(model, 10.0) == pytest.approx(np.pi / 2, rel=1e-5)


def dose(model: Model) -> None:
    settled = 10 / 0.01 * (1 - np.exp(-0.01 * 0.5)) * np.exp(-0.01 * (72 - 50.5))
    assert last(model, 72.0) == pytest.approx(settled, rel=1e-5)


def jump_stiff(model: Model) -> None:
    engine = compile_engine(model, ["X"])
    found = engine.simulate([4.0, 5.001, 10.0], engine.defaults[None], rtol=1e-8, atol=1e-12, retry=False)
    assert found.status[0] == Status.ok
    np.testing.assert_allclose(found.values[0, :, 0], [0, 1 - np.exp(-1), 1], rtol=1e-6, atol=1e-12)


def three_compartments(model: Model) -> None:
    engine = compile_engine(model, [])
    found = engine.steady_state(engine.defaults[None])
    assert found.status[0] == Status.ok
    b, a = (
        (0.05 + 0.37) / 0.11,
        (0.05 + 1.3 * (0.05 + 0.37) / 0.11) / 0.7,
    )  # in units of C: all flows are equal
    exact = {"C": 10 / (a + 0.3 * b + 7)}
    exact |= {"A": a * exact["C"], "B": b * exact["C"]}
    np.testing.assert_allclose(found.state[0], [exact[name] for name in engine.states], rtol=1e-5)


def switch_time_sensitivity(model: Model) -> None:
    rows = compile_engine(model, ["X"]).defaults[None]
    found = sensitivities(model, ["X"], ["t0"], [0.5, 3.0], rows)
    np.testing.assert_allclose(found.slopes[0, :, 0, 0], [0, -1], atol=1e-8)


def status_state(model: Model) -> None:
    found = simulate(model, [0, 1], rtol=1e-8)
    np.testing.assert_allclose(found["status"].values[0], [5, 5 * np.exp(-1)], rtol=1e-6)


def short_event(model: Model) -> None:
    assert simulate(model, [0, 1000], readouts=["hit"])["hit"].values[0].tolist() == [0, 1]


CASES: dict[str, Callable[[Model], None]] = {
    made.__name__: made
    for made in (
        pulse_from_rest,
        smooth_forcing_from_rest,
        dose,
        jump_stiff,
        three_compartments,
        switch_time_sensitivity,
        status_state,
        short_event,
    )
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CASES))
def test_the_case_has_its_exact_answer(name: str, shared: Path) -> None:
    path = shared / "engine-cases" / f"{name}.ant"
    if not path.is_file():
        pytest.skip("the cases are not beside the checkout")
    CASES[name](load_model(path))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "model", "readout"), [("own_pulse", "dose", "X"), ("own_steady_state", "pk", "inC")]
)
def test_a_screen_of_the_case_has_numbers(
    name: str, model: str, readout: str, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = shared / "engine-cases"
    if not (cases / f"{name}.yaml").is_file():
        pytest.skip("the cases are not beside the checkout")
    for file in (f"{name}.yaml", f"{model}.ant"):
        (tmp_path / file).write_bytes((cases / file).read_bytes())
    monkeypatch.chdir(tmp_path)
    cube = screen.run(screen.load_config(tmp_path / f"{name}.yaml"), output=tmp_path / "cube.h5")
    values = cube[readout].values
    assert np.all(values > 1e-3)
    assert np.ptp(values) > 0.1
    assert np.all(cube["status"].values == 0)
