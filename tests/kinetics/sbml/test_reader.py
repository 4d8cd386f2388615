"""What SBML says and the reader makes of it."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import Status, UnsupportedModel, compile_engine, load_model, simulate
from screen.kinetics.sbml.dependency_order import ordered

SOLVERS = ["batch", "scipy"]


def final(text: str, readout: str, solver: str, time: float = 1.0, **conditions: float) -> float:
    found = simulate(
        load_model(text),
        [time],
        conditions,
        [readout],
        rtol=1e-9,
        atol=1e-12,
        solver=solver,  # type: ignore[arg-type]
    )
    assert found["status"].item() <= 2
    return float(found[readout].item())


@pytest.mark.slow
@pytest.mark.parametrize("solver", SOLVERS)
def test_compartments_scale_rates(solver: str) -> None:
    text = """
      compartment big = 4, small = 0.5
      species A in big, B in small
      substanceOnly species C in small
      A = 3; B = 0; C = 1
      J: A -> B + C; 0.2 * A * big
    """
    left = 3 * np.exp(-0.2)
    moved = 4 * (3 - left)
    assert final(text, "A", solver) == pytest.approx(left, rel=1e-8)
    assert final(text, "B", solver) == pytest.approx(moved / 0.5, rel=1e-8)
    assert final(text, "amount(B)", solver) == pytest.approx(moved, rel=1e-8)
    assert final(text, "C", solver) == pytest.approx(1 + moved, rel=1e-8)
    assert final(text, "concentration(C)", solver) == pytest.approx((1 + moved) / 0.5, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_growing_compartment_dilutes(solver: str) -> None:
    text = "compartment c; c = 2; c' = 0.3 * c; species S in c; S = 5; S -> ; 0.1 * S * c"
    assert final(text, "S", solver) == pytest.approx(5 * np.exp(-0.4), rel=1e-8)
    assert final(text, "amount(S)", solver) == pytest.approx(10 * np.exp(-0.1), rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("solver", SOLVERS)
def test_rules_assignments_functions_and_piecewise(solver: str) -> None:
    text = """
      function hill(x, K, n)
        x^n / (K^n + x^n)
      end
      a = 2; b = 3 * a; u := hill(x, b, 1.7) + c
      c := piecewise(1, x > 4, 0.5)
      x' = 1 - 0.1 * x; x = a
      y = 2 * x; z := y + rest; rest = 1
    """
    x = 10 - 8 * np.exp(-0.1 * 5)
    assert final(text, "x", solver, 5.0) == pytest.approx(x, rel=1e-8)
    assert final(text, "u", solver, 5.0) == pytest.approx(x**1.7 / (6**1.7 + x**1.7) + 1, rel=1e-8)
    assert final(text, "z", solver, 5.0) == pytest.approx(5.0)
    assert final(text, "b", solver, 5.0, a=5.0) == pytest.approx(15.0)


@pytest.mark.parametrize("solver", SOLVERS)
def test_conditions_set_start_values(solver: str) -> None:
    found = simulate(
        load_model("S -> P; k * S; S = 1; P = 0; k = 0.5"),
        [0.0, 2.0],
        {"S": [1.0, 3.0], "k": 0.7},
        ["S", "P"],
        rtol=1e-8,
        solver=solver,  # type: ignore[arg-type]
    )
    assert found["S"].dims == ("condition", "time")
    np.testing.assert_allclose(found["S"].values[:, 1], [np.exp(-1.4), 3 * np.exp(-1.4)], rtol=1e-6)
    np.testing.assert_allclose((found["S"] + found["P"]).values, [[1, 1], [3, 3]])
    assert "flag_meanings" in found["status"].attrs


@pytest.mark.slow
@pytest.mark.parametrize("solver", SOLVERS)
def test_events_by_time_and_by_state(solver: str) -> None:
    model = load_model("x' = -x; x = 1; at (time > 1): x = x + 2; at (x < 0.6), t0=false: y = 1; y = 0")
    settings = {"rtol": 1e-9, "atol": 1e-12, "solver": solver}
    found = simulate(model, [0.0, 0.999, 2.0], readouts=["x", "y"], **settings)  # type: ignore[arg-type]
    assert found["x"].values[0] == pytest.approx([1, np.exp(-0.999), (np.exp(-1) + 2) * np.exp(-1)], rel=1e-6)
    assert found["y"].values[0].tolist() == [0.0, 1.0, 1.0]
    assert found["status"].item() == {"batch": Status.ok, "scipy": Status.reference}[solver]


@pytest.mark.slow
def test_an_event_may_ask_for_a_rate() -> None:
    model = load_model("x' = -x; x = 1; y = 0; at (rateOf(x) > -0.5): y = 1 + rateOf(x)")
    found = simulate(model, [0.69, 0.70], readouts=["y"], rtol=1e-9, atol=1e-12)
    assert found["y"].values[0] == pytest.approx([0.0, 0.5], abs=1e-6)


def test_elements_without_mathematics_say_nothing() -> None:
    text = load_model("x = 2; y := x; x' = 1; at (x > 2.5): x = 0").sbml
    for element in ("assignmentRule", "rateRule", "trigger"):
        head, rest = text.split(f"<{element}", 1)
        body, tail = rest.split(f"</{element}>", 1)
        text = f"{head}<{element}{body.split('<math')[0]}</{element}>{tail}"
    found = simulate(load_model(text), [1.0], {"y": 3.0}, readouts=["x", "y"])
    assert (found["x"].item(), found["y"].item()) == (2.0, 3.0)


def test_more_steps_are_taken_when_asked_for() -> None:
    model = load_model("x' = 50*y; y' = -50*x; x = 1; y = 0")
    few = simulate(model, [10.0], readouts=["x"], max_steps=50)
    assert few["status"].item() == Status.max_steps
    enough = simulate(model, [10.0], readouts=["x"], max_steps=20_000, rtol=1e-6)
    assert enough["x"].item() == pytest.approx(np.cos(500), abs=1e-3)


@pytest.mark.slow
def test_the_limit_on_steps_grows_with_events() -> None:
    model = load_model("x' = 1; x = 0; n = 0; at (x > 0.01): x = 0, n = n + 1")
    found = simulate(model, [0.995], readouts=["n"], max_steps=50)
    assert found["n"].item() == 99


@pytest.mark.slow
def test_a_priority_decides_and_a_delay_waits() -> None:
    text = """
      x = 0; x' = 1; y = 0; z = 0
      at (x > 1), priority = 1, fromTrigger = false: y = y * 10 + 1
      at (x > 1), priority = 5, fromTrigger = false: y = y * 10 + 5
      at 2 after (x > 1): z = x
    """
    found = simulate(load_model(text), [1.5, 2.5, 3.5], readouts=["y", "z"], rtol=1e-9, atol=1e-12)
    assert found["y"].values[0].tolist() == [51.0, 51.0, 51.0]
    assert found["z"].values[0] == pytest.approx([0, 0, 1], abs=1e-6)


def test_conditions_that_cannot_be_are_named() -> None:
    model = load_model("S -> ; k * S; S = 1; k = 0.5; u := 2 * k")
    for conditions, word in (
        ({"K_": 1.0}, "no parameter or species 'K_'"),
        ({"u": 1.0}, "computed"),
        ({"k": [1.0, 2.0], "S": [1.0]}, "differ in length"),
        ({"k": [[1.0]]}, "number or a list"),
    ):
        with pytest.raises(InputError, match=word):
            simulate(model, [1.0], conditions)
    with pytest.raises(InputError, match="readout 'time'"):
        simulate(model, [1.0], readouts=["time"])
    for solver in ("batch", "scipy"):
        with pytest.raises(InputError, match="must be positive"):
            simulate(model, [1.0], rtol=0.0, solver=solver)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown solver"):
        simulate(model, [1.0], solver="cvode")  # type: ignore[arg-type]


def test_names_in_order_of_need() -> None:
    assert ordered({"c": ["b"], "b": ["a"], "a": []}) == ["a", "b", "c"]
    with pytest.raises(InputError, match="b -> c -> b"):
        ordered({"a": ["b"], "b": ["c"], "c": ["b"]})


def test_public_names_are_functions_whatever_was_imported_before() -> None:
    import importlib

    import screen.kinetics as package

    for name in package.__all__:
        importlib.import_module(f"screen.kinetics.{package._HOME[name]}")
        assert callable(getattr(package, name))


def test_docstrings_are_true() -> None:
    import doctest

    from screen.kinetics import model, simulation

    assert doctest.testmod(simulation).failed == 0
    assert doctest.testmod(model).failed == 0


@pytest.mark.slow
def test_a_concentration_set_with_its_compartment_is_an_amount_in_the_old_size() -> None:
    """The SBML Test Suite's case 01779 says so of a species; under a rate rule it is the same."""
    text = """compartment c; c = 0.5; species S in c, T in c; S = 2; T = 2; T' = 0; J: $S -> ; 0
        at (time >= 1): S = 0.2, T = 0.2, c = 0.2"""
    for solver in SOLVERS:
        found = simulate(load_model(text), [2.0], readouts=["S", "T", "amount(T)"], solver=solver)  # type: ignore[arg-type]
        assert [found[name].item() for name in ("S", "T", "amount(T)")] == pytest.approx([0.5, 0.5, 0.1])


@pytest.mark.slow
def test_the_rate_of_a_local_parameter_is_zero_whatever_it_shadows() -> None:
    text = load_model("k = 1; k' = 3; S = 0; J: -> S; 2 + rateOf(k)").sbml
    local = '<listOfLocalParameters><localParameter id="k" value="7"/></listOfLocalParameters></kineticLaw>'
    found = simulate(load_model(text.replace("</kineticLaw>", local)), [1.0], readouts=["S"])
    assert found["S"].item() == pytest.approx(2.0)
    assert final(text, "S", "batch") == pytest.approx(5.0)


def test_delay_is_the_method_of_steps() -> None:
    """x' = -x(t - 1), x = 1 before: 1 - t up to 1, then 1 - t + (t - 1)^2 / 2; an event's jump comes back later."""
    text = "x = 1; x' = -delay(x, 1); y := delay(z, 0.5); z = 0; at (time >= 2): z = 4"
    found = simulate(load_model(text), [0.0, 0.7, 1.8, 2.4, 2.6], readouts=["x", "y"], rtol=1e-9, atol=1e-12)
    assert found["status"].item() == Status.reference
    exact = [1, 0.3, 1 - 1.8 + 0.8**2 / 2]
    np.testing.assert_allclose(found["x"].values[0, :3], exact, rtol=1e-6)
    assert found["y"].values[0].tolist() == [0, 0, 0, 0, 4]
    with pytest.raises(UnsupportedModel, match="delay"):
        compile_engine(load_model(text), ["x"])
