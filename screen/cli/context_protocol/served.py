"""What a server reads and writes: files below one folder, links followed, and those that a configuration names; what
it writes goes to another folder.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from screen.config.yaml_files.yaml_text import parse
from screen.errors import InputError
from screen.files import read_text

LARGEST_CONFIG = 10_000_000  # bytes


@dataclass(frozen=True)
class Served:
    """The folder that is read (`root`), the folder that is written (`results`), and seconds that a tool may take."""

    root: Path
    results: Path
    limit_s: float = 3600.0

    def inside(self, path: str | Path) -> Path:
        """A path below the root, or below the results, links followed. Raises `InputError`."""
        found = self.root / path
        try:
            real = found.resolve()
        except (OSError, ValueError, RuntimeError):
            raise InputError(f"{str(path)!r}: found no path, expected one below the folder served") from None
        if not any(real.is_relative_to(folder.resolve()) for folder in (self.root, self.results)):
            raise InputError(f"{path}: found a path outside the folder served, expected one below it")
        return found

    def config(self, path: str, settings: Sequence[str] = ()) -> Path:
        """A configuration that names no file outside, nor does any that it extends. Raises `InputError`."""
        found = self.inside(path)
        for setting in settings:
            self._checked(found.parent, _parsed(setting.partition("=")[2], "a setting"))
        self._walked(found, set())
        return found

    def _walked(self, config: Path, seen: set[Path]) -> None:
        if config in seen:
            return
        seen.add(config)
        written = _parsed(read_text(config, LARGEST_CONFIG, "a configuration"), str(config))
        self._checked(config.parent, written)
        extends = written.get("extends", []) if isinstance(written, dict) else []
        for other in extends if isinstance(extends, list) else [extends]:
            self._walked(self.inside(config.parent / str(other)), seen)

    def _checked(self, folder: Path, written: object) -> None:
        """Every text in it could be a file's name or a pattern: none may lead outside."""
        for text in _texts(written):
            self.inside(folder / text)
            if any(sign in text for sign in "*?["):
                for one in folder.glob(text):
                    self.inside(one)


def _parsed(text: str, what: str) -> object:
    """What a text says, read as commands read it: within bounds on aliases and depth. Raises `InputError`."""
    try:
        return parse(text)[0]
    except InputError as error:
        raise InputError(f"{what}: {error}") from None


def _texts(written: object) -> Iterator[str]:
    if isinstance(written, str):
        yield written
    elif isinstance(written, bytes):  # `!!binary`, which a key that takes a text takes too
        yield written.decode("utf-8", "surrogateescape")
    elif isinstance(written, dict):
        for key, value in written.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(written, list):
        for value in written:
            yield from _texts(value)


def plain_name(name: str) -> str:
    """A name that stays in its folder. Raises `InputError`."""
    if not name.strip(". ") or any(sign in name for sign in "/\\\0"):
        raise InputError(f"{name!r}: expected a name for a file: no path separators, not blank, not dots")
    return name
