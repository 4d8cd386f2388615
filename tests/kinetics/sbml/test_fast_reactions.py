"""Fast reactions: refused, by their laws, or in equilibrium."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import UnsupportedModel, load_model, simulate
from screen.kinetics.sbml import libsbml

TEXT = """compartment cell = 2; species A in cell, B in cell, C in cell
    fast: A -> B; cell*(k1*A - k2*B); slow: B -> C; cell*k*B
    A = 10; B = 0; C = 0; k1 = 3; k2 = 1; k = 0.4; at (time >= 1): A = A + 4"""


def marked(text: str = TEXT) -> str:
    """SBML whose reaction `fast` is marked so."""
    document = libsbml.readSBMLFromString(load_model(text).sbml)
    document.setLevelAndVersion(3, 1, False)
    document.getModel().getReaction("fast").setFast(True)
    return str(libsbml.writeSBMLToString(document))


@pytest.mark.slow
def test_they_are_refused_unless_asked_for() -> None:
    with pytest.raises(UnsupportedModel, match="fast reactions are not supported"):
        load_model(marked())
    found = simulate(load_model(marked(), "as written"), [0, 2], readouts=["A", "B"])
    usual = simulate(load_model(TEXT), [0, 2], readouts=["A", "B"])
    np.testing.assert_allclose(found["A"], usual["A"])


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["batch", "scipy"])
def test_an_equilibrium_is_there_from_the_start_and_after_events(solver: str) -> None:
    """B is three quarters of A and B together, which decay at 0.4 x 3/4."""
    times = [0.0, 0.5, 1.5, 3.0]
    found = simulate(
        load_model(marked(), "equilibrium"),
        times,
        readouts=["A", "B"],
        solver=solver,
        rtol=1e-8,
        atol=1e-10,  # type: ignore[arg-type]
    )
    whole = [10 * np.exp(-0.3 * t) + (4 * np.exp(-0.3 * (t - 1)) if t > 1 else 0) for t in times]
    np.testing.assert_allclose(found["B"].values[0], 0.75 * np.array(whole), rtol=1e-5)
    np.testing.assert_allclose(found["A"].values[0], 0.25 * np.array(whole), rtol=1e-5)


def test_a_model_without_them_stays_as_it_is_and_a_name_in_use_is_one_line() -> None:
    assert load_model(load_model(TEXT).sbml, "equilibrium").sbml == load_model(TEXT).sbml
    with pytest.raises(InputError, match="a symbol 'fast_reaction_factor' already"):
        load_model(marked(TEXT + "\n fast_reaction_factor = 1"), "equilibrium")
