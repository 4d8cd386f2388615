"""Parameters that follow a curve in time: a model's text in, the same model out with some constants replaced
by functions of time that the solver sees whole, so that an exponential decay or a ramp needs no staircase.
"""

from collections.abc import Sequence
from typing import Any

from screen.errors import InputError, nearest
from screen.kinetics.sbml import libsbml

LEVEL, DECAY, SLOPE, SINCE = "_level", "_decay", "_slope", "_since"


def with_driven(sbml: str, names: Sequence[str]) -> str:
    """SBML text in which each parameter p of `names` is, with t the model's time,

        p = p_level exp(-p_decay (t - p_since)) + p_slope (t - p_since)

    of four new parameters that are 0 (p_level: p's own value), in p's unit and the model's unit of time.
    Errors: `InputError` for a name that is no constant parameter of the model.
    """
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    known = [model.getParameter(k).getId() for k in range(model.getNumParameters())]
    for name in names:
        parameter = model.getParameter(name)
        if parameter is None or _is_computed(model, name):
            found = "no parameter" if parameter is None else "no constant"
            raise InputError(
                f"'{name}' is {found} of the model, so it cannot follow a curve{nearest(name, known)}"
            )
        value = parameter.getValue()
        for ending in (LEVEL, DECAY, SLOPE, SINCE):
            if model.getElementBySId(name + ending) is not None:
                raise InputError(
                    f"the model has a '{name + ending}' already, so '{name}' cannot follow a curve"
                )
            made = model.createParameter()
            made.setId(name + ending)
            made.setConstant(True)
            made.setValue(value if ending == LEVEL else 0.0)
        parameter.setConstant(False)
        parameter.unsetValue()
        rule = model.createAssignmentRule()
        rule.setVariable(name)
        formula = "{0}_level * exp(-{0}_decay * (time - {0}_since)) + {0}_slope * (time - {0}_since)"
        rule.setMath(libsbml.parseL3Formula(formula.format(name)))
    text: str = libsbml.writeSBMLToString(document)
    return text


def _is_computed(model: Any, name: str) -> bool:
    """Whether a rule or an initial assignment gives the parameter its value."""
    return model.getRule(name) is not None or model.getInitialAssignment(name) is not None
