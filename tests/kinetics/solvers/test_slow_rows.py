"""Rows that only the slow solver takes are told, and one that blows up ends soon."""

import logging

import numpy as np
import pytest

from screen.kinetics import load_model
from screen.kinetics.engine import compile_engine
from screen.kinetics.solvers import slow_rows
from screen.kinetics.solvers.slow_rows import told
from screen.kinetics.status import Status

BLOWS_UP = "J1: -> S; k1*S^3; J2: S -> ; -50*S; k1 = 1; S = 1"


def test_how_many_rows_are_done_is_told_ever_more_rarely(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(slow_rows.time, "monotonic", lambda: float(next(clock)))
    with caplog.at_level(logging.WARNING):
        assert list(told(range(20))) == list(range(20))
    assert [record.args for record in caplog.records] == [(3, 20, 40.0), (8, 20, 90.0), (18, 20, 190.0)]


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["batch", "scipy"])
@pytest.mark.parametrize("more", ["", "; at S > 1e300: k1 = 2"])
def test_a_model_that_blows_up_ends_in_a_few_thousand_steps(solver: str, more: str) -> None:
    engine = compile_engine(load_model(BLOWS_UP + more), ["S"])
    found = engine.simulate([0.0, 0.01, 24.0], engine.parameter_rows(1), solver=solver)  # type: ignore[arg-type]
    assert found.status[0] in (Status.step_too_small, Status.not_finite)
    assert found.steps[0] < 4000
    assert np.isfinite(found.values[0, :2]).all()
    assert np.isnan(found.values[0, 2]).all()
