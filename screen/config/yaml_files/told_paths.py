"""The paths of a resolved configuration as they are told to others: relative where possible, since an absolute path
usually holds a user's name.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATHS = ("table", "expression", "file", "model", "petab")
"""Keys whose text is the path of a file."""


def told(config: dict[str, Any], folder: Path, host: bool = True) -> dict[str, Any]:
    """A configuration, as plain values, to store in `folder`: its paths relative to it where the two have a folder in
    common that is not the root of all. With `host` False the others are the file's name alone.
    """
    base = str(folder.absolute())

    def tell(path: str) -> str:
        if not os.path.isabs(path):
            return path
        if os.path.commonpath([base, path]) != os.sep:
            return os.path.relpath(path, base)
        return path if host else os.path.basename(path)

    return {key: _with_paths(value, tell, key) for key, value in config.items()}


def found(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The configuration that was stored in `folder`, with its paths absolute again."""

    def place(path: str) -> str:
        return os.path.normpath(folder.absolute() / path)

    return {key: _with_paths(value, place, key) for key, value in config.items()}


def _with_paths(value: Any, change: Callable[[str], str], key: str) -> Any:
    if isinstance(value, dict):
        return {name: _with_paths(inner, change, str(name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_paths(inner, change, key) for inner in value]
    return change(value) if isinstance(value, str) and key in PATHS else value
