"""Constants of a model replaced by functions of time."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import compile_engine, load_model
from screen.kinetics.sbml.files.text import sbml_text
from screen.kinetics.sbml.forcing import with_driven

TEXT = sbml_text("x' = u - x; x = 0; u = 2; v := 2 * u; w = 3 * u;")


@pytest.mark.slow
def test_a_driven_parameter_stays_what_it_was() -> None:
    plain, driven = (
        compile_engine(load_model(text), ["x", "v"]) for text in (TEXT, with_driven(TEXT, ["u"]))
    )
    values = [
        engine.simulate([1.0, 3.0], engine.defaults[None], rtol=1e-9).values for engine in (plain, driven)
    ]
    np.testing.assert_allclose(values[0], values[1], rtol=1e-9)


def test_decay_and_slope_are_their_closed_forms() -> None:
    engine = compile_engine(load_model(with_driven(TEXT, ["u"])), ["x", "u"])
    rows = engine.parameter_rows(
        2, u_level=[2.0, 0.0], u_decay=[0.3, 0.0], u_slope=[0.0, 0.5], u_since=[0.0, 0.0]
    )
    t = np.array([0.0, 1.0, 4.0])
    found = engine.simulate(t, rows, rtol=1e-10, atol=1e-12).values
    np.testing.assert_allclose(found[0, :, 1], 2 * np.exp(-0.3 * t), rtol=1e-12)
    np.testing.assert_allclose(found[1, :, 1], 0.5 * t, rtol=1e-12)
    np.testing.assert_allclose(
        found[0, :, 0], 2 / 0.7 * (np.exp(-0.3 * t) - np.exp(-t)), rtol=1e-7, atol=1e-9
    )
    np.testing.assert_allclose(found[1, :, 0], 0.5 * (t - 1 + np.exp(-t)), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "words"), [("uu", "no parameter.*did you mean 'u'"), ("v", "no constant"), ("w", "no constant")]
)
def test_only_constants_can_be_driven(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        with_driven(TEXT, [name])


def test_names_that_are_taken_are_refused() -> None:
    with pytest.raises(InputError, match="has a 'u_level' already"):
        with_driven(sbml_text("x' = u - x; x = 0; u = 2; u_level = 1"), ["u"])
