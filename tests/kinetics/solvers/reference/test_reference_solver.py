"""SciPy's solvers, one after the other."""

import numpy as np
import pytest
import scipy

from screen.kinetics import compile_engine, load_model
from screen.kinetics.status import Status


def test_where_lsoda_crawls_radau_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Crawling(scipy.integrate.LSODA):  # type: ignore[misc]
        def __init__(self, *given: object, **options: object) -> None:
            super().__init__(*given, **options | {"max_step": 1e-6})

    monkeypatch.setattr(scipy.integrate, "LSODA", Crawling)
    engine = compile_engine(load_model("S1 -> S2; k * S1; S1 = 10; S2 = 0; k = 0.1"), ["S1"])
    found = engine.simulate([10], [engine.defaults], rtol=1e-8, atol=1e-11, solver="scipy", max_steps=500)
    assert found.status.tolist() == [Status.reference]
    np.testing.assert_allclose(found.values, 10 * np.exp(-1), rtol=1e-6)
