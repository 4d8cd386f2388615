"""Files written whole or not at all, under a name that says what they hold."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screen.errors import InputError


def checked(path: Path, endings: tuple[str, ...]) -> Path:
    """`path`, when its folder exists and its ending is one of `endings`; else `InputError`."""
    if path.suffix.lower() not in endings:
        raise InputError(
            f"{path}: the ending {path.suffix or '(none)'!r} is not known; expected {' or '.join(endings)}"
        )
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder '{path.parent}' does not exist, expected an existing folder")
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected the name of a file")
    return path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place when the block ends well, and vanishes when not."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str, endings: tuple[str, ...]) -> Path:
    """Write `text` in UTF-8."""
    with whole(checked(path, endings)) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path
