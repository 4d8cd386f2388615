"""YAML settings with their places: a file, the files that it extends, and `a.b=c` overrides."""

import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from screen.config.yaml_files.yaml_text import parse
from screen.errors import InputError
from screen.files import read_text

Key = tuple[str, ...]
LARGEST_FILE = 10_000_000  # bytes
EXTENDS = "extends"
DEEPEST = 8
"""How many files may extend one another in a row."""
DEEPEST_KEY = 20
MOST_FILES = 100
"""Files that extend one another, at most, each counted as often as it is read."""
LONGEST_SHOWN = 120


@dataclass(frozen=True)
class Places:
    """Where each dotted key of a configuration was written: a file and its line, or an override."""

    file: str = "configuration"
    lines: dict[Key, tuple[str, int]] = field(default_factory=dict)
    overrides: dict[Key, str] = field(default_factory=dict)

    def name(self, key: Key) -> str:
        """`file: line 3: doses.points` for a key, or for the nearest part above it that a file has."""
        dotted = ".".join(key)
        above = [key[:length] for length in range(len(key), 0, -1)]
        for part in above:
            if part in self.overrides:
                return f"--set {shortened(self.overrides[part])}: {dotted}"
        for part in above:
            if part in self.lines:
                file, line = self.lines[part]
                return f"{file}: line {line}: {dotted}"
        return f"{self.file}: {dotted}" if dotted else self.file

    def folder(self, key: Key) -> Path:
        """The folder that a path given at `key` is relative to: that of the file which has it."""
        above = [key[:length] for length in range(len(key), 0, -1)]
        found = next((part for part in above if part in self.overrides or part in self.lines), None)
        return Path(self.file if found is None or found in self.overrides else self.lines[found][0]).parent


def read_settings(
    path: Path, overrides: Sequence[str] = (), required: tuple[str, ...] = ()
) -> tuple[dict[str, Any], Places]:
    """The mapping in a YAML file with `a.b=c` overrides applied, and where its keys are; an empty file is
    an error where keys are `required`.

    `extends:` names files whose keys count unless this file has them: mappings are joined key by key, later
    files over earlier ones, anything else is replaced.
    """
    settings, lines = _read_extended(path, (), required, [])
    places = Places(str(path), lines)
    for override in overrides:
        _apply(settings, override, places)
    return settings, places


def _read_extended(
    path: Path, above: tuple[Path, ...], required: tuple[str, ...], read: list[Path]
) -> tuple[dict[str, Any], dict[Key, tuple[str, int]]]:
    """A file joined with those that it extends; `above` are the files that led here, `read` all so far."""
    read.append(path)
    settings, lines = _read_file(path, required)
    written = settings.pop(EXTENDS, None)
    listed = [] if written is None else written if isinstance(written, list) else [written]
    joined: dict[str, Any] = {}
    places: dict[Key, tuple[str, int]] = {}
    for index, name in enumerate(listed):
        key = (EXTENDS, str(index)) if isinstance(written, list) else (EXTENDS,)
        where = f"{path}: line {lines[key][1]}: {EXTENDS}"
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise InputError(f"{where}: found {reprlib.repr(name)}, expected the path of a YAML file")
        base = path.parent / name
        chain = (*above, path)
        if base.resolve() in [file.resolve() for file in chain]:
            shown = " -> ".join(str(file) for file in (*chain, base))
            raise InputError(f"{where}: {base} extends itself ({shown}), expected files that end somewhere")
        if len(chain) >= DEEPEST:
            raise InputError(f"{where}: more than {DEEPEST} files extend one another, expected fewer")
        if len(read) > MOST_FILES:
            raise InputError(f"{where}: more than {MOST_FILES} files are read, expected fewer")
        if not _is_file(base):
            raise InputError(f"{where}: {base}: no such file, expected a YAML file next to {path.name}")
        _join(joined, places, *_read_extended(base, chain, required, read), ())
    _join(joined, places, settings, lines, ())
    return joined, places


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _join(
    base: dict[str, Any],
    places: dict[Key, tuple[str, int]],
    over: dict[str, Any],
    lines: dict[Key, tuple[str, int]],
    key: Key,
) -> None:
    """Put the keys of `over`, found under `key`, into `base` and their places into `places`."""
    for name, value in over.items():
        here = (*key, str(name))
        if isinstance(value, dict) and isinstance(base.get(name), dict) and len(here) < DEEPEST_KEY:
            base[name] = dict(base[name])
            _join(base[name], places, value, lines, here)
        else:
            for part in [part for part in places if part[: len(here)] == here]:
                del places[part]
            places.update({part: place for part, place in lines.items() if part[: len(here)] == here})
            base[name] = value
        if here in lines:
            places[here] = lines[here]


def _read_file(path: Path, required: tuple[str, ...]) -> tuple[dict[str, Any], dict[Key, tuple[str, int]]]:
    """The mapping in one YAML file, and the line of each of its keys."""
    text = read_text(path, LARGEST_FILE, "a YAML file")
    try:
        settings, node = parse(text)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    if settings is None and not required:
        return {}, {}
    if not isinstance(settings, dict) or not isinstance(node, yaml.MappingNode):
        found = "an empty file" if settings is None else f"a {type(settings).__name__}"
        raise InputError(f"{path}: found {found}, expected {_keys(required)}")
    return settings, {key: (str(path), line) for key, line in _lines(node, (), str(path), set())}


def _keys(required: tuple[str, ...]) -> str:
    """``keys such as `cell_lines:` and `combinations:` ``."""
    return f"keys such as {' and '.join(f'`{key}:`' for key in required)}" if required else "keys and values"


def _lines(node: yaml.Node, key: Key, file: str, seen: set[int]) -> Iterator[tuple[Key, int]]:
    """Every dotted key under `node` with its line, counting from 1; a duplicate key is an error.

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
                raise InputError(
                    f"{file}: line {line}: {'.'.join((*key, name))}: duplicate key, expected it once"
                )
            yield (*key, name), line
            yield from _lines(value, (*key, name), file, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*key, str(index)), item.start_mark.line + 1
            yield from _lines(item, (*key, str(index)), file, seen)


def shortened(override: str) -> str:
    """An override as messages show it."""
    return override if len(override) <= LONGEST_SHOWN else f"{override[: LONGEST_SHOWN - 3]}..."


def _apply(settings: dict[str, Any], override: str, places: Places) -> None:
    """Put one `a.b=c` into the settings; the value is read as YAML."""
    dotted, equals, text = override.partition("=")
    key = tuple(part.strip() for part in dotted.split("."))
    if not equals or not all(key):
        raise InputError(f"--set {shortened(override)}: expected key=value, like --set doses.points=6")
    try:
        value, _ = parse(text)
    except InputError as error:
        problem = str(error).replace("not valid YAML", "the value is not valid YAML")
        raise InputError(f"--set {shortened(override)}: {problem}") from None
    inner: Any = settings
    for part in key[:-1]:
        inner = _inside(inner, part, override)
    if isinstance(inner, list):
        _inside(inner, key[-1], override)
        inner[int(key[-1])] = value
    elif isinstance(inner, dict):
        inner[key[-1]] = value
    else:
        raise InputError(
            f"--set {shortened(override)}: '{'.'.join(key[:-1])}' holds a single value, which has no keys"
        )
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
        raise InputError(f"--set {shortened(override)}: found '{part}', expected an index below {len(inner)}")
    raise InputError(f"--set {shortened(override)}: a single value has no key '{part}'")
