"""Sums of steady states backwards: exact for a chain, with a state that is held, and where a total is conserved."""

import numpy as np
import pytest

from screen.kinetics import load_model
from screen.kinetics.engine import kept_engine
from screen.kinetics.solvers.slopes.settled_back import settled_back
from screen.kinetics.solvers.slopes.settled_slopes import settled_slopes

CHAIN = load_model(
    "J1: -> S; k1; J2: S -> ; k2*S; J3: S -> S + T; k3*S; J4: T -> ; k4*T; log_n' = r*T; log_n = 0;"
    "S = 1; T = 1; k1 = 3; k2 = 2; k3 = 0.5; k4 = 0.25; r = 0.1"
)
NAMES = ("k1", "k2", "k3", "k4", "r")


def test_a_held_state_s_rate_and_the_others_turn_as_the_formula_says() -> None:
    """S = k1 / k2, T = k1 k3 / (k2 k4), the rate of log_n is r T."""
    engine = kept_engine(CHAIN, ("T",), NAMES, adjoint=True)
    rows = np.repeat(np.array(engine.defaults)[None], 2, axis=0)
    rows[1, engine.index("k4")] = 0.5
    state = engine.steady_state(rows, fixed=("log_n",), stability=False).state
    counts = np.zeros((2, len(engine.states)))
    counts[:, engine.states.index("S")] = 2.0
    found = settled_back(engine, rows, state, counts, ("log_n",), np.full((2, 1), 10.0))
    k1, k2, k3, k4, r = (rows[:, engine.index(name)] for name in NAMES)
    growth = r * k1 * k3 / (k2 * k4)
    exact = [
        2 / k2 + 10 * growth / k1, -2 * k1 / k2**2 - 10 * growth / k2, 10 * growth / k3, -10 * growth / k4,
        10 * growth / r,
    ]  # fmt: skip
    np.testing.assert_allclose(found, np.transpose(exact), rtol=1e-5)


def test_a_row_without_a_state_counts_nothing_known() -> None:
    engine = kept_engine(CHAIN, ("T",), NAMES, adjoint=True)
    rows = np.array(engine.defaults)[None]
    lost = np.full((1, len(engine.states)), np.nan)
    found = settled_back(engine, rows, lost, np.ones_like(lost), ("log_n",))
    assert np.isnan(found).all()


def test_where_a_total_is_conserved_it_is_what_the_sensitivities_say() -> None:
    model = load_model("A -> B; ka*A; B -> A; kb*B; A = 3; B = 1; ka = 0.4; kb = 0.2")
    engine = kept_engine(model, ("B",), ("ka", "kb", "A"), adjoint=True)
    rows = np.array(engine.defaults)[None]
    state = engine.steady_state(rows, stability=False).state
    counts = np.array([[1.0, -2.0]])
    found = settled_back(engine, rows, state, counts)
    forwards = settled_slopes(engine, rows, state, 1e8, rows)
    np.testing.assert_allclose(found[0], forwards[0] @ counts[0])
    share = 0.2 / 0.6
    assert found[0, 2] == pytest.approx((share - 2 * (1 - share)), rel=1e-6)
