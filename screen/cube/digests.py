"""SHA-256 of all that a cube holds, kept in it: HDF5 guards its own indexes and, by fletcher32, the numbers in chunks,
but neither texts nor the texts of attributes nor which dimensions a variable has. A bit that flips in those is found
when they are read, any change at all by `herscreen verify`.

    /provenance/checksums   {"scores/": [attributes], "scores/bliss": [what it is, values], ...} as JSON

A virtual cube has no digest of the values that stand in its shards; each shard has its own.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube.about import POINTERS, About, attributes_of
from screen.errors import InputError

if TYPE_CHECKING:
    import h5py

CHECKSUMS, OWN = "provenance/checksums", "sha256"
FORMAT = ("v110", "v110")
"""HDF5 1.10 and later read it; every index and every header in it has a checksum."""
NO_VARIABLE = b"This is a netCDF dimension but not a netCDF variable"
BLOCK_BYTES = 16_000_000
LONGEST_WORDS = 300
DAMAGE = (OSError, RuntimeError, LookupError, AttributeError, TypeError, ValueError, SystemError)
"""What h5py may raise of a damaged file; the last where HDF5 has an error that it does not look for."""


@dataclass(frozen=True)
class Digests:
    """What a cube should hold, by path: a group's ends in `/` and has the digest of its attributes, a variable's
    has those of what it is (type, shape, dimensions, attributes) and of its values, empty where these are a view.
    """

    known: Mapping[str, list[str]]
    paths: dict[tuple[int, int], str] = field(default_factory=dict, compare=False, repr=False)
    """Where data sets of the open file stand, as far as they were asked for; see `scale_paths`."""

    def has(self, path: str) -> bool:
        return path in self.known

    def inside(self, group: str) -> Iterator[str]:
        """The names of the variables of a group."""
        start = group.removeprefix("/")
        for path in self.known:
            name = path.removeprefix(start)
            if path.startswith(start) and name and "/" not in name:
                yield name

    def check_group(self, path: str, group: "h5py.Group", where: str) -> None:
        """Raise `InputError` where a group's attributes are not what they were, or variables of it are missing."""
        expected = self.known.get(path)
        if expected is None:  # somebody's own
            return
        if expected != [of_attributes(group)]:
            raise changed(where, "the attributes")
        there = set(group)
        for name in self.inside(path):
            if name not in there:
                raise InputError(f"{where}: a part of the cube is not there: found no variable '{name}'")

    def check_about(self, path: str, data: "h5py.Dataset", about: "About", where: str) -> None:
        """Raise `InputError` where a variable's type, shape, dimensions or attributes are not what they were."""
        expected = self.known.get(path)
        if expected is not None and expected[:1] != [of_description(data, about)]:
            raise changed(where, f"the variable '{path.rpartition('/')[2]}'")

    def check_values(self, path: str, data: "h5py.Dataset", where: str) -> None:
        """Raise `InputError` where a variable's values are not what they were."""
        expected = self.known.get(path)
        if expected is not None and expected[1:] != [of_values(data)]:
            raise changed(where, f"the variable '{path.rpartition('/')[2]}'")


def changed(where: str, what: str) -> InputError:
    return InputError(f"{where}: {what} changed since the cube was written: it is damaged or was edited")


def is_bare_dimension(data: "h5py.Dataset") -> bool:
    """Whether a data set is only there for the length of a dimension, and no variable."""
    name = data.attrs.get("NAME") if data.is_scale else None
    return (name if isinstance(name, bytes) else str(name or "").encode()).startswith(NO_VARIABLE)


def is_guarded(data: "h5py.Dataset") -> bool:
    """Whether HDF5 itself finds a bit that flipped in the values: by its checksum, or because they are a view."""
    return bool(data.fletcher32) or data.is_virtual


def seal(
    file: "h5py.File",
    about: Mapping[str, str],
    kept: Digests | None = None,
    replaced: tuple[str, ...] = (),
    written: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write the digests of a cube that is complete, with the attributes `about` them, as its last part. Of a cube
    that had some, `kept`, only those of the groups `replaced` are made again: damage to the rest stays visible.
    What was digested as it was `written` (what a variable is, and its values where they came at once) is not read.
    """
    starts = tuple(f"{path}/" for path in replaced)
    made = (
        {}
        if kept is None
        else {path: each for path, each in kept.known.items() if not path.startswith(starts)}
    )
    if CHECKSUMS in file:
        del file[CHECKSUMS]
    paths: dict[tuple[int, int], str] = {}
    for path, item in walk(file):
        if kept is None or path.startswith(starts):
            known = () if written is None else written.get(path, ())
            made[path] = (
                [of_attributes(item)]
                if path.endswith("/")
                else [
                    known[0] if known else of_description(item, About.of(item, paths)),
                    known[1] if len(known) > 1 else of_values(item),
                ]
            )
    text = json.dumps(made, separators=(",", ":"))
    sealed = file.create_dataset(CHECKSUMS, data=text)
    for name, value in about.items():
        sealed.attrs[name] = value
    sealed.attrs[OWN] = _of_own(sealed)


def check(file: "h5py.File", digests: Digests, path: str | Path, whole: bool = False) -> int:
    """Raise `InputError` where an open cube is not what it was; `whole` reads the numbers too that HDF5 guards itself.
    How many variables were looked at.
    """
    missing = set(digests.known)
    looked = 0
    try:
        for name, item in walk(file):
            missing.discard(name)
            group = name.rpartition("/")[0]
            where = f"{path}, /{group}" if group else f"{path}"
            if name.endswith("/"):
                digests.check_group(name, item, where)
                continue
            digests.check_about(name, item, About.of(item, digests.paths), where)
            if whole or not is_guarded(item):
                digests.check_values(name, item, where)
            looked += 1
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(f"{path}: cannot be read ({' '.join(str(error).split())[:LONGEST_WORDS]})") from None
    if missing:
        raise InputError(f"{path}: a part of the cube is not there: found no /{min(missing)}")
    return looked


def sources(file: "h5py.File") -> set[str]:
    """The files that variables of a cube are views of, relative to it."""
    views = (item for name, item in walk(file) if not name.endswith("/") and item.is_virtual)
    return {source.file_name for item in views for source in item.virtual_sources()}


def digests_of(file: "h5py.File", path: str | Path) -> Digests | None:
    """The digests that a cube holds; None where it has none, as cubes of before. Raises `InputError` for damaged
    ones.
    """
    try:
        if CHECKSUMS not in file:
            return None
        written = file[CHECKSUMS]
        found = json.loads(written[()]) if _of_own(written) == written.attrs[OWN] else None
    except DAMAGE:
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, list) for each in found.values()):
        raise InputError(f"{path}: /{CHECKSUMS} is damaged, expected the cube as it was written")
    return Digests(found)


def _of_own(written: "h5py.Dataset") -> str:
    """The digest of the digests, and of what is said of them."""
    digest = hashlib.sha256()
    _add(digest, written[()])
    _add_attributes(digest, attributes_of(written, (*POINTERS, OWN)))
    return digest.hexdigest()


def walk(root: "h5py.Group") -> "Iterator[tuple[str, Any]]":
    """Every group, its path with `/` at the end, and every variable, without the digests themselves."""
    import h5py

    waiting = [("", root)]
    while waiting:
        where, group = waiting.pop()
        yield f"{where}/", group
        for name, item in group.items():
            path = f"{where}/{name}" if where else name
            if isinstance(item, h5py.Group):
                waiting.append((path, item))
            elif isinstance(item, h5py.Dataset) and path != CHECKSUMS:
                yield path, item


def of_attributes(item: Any) -> str:
    """The digest of the attributes of a group or variable."""
    digest = hashlib.sha256()
    _add_attributes(digest, attributes_of(item))
    return digest.hexdigest()


def holds_text(data: "h5py.Dataset") -> bool:
    """Whether a variable's values are texts."""
    import h5py

    return h5py.check_string_dtype(data.dtype) is not None


def of_description(data: "h5py.Dataset", about: About) -> str:
    """The digest of a variable's type, shape, dimensions and attributes."""
    kind = "text" if holds_text(data) else data.dtype.str
    return description_digest(kind, data.shape, about)


def description_digest(kind: str, shape: tuple[int, ...], about: About) -> str:
    """The same of a variable that is being made; `kind` is NumPy's of its numbers, or `text`."""
    digest = hashlib.sha256()
    _add(digest, repr((kind, shape, list(about.scales))).encode())
    _add_attributes(digest, about.attributes)
    return digest.hexdigest()


def of_values(data: "h5py.Dataset") -> str:
    """The digest of a variable's values, read block by block; empty for a view of other files, and for a dimension
    that has no values.
    """
    if data.is_virtual or is_bare_dimension(data):
        return ""
    return values_digest(np.asarray(data[place]) for place in _blocks(data))


def values_digest(blocks: Iterable[Array]) -> str:
    """The same of values at hand, in blocks along their first axis."""
    digest = hashlib.sha256()
    for values in blocks:
        if values.dtype.kind == "O":
            for text in values.ravel():
                _add(digest, text if isinstance(text, bytes) else str(text).encode())
        else:
            digest.update(values.tobytes())
    return digest.hexdigest()


def _blocks(data: "h5py.Dataset") -> Iterator[Any]:
    """Places that make up a variable, in one order whatever the chunks, along its first axis."""
    if not data.shape or not data.size:
        yield ...
        return
    row = data.dtype.itemsize * data.size // data.shape[0]
    step = max(1, BLOCK_BYTES // row)
    if data.chunks and step > data.chunks[0]:
        step -= step % data.chunks[0]
    for begin in range(0, data.shape[0], step):
        yield slice(begin, begin + step)


def _add_attributes(digest: Any, attributes: Mapping[str, Any]) -> None:
    for key in sorted(attributes):
        value = np.asarray(attributes[key])
        texts = value.dtype.kind in "OUS"
        parts = (
            [str(text).encode(errors="surrogateescape") for text in value.ravel()]
            if texts
            else [value.tobytes()]
        )
        for part in (key.encode(errors="surrogateescape"), repr(value.shape).encode(), *parts):
            _add(digest, part)


def _add(digest: Any, part: bytes) -> None:
    """A text with its length before it, so that two texts are not one."""
    digest.update(struct.pack("<Q", len(part)) + part)
