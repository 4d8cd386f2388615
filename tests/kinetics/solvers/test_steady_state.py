"""What settles is found, with its conserved totals; what does not says how it goes on."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import Engine, Status, SteadyStates, compile_engine, load_model

PK = """compartment blood=1, liver=0.3, muscle=7; species A in blood, B in liver, C in muscle; A=10; B=0; C=0
    J1: A->B; k1*A-k2*B; J2: B->C; k3*B-k4*C; J3: C->A; k5*C; k1=0.7; k2=1.3; k3=0.11; k4=0.37; k5=0.05"""
CONSERVING = {
    "compartments": (PK, {"C": 0.6532620683804267, "A": 4.678883515737731, "B": 2.494273351997993}),
    "a sink": ("J: A -> B; k*A; A=3; B=0; k=2", {"A": 0.0, "B": 3.0}),
    "far scales": (
        "J1: A->B; 1e4*A-1e4*B; J2: B->C; 1e-2*B-1e-3*C; J3: C->D; 50*C-3*D; A=1e6; B=0; C=0; D=0",
        {"A": 5597.01492537, "B": 5597.01492537, "C": 55970.1492537, "D": 932835.820896},
    ),
    "what is left depends on the way": (
        "J1: S -> ; E*S; J2: E -> ; E; S=1; E=1",
        {"S": np.exp(-1), "E": 0.0},
    ),
    "a power of time": ("J: A -> ; A*A; A = 1; K: B -> ; 0.5*(B - 3); B = 4", {"A": 0.0, "B": 3.0}),
    "a slow damped swing": ("x' = v; v' = -x - 0.01*v; x=1; v=0", {"x": 0.0, "v": 0.0}),
    "a clock that stops": ("J: -> X; piecewise(1, time < 3e4, 2); K: X -> ; X; X=0", {"X": 2.0}),
    "a clock that fades": ("J: -> X; 1 + exp(-time); K: X -> ; X; X=0", {"X": 1.0}),
}
UNSETTLED = {
    "x' = x*(1-y); y' = y*(x-1); x=2; y=1": Status.oscillates,
    "x' = 1 + x^2*y - 4*x; y' = 3*x - x^2*y; x=1.1; y=3": Status.oscillates,
    "J: -> X; k; X=0; k=1; Y'=1-Y; Y=0": Status.grows,
    "X' = X; X=1": Status.grows,
    "J: A -> B; k*(A-B); A=1; B=0; k=1e-10": Status.slow,
    "X' = sin(time) - X; X=0": Status.driven,
    "J: -> X; piecewise(1, time - 24*floor(time/24) < 1, 0); K: X -> ; X; X=0": Status.driven,
}


def settled(text: str, **settings: float) -> tuple[Engine, SteadyStates]:
    engine = compile_engine(load_model(text), [])
    return engine, engine.steady_state(engine.defaults[None], **settings)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CONSERVING))
def test_what_settles_is_found(name: str) -> None:
    text, exact = CONSERVING[name]
    engine, found = settled(text)
    assert found.status[0] == Status.ok
    for state, value in exact.items():
        assert found.state[0, engine.states.index(state)] == pytest.approx(value, rel=3e-6, abs=1e-7)


def test_a_conserved_total_is_kept_to_rounding() -> None:
    engine = compile_engine(load_model(PK), [])
    random = np.random.default_rng(0)
    rows = engine.parameter_rows(20, A=10 ** random.uniform(-2, 3, 20), k3=10 ** random.uniform(-3, 2, 20))
    found = engine.steady_state(rows)
    assert np.all(found.status == Status.ok)
    assert np.all(found.stable)
    sizes = np.array([{"A": 1.0, "B": 0.3, "C": 7.0}[name] for name in engine.states])
    np.testing.assert_allclose(found.state @ sizes, rows[:, engine.index("A")], rtol=1e-9)
    np.testing.assert_array_less(found.residual, 1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("text", list(UNSETTLED))
def test_what_does_not_settle_says_how_it_goes_on(text: str) -> None:
    _, found = settled(text)
    assert Status(found.status[0]) == UNSETTLED[text]
    assert np.all(np.isnan(found.state))
    assert Status(found.status[0]).remedy


def test_remedies_are_what_the_call_accepts() -> None:
    slow = "J: A -> B; k*(A-B); A=1; B=0; k=1e-10"
    _, found = settled(slow, longest=1e13)
    assert found.status[0] == Status.ok
    np.testing.assert_allclose(found.state[0], 0.5, rtol=1e-6)
    grows = compile_engine(load_model("J: -> X; k; X=0; k=1; Y'=1-Y; Y=0"), [])
    kept = grows.steady_state(grows.defaults[None], fixed=("X",))
    assert kept.status[0] == Status.ok
    assert dict(zip(grows.states, kept.state[0])) == pytest.approx({"X": 0.0, "Y": 1.0})
    assert "longest" in Status.slow.remedy
    assert "fixed" in Status.grows.remedy
    damped = "x' = v; v' = -x - 0.01*v; x=1; v=0"
    assert settled(damped, max_steps=500)[1].status[0] != Status.ok
    assert settled(damped, max_steps=100_000)[1].status[0] == Status.ok


def test_an_oscillation_longer_than_a_tenth_of_the_time_is_told_from_what_is_slow() -> None:
    slow = "x' = w*x*(1-y); y' = w*y*(x-1); x=2; y=1; w=3e-7"  # five times in 10^8
    assert settled(slow)[1].status[0] == Status.oscillates


def test_one_row_that_does_not_settle_leaves_the_others_alone() -> None:
    engine = compile_engine(
        load_model("x' = x*(g - y); y' = y*(x - 1) - d*(y - 0.5); x=2; y=1; g=1; d=0"), []
    )
    found = engine.steady_state(engine.parameter_rows(3, d=[1.0, 0.0, 0.5]))
    assert found.status.tolist() == [Status.ok, Status.oscillates, Status.ok]
    alone = engine.steady_state(engine.parameter_rows(1, d=1.0))
    assert np.array_equal(alone.state[0], found.state[0])


def test_a_longest_time_must_be_positive() -> None:
    with pytest.raises(InputError, match="longest"):
        settled("x' = 1 - x; x = 0", longest=0.0)
