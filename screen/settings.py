"""YAML settings with their places: reading a file, `a.b=c` overrides, and one-line errors that say where."""

import reprlib
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from screen.errors import InputError, nearest

Key = tuple[str, ...]
LARGEST_FILE = 10_000_000  # bytes


@dataclass(frozen=True)
class Places:
    """Where each dotted key of a configuration stands: a line of the file, or an override."""

    file: str = "configuration"
    lines: dict[Key, int] = field(default_factory=dict)
    overrides: dict[Key, str] = field(default_factory=dict)

    def name(self, key: Key) -> str:
        """`file: line 3: doses.points` for a key, or for the nearest part above it that the file has."""
        dotted = ".".join(key)
        above = [key[:length] for length in range(len(key), 0, -1)]
        for part in above:
            if part in self.overrides:
                return f"--set {self.overrides[part]}: {dotted}"
        for part in above:
            if part in self.lines:
                return f"{self.file}: line {self.lines[part]}: {dotted}"
        return f"{self.file}: {dotted}" if dotted else self.file


def read_settings(path: Path, overrides: Sequence[str] = ()) -> tuple[dict[str, Any], Places]:
    """The mapping in a YAML file with `a.b=c` overrides applied, and where its keys stand."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path}: expected a configuration of at most {LARGEST_FILE // 1_000_000} MB")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected a YAML file in UTF-8") from None
    except OSError as error:
        raise InputError(
            f"{path}: {(error.strerror or 'cannot be read').lower()}; expected a YAML file"
        ) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        settings = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "the text cannot be read"
        raise InputError(f"{path}: {where}not valid YAML: {' '.join(str(problem).split())}") from None
    if not isinstance(settings, dict) or not isinstance(node, yaml.MappingNode):
        found = "an empty file" if settings is None else f"a {type(settings).__name__}"
        raise InputError(f"{path}: found {found}, expected keys such as `cell_lines:` and `combinations:`")
    places = Places(str(path), dict(_lines(node, (), str(path), set())))
    for override in overrides:
        _apply(settings, override, places)
    return settings, places


def _lines(node: yaml.Node, key: Key, file: str, seen: set[int]) -> Iterator[tuple[Key, int]]:
    """Every dotted key under `node` with its line, counting from 1; a key that stands twice is an error.

    `seen` holds the nodes visited: aliases may repeat a node without end.
    """
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        names = [str(name.value) for name, _ in node.value]
        for (mark, value), name, index in zip(node.value, names, range(len(names)), strict=True):
            line = mark.start_mark.line + 1
            if name in names[:index]:
                raise InputError(f"{file}: line {line}: {'.'.join((*key, name))}: the key stands twice")
            yield (*key, name), line
            yield from _lines(value, (*key, name), file, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*key, str(index)), item.start_mark.line + 1
            yield from _lines(item, (*key, str(index)), file, seen)


def _apply(settings: dict[str, Any], override: str, places: Places) -> None:
    """Put one `a.b=c` into the settings; the value is read as YAML."""
    dotted, equals, text = override.partition("=")
    key = tuple(part.strip() for part in dotted.split("."))
    if not equals or not all(key):
        raise InputError(f"--set {override}: expected key=value, like --set doses.points=6")
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        raise InputError(f"--set {override}: the value is not valid YAML") from None
    inner: Any = settings
    for part in key[:-1]:
        inner = _inside(inner, part, override)
    if isinstance(inner, list):
        _inside(inner, key[-1], override)
        inner[int(key[-1])] = value
    elif isinstance(inner, dict):
        inner[key[-1]] = value
    else:
        raise InputError(f"--set {override}: '{'.'.join(key[:-1])}' holds a single value, which has no keys")
    places.overrides[key] = override


def _inside(inner: Any, part: str, override: str) -> Any:
    """The value under `part` of a mapping (made when absent) or a list."""
    if isinstance(inner, dict):
        if inner.get(part) is None:
            inner[part] = {}
        return inner[part]
    if isinstance(inner, list):
        if part.isdecimal() and int(part) < len(inner):
            return inner[int(part)]
        raise InputError(f"--set {override}: found '{part}', expected an index below {len(inner)}")
    raise InputError(f"--set {override}: a single value has no key '{part}'")


def wording(error: ValidationError, model: type[BaseModel], places: Places) -> str:
    """The first problem of a pydantic error as one line."""
    errors = error.errors(include_url=False)
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    key = tuple(str(part) for part in first["loc"])
    found = " ".join(reprlib.repr(first["input"]).split())
    match first["type"]:
        case "extra_forbidden":
            known = _keys_at(model, first["loc"][:-1])
            text = f"unknown key '{key[-1]}', expected one of {', '.join(known)}{nearest(key[-1], known)}"
        case "missing":
            text = "the key is missing, expected a value"
        case "value_error":
            text = first["msg"].removeprefix("Value error, ")
        case "too_short" if first["input"] in ([], {}):
            text = "found nothing, expected at least one"
        case "literal_error":
            expected = first["ctx"]["expected"]
            close = nearest(str(first["input"]), expected.split("'")[1::2])
            text = f"found {found}, expected {expected}{close}"
        case "model_type":
            text = f"found {found}, expected the keys {', '.join(_keys_at(model, first['loc']))}"
        case "string_too_short" | "string_pattern_mismatch":
            text = f"found {found}, expected a name"
        case _:
            expected = first["msg"].removeprefix("Input should be ").removeprefix("Value should ")
            text = f"found {found}, expected {expected[:1].lower()}{expected[1:]}"
    more = len(errors) - 1
    return f"{places.name(key)}: {text}" + (f" (and {more} more)" if more else "")


def _keys_at(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """The keys known at a place inside a model."""
    kind: Any = model
    for part in location:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[part].annotation
        else:
            kind = get_args(kind)[-1]
        while isinstance(kind, types.UnionType) or (
            get_origin(kind) is not None and hasattr(kind, "__metadata__")
        ):
            kind = get_args(kind)[0]
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []
