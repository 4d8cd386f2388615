"""libSBML, loaded when its first name is asked for: it takes a tenth of a second, and most commands read no SBML."""

from typing import Any


def __getattr__(name: str) -> Any:
    import libsbml

    return getattr(libsbml, name)
