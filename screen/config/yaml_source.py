"""YAML settings with their places: reading a file, `a.b=c` overrides, and one-line errors that say where."""

import reprlib
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, Discriminator, Tag, ValidationError

from screen.errors import InputError, nearest

Key = tuple[str, ...]
LARGEST_FILE = 10_000_000  # bytes
EXTENDS = "extends"
DEEPEST = 8
"""How many files may extend one another in a row."""
DEEPEST_KEY = 20


@dataclass(frozen=True)
class Places:
    """Where each dotted key of a configuration stands: a file and its line, or an override."""

    file: str = "configuration"
    lines: dict[Key, tuple[str, int]] = field(default_factory=dict)
    overrides: dict[Key, str] = field(default_factory=dict)

    def name(self, key: Key) -> str:
        """`file: line 3: doses.points` for a key, or for the nearest part above it that a file has."""
        dotted = ".".join(key)
        above = [key[:length] for length in range(len(key), 0, -1)]
        for part in above:
            if part in self.overrides:
                return f"--set {self.overrides[part]}: {dotted}"
        for part in above:
            if part in self.lines:
                file, line = self.lines[part]
                return f"{file}: line {line}: {dotted}"
        return f"{self.file}: {dotted}" if dotted else self.file

    def folder(self, key: Key) -> Path:
        """The folder that a path standing at `key` is relative to: that of the file which holds it."""
        above = [key[:length] for length in range(len(key), 0, -1)]
        found = next((part for part in above if part in self.overrides or part in self.lines), None)
        return Path(self.file if found is None or found in self.overrides else self.lines[found][0]).parent


def read_settings(path: Path, overrides: Sequence[str] = ()) -> tuple[dict[str, Any], Places]:
    """The mapping in a YAML file with `a.b=c` overrides applied, and where its keys stand.

    `extends:` names files whose keys stand unless this file has them: mappings are joined key by key, later
    files over earlier ones, anything else is replaced.
    """
    settings, lines = _read_extended(path, ())
    places = Places(str(path), lines)
    for override in overrides:
        _apply(settings, override, places)
    return settings, places


def _read_extended(path: Path, above: tuple[Path, ...]) -> tuple[dict[str, Any], dict[Key, tuple[str, int]]]:
    """A file joined with those that it extends; `above` are the files that led here."""
    settings, lines = _read_file(path)
    written = settings.pop(EXTENDS, None)
    listed = [] if written is None else written if isinstance(written, list) else [written]
    joined: dict[str, Any] = {}
    held: dict[Key, tuple[str, int]] = {}
    for index, name in enumerate(listed):
        key = (EXTENDS, str(index)) if isinstance(written, list) else (EXTENDS,)
        where = f"{path}: line {lines[key][1]}: {EXTENDS}"
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"{where}: found {reprlib.repr(name)}, expected the path of a YAML file")
        base = path.parent / name
        chain = (*above, path)
        if base.resolve() in [file.resolve() for file in chain]:
            shown = " -> ".join(str(file) for file in (*chain, base))
            raise InputError(f"{where}: {base} extends itself ({shown}), expected files that end somewhere")
        if len(chain) >= DEEPEST:
            raise InputError(f"{where}: more than {DEEPEST} files extend one another, expected fewer")
        if not base.is_file():
            raise InputError(f"{where}: {base}: no such file, expected a YAML file beside {path.name}")
        _join(joined, held, *_read_extended(base, chain), ())
    _join(joined, held, settings, lines, ())
    return joined, held


def _join(
    base: dict[str, Any],
    held: dict[Key, tuple[str, int]],
    own: dict[str, Any],
    lines: dict[Key, tuple[str, int]],
    key: Key,
) -> None:
    """Put the keys of `own`, which stand under `key`, into `base` and their places into `held`."""
    for name, value in own.items():
        here = (*key, str(name))
        if isinstance(value, dict) and isinstance(base.get(name), dict) and len(here) < DEEPEST_KEY:
            base[name] = dict(base[name])
            _join(base[name], held, value, lines, here)
        else:
            for part in [part for part in held if part[: len(here)] == here]:
                del held[part]
            held.update({part: place for part, place in lines.items() if part[: len(here)] == here})
            base[name] = value
        if here in lines:
            held[here] = lines[here]


def _read_file(path: Path) -> tuple[dict[str, Any], dict[Key, tuple[str, int]]]:
    """The mapping in one YAML file, and the line of each of its keys."""
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
    return settings, {key: (str(path), line) for key, line in _lines(node, (), str(path), set())}


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
    _, key = _walk(model, first["loc"])
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
    kind, _ = _walk(model, location)
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def _walk(model: type[BaseModel], location: tuple[Any, ...]) -> tuple[Any, Key]:
    """The type at a place inside a model, and the place as a file has it: pydantic's own location names the
    alternative that it took of two that may stand there.
    """
    kind: Any = model
    key: list[str] = []
    tagged = False
    for part in location:
        if tagged:
            alternatives = {tag: one for one in get_args(get_args(kind)[0]) for tag in _tags(one)}
            kind = alternatives.get(part, kind)
        else:
            key.append(str(part))
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                kind = kind.model_fields[part].annotation if part in kind.model_fields else None
            else:
                kind = (get_args(kind) or (None,))[-1]
        kind, tagged = _bare(kind)
    return kind, tuple(key)


def _bare(kind: Any) -> tuple[Any, bool]:
    """A type without what may stand beside it (None, checks), and whether it is a choice by tag."""
    while True:
        metadata = getattr(kind, "__metadata__", ())
        if any(isinstance(one, Discriminator) for one in metadata):
            return kind, True
        if not metadata and not isinstance(kind, types.UnionType) and get_origin(kind) is not Union:
            return kind, False
        kind = get_args(kind)[0]


def _tags(kind: Any) -> list[str]:
    return [one.tag for one in getattr(kind, "__metadata__", ()) if isinstance(one, Tag)]
