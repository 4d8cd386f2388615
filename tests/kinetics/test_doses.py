"""Doses against closed forms and against the same doses as events."""

from collections.abc import Callable

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import Dose, Status, compile_engine, load_model, simulate

ORAL = "J1: D -> A; ka*D; J2: A -> ; ke*A; D = 0; A = 0; ka = 0.5; ke = 0.1"


def oral(t: np.ndarray, amount: float) -> np.ndarray:
    """A after one dose at time 0."""
    later = np.maximum(t, 0.0)
    return np.where(t > 0, amount * 0.5 / 0.4 * (np.exp(-0.1 * later) - np.exp(-0.5 * later)), 0.0)


@pytest.mark.parametrize("solver", ["batch", "scipy"])
def test_repeated_doses_add_up(solver: str) -> None:
    engine = compile_engine(load_model(ORAL), ["A"])
    times = np.linspace(0, 120, 61)
    doses = [Dose("D", [10.0, 0.0, 3.0], time=1.0, every=24.0, times=5), Dose("D", 2.0)]
    found = engine.simulate(
        times,
        engine.parameter_rows(3),
        rtol=1e-9,
        atol=1e-12,
        solver=solver,
        doses=doses,  # type: ignore[arg-type]
    )
    assert np.all(found.status <= Status.reference)
    for row, amount in enumerate((10.0, 0.0, 3.0)):
        exact = oral(times, 2.0) + sum(oral(times - 1 - 24 * k, amount) for k in range(5))
        np.testing.assert_allclose(found.values[row, :, 0], exact, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_doses_are_what_the_same_events_are() -> None:
    events = "".join(f"at (time >= {t}): D = D + 10;" for t in (1, 25, 49, 73, 97))
    network = """J1: D -> A; ka*D; J2: A -> ; ke*A; J3: A + R -> RA; kon*A*R - koff*RA; J4: RA -> R; ki*RA
        D = 0; A = 0; R = 10; RA = 0; ka = 0.5; ke = 0.1; kon = 0.2; koff = 0.05; ki = 0.02"""
    times = np.linspace(0, 120, 13) + 0.5
    expected = simulate(load_model(network + "\n" + events), times, rtol=1e-9, atol=1e-12)
    found = simulate(
        load_model(network), times, rtol=1e-9, atol=1e-12, doses=[Dose("D", 10.0, time=1, every=24, times=5)]
    )
    for name in ("D", "A", "R", "RA"):
        np.testing.assert_allclose(found[name].values, expected[name].values, rtol=1e-5, atol=1e-8)


def test_an_amount_is_spread_over_its_compartment() -> None:
    model = load_model(
        "compartment c = 4; species S in c; substanceOnly species T in c; S = 1; T = 1; J: S -> T; 0*S"
    )
    engine = compile_engine(model, ["S", "amount(S)", "T"])
    rows = engine.parameter_rows(2, c=[4.0, 0.5])
    found = engine.simulate([0.5, 1.0, 2.0], rows, doses=[Dose("S", 2.0, time=1.0), Dose("T", 3.0, time=1.0)])
    np.testing.assert_allclose(found.values[:, 0], found.values[:, 1])  # at its time, before it
    np.testing.assert_allclose(found.values[:, 2, 0], [1.5, 5.0])
    np.testing.assert_allclose(found.values[:, 2, 1] - found.values[:, 1, 1], 2.0)
    np.testing.assert_allclose(found.values[:, 2, 2] - found.values[:, 1, 2], 3.0)


def test_doses_go_with_segments_and_with_the_clock() -> None:
    engine = compile_engine(
        load_model("x' = u + piecewise(1, time >= 5 && time < 5.5, 0); x = 0; u = 0"), ["x"]
    )
    off, on = engine.parameter_rows(1), engine.parameter_rows(1, u=1.0)
    found = engine.simulate_sequence(
        [2.0, 10.0],
        [(0, off), (2, on), (4, off)],
        doses=[Dose("x", 10.0, time=3.0), Dose("x", 1.0, time=2.0)],
    )
    np.testing.assert_allclose(found.values[0, :, 0], [0, 13.5], rtol=1e-6)


BAD: dict[str, Callable[[], object]] = {
    "no such state": lambda: simulate(load_model(ORAL), [1], doses=[Dose("E", 1)]),
    "must be a number or 1": lambda: simulate(load_model(ORAL), [1], doses=[Dose("D", [1, 2])]),
    "0 or more": lambda: Dose("D", 1, time=-1),
    "interval": lambda: Dose("D", 1, times=2),
    "must be numbers": lambda: Dose("D", "much"),
    "must be finite": lambda: Dose("D", np.nan),
    "are the most": lambda: Dose("D", 1, every=1, times=10**7),
    "whole number": lambda: Dose("D", 1, every=1, times=0),
}


@pytest.mark.parametrize("word", list(BAD))
def test_a_bad_dose_is_one_line(word: str) -> None:
    with pytest.raises(InputError, match=word) as caught:
        BAD[word]()
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.slow
def test_a_dose_may_trigger_an_event_and_an_event_may_wait_over_a_dose() -> None:
    text = "J: D -> ; 0.1*D; D = 0; n = 0; m = 0; at (D > 5): n = n + 1; at 3 after (time >= 1): m = D"
    found = simulate(
        load_model(text), [1.5, 2.5, 5, 12], readouts=["n", "m"], rtol=1e-8, atol=1e-11,
        doses=[Dose("D", 10.0, time=2.0, every=8.0, times=2)],
    )  # fmt: skip
    assert found["n"].values[0].tolist() == [0, 1, 1, 2]
    np.testing.assert_allclose(
        found["m"].values[0], [0, 0, 0, 0], atol=1e-6
    )  # D as it was when the wait began
