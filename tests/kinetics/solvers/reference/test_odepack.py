"""LSODA in one call, by SciPy's machine code alone and by its public function."""

import subprocess
import sys

import numpy as np
import pytest

from screen.kinetics.solvers.reference import odepack

TIMES = np.array([0.0, 0.5, 2.0])


def solved() -> tuple[np.ndarray, int] | None:
    return odepack.lsoda(
        lambda _t, y: np.array([-100 * y[0] + y[1], -y[1]]),
        lambda _t, _y: np.array([[-100.0, 1.0], [0.0, -1.0]]),
        np.array([1.0, 1.0]),
        TIMES,
        1e-9,
        1e-12,
        5000,
    )


def test_the_machine_code_alone_gives_what_the_public_function_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    found = solved()
    monkeypatch.setattr(odepack, "_loaded", lambda: None)
    public = solved()
    assert found is not None
    assert public is not None
    np.testing.assert_array_equal(found[0], public[0])
    assert found[1] == public[1] > 10
    np.testing.assert_allclose(found[0][:, 1], np.exp(-TIMES), rtol=1e-7)


@pytest.mark.parametrize("most", [500, 20_000])
def test_what_grows_without_end_is_none_whether_lsoda_notices_or_not(most: int) -> None:
    with np.errstate(all="ignore"):
        found = odepack.lsoda(
            lambda _t, y: y**3 + 50 * y,
            lambda _t, y: np.diag(3 * y**2 + 50),
            np.array([1.0]),
            np.array([0.0, 0.01, 24.0]),
            1e-6,
            1e-9,
            most,
        )
    assert found is None


def test_the_rest_of_scipy_integrate_is_not_loaded() -> None:
    loaded = "print(odepack._loaded(), 'scipy.integrate' in sys.modules)"
    code = f"import sys; from screen.kinetics.solvers.reference import odepack; {loaded}"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert said.endswith(" False\n")
    assert "_odepack" in said
