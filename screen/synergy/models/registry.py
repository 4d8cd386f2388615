"""The reference models by name, in the order in which lists show them. A file of this folder that ends in a value
`MODEL` is a model, and no other place names it: titles, labels, citations, units and meanings of its quantities,
what plates and triples are scored by, help texts and error messages all follow.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module

from screen.synergy import models
from screen.synergy.models.reference_model import Quantity, ReferenceModel


def _collected() -> dict[str, ReferenceModel]:
    modules = (
        import_module(f"{models.__name__}.{file.name}") for file in pkgutil.iter_modules(models.__path__)
    )
    found: list[ReferenceModel] = [module.MODEL for module in modules if hasattr(module, "MODEL")]
    return {model.name: model for model in sorted(found, key=lambda model: (model.order, model.name))}


MODELS: Mapping[str, ReferenceModel] = _collected()
PLATE_MODELS = tuple(name for name, model in MODELS.items() if model.plates)
"""What plates are scored by where no models are named."""
MANY_DRUGS = {name: model.many for name, model in MODELS.items() if model.many is not None}
"""The models that have a form for three and more drugs."""
TESTED = {
    name: model.without_interaction for name, model in MODELS.items() if model.without_interaction is not None
}
"""The models whose scores of plates get p-values, and what they expect of plates without interaction."""
_QUANTITIES = {name: about for model in MODELS.values() for name, about in model.parameters.items()}


def quantity(name: str) -> Quantity:
    """The unit and meaning of a quantity of pairs, by its name in `Score.parameters`; KeyError for a name that no
    model gives."""
    core = name.removesuffix("_error").replace("_log_", "_", 1) if name.endswith("_error") else name
    found = _QUANTITIES[core]
    if core == name:
        return found
    if "_log_" in name:
        return Quantity("1", f"standard error of the natural logarithm of {core} ({found.meaning})")
    return Quantity(found.unit, f"standard error of {core} ({found.meaning})")
