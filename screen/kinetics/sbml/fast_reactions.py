"""Fast reactions, which SBML (before Level 3 Version 2) says to be in equilibrium at all times: their rate laws times a
constant that is as good as infinite. The stiff solver then keeps the equilibrium, through events too, to about the
constant's inverse; it must be far above what else the model does in its unit of time.
"""

from collections.abc import Collection
from typing import Literal

import numpy as np

from screen.arrays import Floats
from screen.kinetics.errors import InvalidModel
from screen.kinetics.sbml import libsbml
from screen.kinetics.sbml.document import flatten

FastReactions = Literal["refuse", "as written", "equilibrium"]
FACTOR, SIZE = "fast_reaction_factor", 1e8
AFTER = 1e-5
"""Of the first output time: when a start has come to the equilibrium."""


def settled_times(times: Floats, parameters: Collection[str]) -> Floats:
    """Output times of which those at the start wait until fast reactions are in equilibrium, where a model with such
    `parameters` has some.
    """
    if FACTOR not in parameters or not len(times) or times[0] > 0:
        return times
    later = times[times > 0]
    return np.where(times > 0, times, AFTER * (later[0] if len(later) else 1.0))


def with_fast_reactions(text: str, how: FastReactions) -> str:
    """SBML text in which no reaction is marked fast: simulated by its rate law `as written`, or by that times the new
    parameter `fast_reaction_factor`. Errors: `InvalidModel` for a model that has a symbol of that name.
    """
    if how == "refuse" or "fast" not in text:
        return text
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    if model is None:
        return text
    if document.getPlugin("comp") is not None:
        flatten(document)
        model = document.getModel()
    fast = [
        reaction for reaction in model.getListOfReactions() if reaction.isSetFast() and reaction.getFast()
    ]
    if not fast:
        return text
    for reaction in fast:
        reaction.setFast(False)
        law = reaction.getKineticLaw()
        if how == "equilibrium" and law is not None and law.getMath() is not None:
            product = libsbml.ASTNode(libsbml.AST_TIMES)
            factor = libsbml.ASTNode(libsbml.AST_NAME)
            factor.setName(FACTOR)
            product.addChild(factor)
            product.addChild(law.getMath().deepCopy())
            law.setMath(product)
    if how == "equilibrium":
        if model.getElementBySId(FACTOR) is not None:
            raise InvalidModel(f"the model has a symbol '{FACTOR}' already, which its fast reactions need")
        made = model.createParameter()
        made.setId(FACTOR)
        made.setConstant(True)
        made.setValue(SIZE)
    written: str = libsbml.writeSBMLToString(document)
    return written
