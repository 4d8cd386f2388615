"""A model as the user holds it: a text, and the SBML and the network made from it when first asked for."""

import hashlib
from functools import cached_property
from pathlib import Path

from screen.kinetics.expressions.network import Network
from screen.kinetics.sbml.document import read_document
from screen.kinetics.sbml.fast_reactions import FastReactions, with_fast_reactions
from screen.kinetics.sbml.files.text import sbml_text
from screen.kinetics.sbml.reader import read_network


class Model:
    """A reaction network as text, in SBML or Antimony. Made by `load_model`, which reads it at once; compares
    by its SBML.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def sbml(self) -> str:
        """The SBML text. Errors: `InvalidModel` for malformed XML or Antimony that does not parse."""
        return sbml_text(self.text)

    @cached_property
    def network(self) -> Network:
        """States, rates and symbols. Errors: `InvalidModel`, `UnsupportedModel`."""
        document = read_document(self.sbml)
        return read_network(document.getModel())

    @property
    def digest(self) -> str:
        """SHA-256 of the SBML text."""
        return hashlib.sha256(self.sbml.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and other.sbml == self.sbml

    def __hash__(self) -> int:
        return hash(self.sbml)

    def __reduce__(self) -> tuple[type["Model"], tuple[str]]:
        return Model, (self.text,)

    def __repr__(self) -> str:
        network = self.network
        return f"<Model {network.name}: {len(network.states)} states, {len(network.parameters)} parameters>"


def load_model(source: str | Path, fast_reactions: FastReactions = "refuse") -> Model:
    """Reads a model from SBML or Antimony, given as a path or as text.

    >>> model = load_model("S1 -> S2; k * S1; S1 = 10; S2 = 0; k = 0.1")
    >>> model.network.states
    ('S1', 'S2')

    Reactions that are marked as fast are refused, or simulated by their laws `as written`, or held in `equilibrium`
    (the model then has a parameter `fast_reaction_factor`, with which their laws are multiplied).

    Errors: `InvalidModel` for a malformed model, `UnsupportedModel` for a construct that is refused; both say
    in one line what and where.
    """
    model = Model(with_fast_reactions(sbml_text(source), fast_reactions))
    _ = model.network
    return model
