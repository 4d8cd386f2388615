"""How a registry finds what is registered: by looking through the modules of a folder."""

import importlib
import pkgutil
from typing import Any


def collect(package: str, name: str) -> list[Any]:
    """The value called `name` of every module of `package` that has one."""
    folder = importlib.import_module(package).__path__
    modules = [importlib.import_module(f"{package}.{item.name}") for item in pkgutil.iter_modules(folder)]
    return [getattr(module, name) for module in modules if hasattr(module, name)]
