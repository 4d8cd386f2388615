"""What an HDF5 file from somebody else may make its reader do, refused before anything is read: HDF5 follows links
and storage into other files, virtual data sets into any, groups into themselves, and takes a shape at its word.
"""

import mmap
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from screen.errors import InputError

if TYPE_CHECKING:
    import h5py

SHARD = re.compile(r"[^/\x00]+\.run/shard-\d{6,}\.h5")
"""Where the virtual data sets of a virtual cube lie, relative to it."""
LARGE, SPARSEST = 100_000_000, 100
"""Bytes from which a data set must be there on disk, and how many times larger than that it may be."""
MOST_OBJECTS = 100_000
LONGEST_WORDS = 200
HEAP, SEARCHED = b"GCOL\x01\0\0\0", 500_000_000


def check_cube(file: "h5py.File", path: str | Path, within: bool = True) -> None:
    """Raise `InputError` where an open file would have other files read, does not end or is larger than it can be.

    Virtual data sets may lie in the shards of a run folder next to the file, which are looked at too; `within` is
    False for those.
    """
    import h5py

    groups, data, sources, seen = {_address(file, b".")}, [], set[str](), 0

    def look(name: bytes, link: "h5py.h5l.LinkInfo") -> str | None:
        """What is wrong with an object, in words, which ends the walk: HDF5 lets no error through."""
        nonlocal seen
        seen += 1
        where = name.decode("utf-8", "replace")
        if link.type != h5py.h5l.TYPE_HARD:
            return f"/{where} is a link to elsewhere, expected a cube that holds its own data"
        if seen > MOST_OBJECTS:
            return f"holds more than {MOST_OBJECTS} objects, expected a cube"
        try:
            about = h5py.h5o.get_info(file.id, name)
            kind, address = about.type, int(about.addr)
        except (OSError, RuntimeError, LookupError, ValueError) as error:
            return f"/{where} cannot be read ({' '.join(str(error).split())[:LONGEST_WORDS]})"
        if kind == h5py.h5o.TYPE_GROUP:
            if address in groups:
                return f"/{where} leads to a group that holds it, expected groups that end"
            groups.add(address)
        elif kind == h5py.h5o.TYPE_DATASET:
            data.append(name)
        return None

    if problem := file.id.links.visit(look, info=True):
        raise InputError(f"{path}: {problem}")
    for name in data:
        sources |= _check_data(file, name, path)
    for source in sorted(sources):
        _check_source(Path(path), source, within)


def check_heaps(path: str | Path) -> None:
    """Raise `InputError` where a heap of texts does not add up: HDF5 never comes back from one whose next object it
    cannot tell, as one flipped bit in a length does. Of files that are searched in a moment; see the format's
    specification, III.E, global heap.
    """
    if (size := Path(path).stat().st_size) == 0 or size > SEARCHED:
        return
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        begin = content.find(HEAP)
        while begin >= 0:
            _check_heap(content, begin, path)
            begin = content.find(HEAP, begin + len(HEAP))


def _check_heap(content: mmap.mmap, begin: int, path: str | Path) -> None:
    """Walk the objects of a heap: a number, two counts and a length each, and then as many bytes, rounded up to 8."""
    end, place = begin + int.from_bytes(content[begin + 8 : begin + 16], "little"), begin + 16
    while place + 16 <= min(end, len(content)):
        number, length = struct.unpack("<H6xQ", content[place : place + 16])
        if number == 0 and place + length == end:
            return  # what is free, up to the end
        if number == 0:
            place = end + 1
            break
        place += 16 + (length + 7) // 8 * 8
    if not 0 <= end - place < 16 or end > len(content):
        raise InputError(f"{path}: a heap of texts is damaged, expected the cube as it was written")


def _address(file: "h5py.File", name: bytes) -> int:
    import h5py

    return int(h5py.h5o.get_info(file.id, name).addr)


def _check_data(file: "h5py.File", name: bytes, path: str | Path) -> set[str]:
    """Look at one data set; the other files that it is a view of."""
    import h5py

    where = f"{path}: /{name.decode('utf-8', 'replace')}"
    data = h5py.h5d.open(file.id, name)
    made = data.get_create_plist()
    if made.get_external_count():
        raise InputError(f"{where} is stored in another file, expected a cube that holds its own data")
    known = (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32)
    for number in range(made.get_nfilters()):
        if made.get_filter(number)[0] not in known:
            raise InputError(f"{where} is packed by filter {made.get_filter(number)[0]}, which no cube has")
    if made.get_layout() == h5py.h5d.VIRTUAL:
        return {made.get_virtual_filename(number) for number in range(made.get_virtual_count())}
    size = data.get_type().get_size()
    for length in data.shape:
        size *= length
    if size > LARGE and size > SPARSEST * data.get_storage_size():
        raise InputError(
            f"{where} says it has {size / 1e9:.3g} GB, of which {data.get_storage_size()} bytes are there"
        )
    return set()


def _check_source(cube: Path, source: str, within: bool) -> None:
    """Look at a file that a virtual data set is a view of, and into it."""
    import h5py

    if source == "." and within:
        return
    shard = cube.parent / source
    folder = cube.resolve().parent
    if (
        not within
        or not SHARD.fullmatch(source)
        or (shard.exists() and shard.resolve().parent.parent != folder)
    ):
        raise InputError(f"{cube}: is a view of {source!r}, expected the shards of a run folder next to it")
    if not shard.exists():  # reads as NaN, which status says
        return
    if not shard.is_file():
        raise InputError(f"{shard}: found something that is no file, expected a shard")
    try:
        with h5py.File(shard, "r", locking=False) as file:
            check_cube(file, shard, within=False)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"{shard}: cannot be read as a shard ({' '.join(str(error).split())[:LONGEST_WORDS]})"
        ) from None
