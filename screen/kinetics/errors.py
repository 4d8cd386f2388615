"""What can be wrong with a model: it is malformed, or it asks for something this engine does not do."""

from screen.errors import InputError


class InvalidModel(InputError):
    """The model is malformed: not SBML or Antimony, an unknown symbol, a circular rule, a missing value."""


class UnsupportedModel(InputError):
    """The model is well formed but holds a construct that is refused; the line names both."""


class TooDense(UnsupportedModel):
    """So many states act on each other that the batched engine does not write code for their factors."""
