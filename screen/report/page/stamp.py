"""Which cube a page was made from, and by which code: the stamp that spares making the same page twice."""

import hashlib
from pathlib import Path

from screen._version import __version__


def stamp_of(cube: Path, limit_MB: float, explain: int = 0, summary: bool = False, host: bool = True) -> str:
    """A short hash of the cube file (name, size, time), what was asked of the page, and the code."""
    file = cube.stat()
    code = max(path.stat().st_mtime_ns for path in Path(__file__).parents[1].rglob("*") if path.is_file())
    made_of = (
        __version__,
        code,
        cube.resolve(),
        file.st_size,
        file.st_mtime_ns,
        limit_MB,
        explain,
        summary,
        host,
    )
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:24]


def is_current(
    page: Path, cube: Path, limit_MB: float, explain: int = 0, summary: bool = False, host: bool = True
) -> bool:
    """Whether `page` is the page that would be made of `cube` now."""
    if not (page.is_file() and cube.is_file()):
        return False
    with page.open("rb") as file:
        head = file.read(4096)
    return (
        f'name="herscreen-stamp" content="{stamp_of(cube, limit_MB, explain, summary, host)}"'.encode()
        in head
    )
