"""Compiled programs on disk: one file an entry, written under a temporary name and renamed, so that any
number of processes may share a folder. An entry carries its own SHA-256; a damaged one counts as absent.

Machine code is only ever loaded from a folder of mode 0700 and a plain file, both owned by this user.
"""

import hashlib
import json
import logging
import os
import stat
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from screen.codegen.target import host
from screen.files import atomic_write
from screen.kinetics.sbml.files.text import reader_of

log = logging.getLogger(__name__)

_MAGIC = b"herscreen-kinetics\n"
_DIGEST = 32


def cache_folder() -> Path | None:
    """`$HERSCREEN_CACHE`, else `$XDG_CACHE_HOME/herscreen`, else `~/.cache/herscreen`; the folder `kinetics`
    in it. None for a user without a home. A relative `$XDG_CACHE_HOME` is ignored, as its specification says.
    """
    chosen = os.environ.get("HERSCREEN_CACHE")
    if chosen:
        return Path(chosen) / "kinetics"
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        home = os.path.expanduser("~")
        if not os.path.isabs(home) or home == "/":
            return None
        base = os.path.join(home, ".cache")
    return Path(base) / "herscreen" / "kinetics"


@cache
def _generator() -> bytes:
    """A digest of the source that writes code, from the reader to the machine: a change makes new entries."""
    digest = hashlib.sha256()
    for path in generator_sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.digest()


def generator_sources() -> list[Path]:
    """Every module that a program depends on: the code generator and what reads and differentiates a model."""
    screen = Path(__file__).parents[2]
    folders = ("codegen", "kinetics/compiler", "kinetics/expressions", "kinetics/clock", "kinetics/sbml")
    found = [path for folder in folders for path in sorted((screen / folder).rglob("*.py"))]
    return [*found, screen / "kinetics" / "model.py", screen / "kinetics" / "status.py"]


def entry_key(
    model_text: str,
    readouts: Sequence[str],
    fixed: Sequence[str] = (),
    sensitive: Sequence[str] = (),
    by: Sequence[str] = (),
    adjoint: bool = False,
) -> str:
    """The name of the entry of a model's text and what reads it, readouts, this processor and compiler."""
    read = [reader_of(model_text), list(readouts), list(fixed), list(sensitive), list(by), adjoint]
    stated = json.dumps([*read, *_here()])
    return hashlib.sha256(_generator() + stated.encode() + b"\0" + model_text.encode()).hexdigest()


def text_key(text: str) -> str:
    """The name of the entry of a program that is nobody's but its text's, on this processor and compiler."""
    return hashlib.sha256(json.dumps(["text", text, *_here()]).encode()).hexdigest()


def _here() -> list[str | int]:
    here = host()
    return [here.triple, here.cpu, here.features, here.llvm, here.width]


def _is_own_folder(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            log.warning("the cache folder %s belongs to somebody else and is not used", folder)
            return False
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        log.warning("the cache folder %s cannot be used: %s", folder, error)
        return False
    return True


def load_entry(key: str) -> tuple[dict[str, Any], bytes] | None:
    """The facts and the object file of an entry, or None when it is absent, damaged or another owner's."""
    folder = cache_folder()
    if folder is None or not _is_own_folder(folder):
        return None
    try:
        descriptor = os.open(folder / key, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        os.close(descriptor)
        log.warning("the cache entry %s is no file of this user's and is not loaded", key)
        return None
    with os.fdopen(descriptor, "rb") as file:
        raw = file.read()
    return _unpack(raw)


def _unpack(raw: bytes) -> tuple[dict[str, Any], bytes] | None:
    head = len(_MAGIC) + _DIGEST
    body = raw[head:]
    if not raw.startswith(_MAGIC) or hashlib.sha256(body).digest() != raw[len(_MAGIC) : head]:
        return None
    length = int.from_bytes(body[:8], "little")
    try:
        facts = json.loads(body[8 : 8 + length])
    except (ValueError, RecursionError):
        return None
    return (facts, body[8 + length :]) if isinstance(facts, dict) else None


def store_entry(key: str, facts: dict[str, Any], image: bytes) -> None:
    """Writes an entry. Failing to write is not an error: the program is in memory already."""
    folder = cache_folder()
    if folder is None or not _is_own_folder(folder):
        return
    stated = json.dumps(facts).encode()
    body = len(stated).to_bytes(8, "little") + stated + image
    try:
        with atomic_write(folder / key) as unfinished:
            unfinished.write_bytes(_MAGIC + hashlib.sha256(body).digest() + body)
    except OSError as error:
        log.warning("the cache entry in %s cannot be written: %s", folder, error)
