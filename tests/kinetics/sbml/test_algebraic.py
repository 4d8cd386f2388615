"""Algebraic rules: which variable they determine, and what is refused."""

import numpy as np
import pytest

from screen.kinetics import UnsupportedModel, load_model, simulate

MATH = "http://www.w3.org/1998/Math/MathML"
DECAY = (
    '<listOfCompartments><compartment id="c" size="1" constant="true"/></listOfCompartments>'
    '<listOfSpecies><species id="S" compartment="c" initialConcentration="4" hasOnlySubstanceUnits="false" '
    'boundaryCondition="false" constant="false"/></listOfSpecies>'
    '<listOfParameters><parameter id="k" value="3" constant="true"/><parameter id="x" constant="false"/>'
    '<parameter id="y" constant="false"/></listOfParameters>'
    "<listOfRules>{}</listOfRules>"
    '<listOfReactions><reaction id="J" reversible="false"><listOfReactants><speciesReference species="S" '
    'stoichiometry="1" constant="true"/></listOfReactants><kineticLaw>'
    f'<math xmlns="{MATH}"><apply><times/><cn>0.5</cn><ci>S</ci></apply></math></kineticLaw>'
    "</reaction></listOfReactions>"
)


def decay(*rules: str) -> str:
    inside = "".join(f'<algebraicRule><math xmlns="{MATH}">{rule}</math></algebraicRule>' for rule in rules)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">'
        f'<model id="m">{DECAY.format(inside)}</model></sbml>'
    )


def test_rules_determine_what_nothing_else_does_in_any_order() -> None:
    """0 = x y - S first, 0 = k x - S - 2 after it: x = (S + 2) / k, y = S / x."""
    text = decay(
        "<apply><minus/><apply><times/><ci>y</ci><ci>x</ci></apply><ci>S</ci></apply>",
        "<apply><minus/><apply><times/><ci>k</ci><ci>x</ci></apply><apply><plus/><ci>S</ci><cn>2</cn></apply></apply>",
    )
    found = simulate(load_model(text), [0.0, 2.0], {"k": [3.0, 5.0]}, ["x", "y"], rtol=1e-8)
    left = 4 * np.exp(-0.5 * np.array([0.0, 2.0]))
    for row, k in enumerate((3.0, 5.0)):
        x = (left + 2) / k
        np.testing.assert_allclose(found["x"][row], x, rtol=1e-6)
        np.testing.assert_allclose(found["y"][row], left / x, rtol=1e-6)


@pytest.mark.parametrize("solver", ["batch", "scipy"])
def test_a_rule_that_is_not_linear_is_solved(solver: str) -> None:
    """0 = x^2 + x - S, 0 = exp(y) - k x."""
    text = decay(
        "<apply><minus/><apply><plus/><apply><power/><ci>x</ci><cn>2</cn></apply><ci>x</ci></apply><ci>S</ci></apply>",
        "<apply><minus/><apply><exp/><ci>y</ci></apply><apply><times/><ci>k</ci><ci>x</ci></apply></apply>",
    )
    found = simulate(load_model(text), [0.0, 2.0], readouts=["x", "y"], solver=solver, rtol=1e-8)  # type: ignore[arg-type]
    x = (np.sqrt(1 + 4 * 4 * np.exp(-0.5 * np.array([0.0, 2.0]))) - 1) / 2
    np.testing.assert_allclose(found["x"][0], x, rtol=1e-6)
    np.testing.assert_allclose(found["y"][0], np.log(3 * x), rtol=1e-6)


def test_a_rule_without_a_solution_gives_no_number() -> None:
    rule = "<apply><plus/><apply><power/><ci>x</ci><cn>2</cn></apply><ci>S</ci></apply>"
    found = simulate(load_model(decay(rule)), [0.0, 2.0], readouts=["x"])
    assert np.all(np.isnan(found["x"]))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (["<apply><minus/><ci>S</ci><ci>k</ci></apply>"], "number 1.*no variable is left"),
        (["<ci>x</ci>", "<apply><minus/><ci>x</ci><ci>S</ci></apply>"], "number 2.*no variable is left"),
        (["<piecewise><piece><ci>x</ci><apply><gt/><ci>x</ci><cn>1</cn></apply></piece><otherwise>"
          "<cn>2</cn></otherwise></piecewise>"], "'x'.*does not determine"),
    ],
)  # fmt: skip
def test_what_branches_or_leaves_no_choice_is_refused(rules: list[str], words: str) -> None:
    with pytest.raises(UnsupportedModel, match=words):
        load_model(decay(*rules))
