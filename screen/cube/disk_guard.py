"""A file that HDF5 may write to on a disk that fills up. The library does not survive a write that fails (it
ends in a segmentation fault), so the first failure is kept, the writes after it go nowhere, and the error is
raised once HDF5 has closed its file.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.cube.digests import FORMAT, walk

if TYPE_CHECKING:
    import h5netcdf
    import h5py


class GuardedFile:
    """The part of a binary file's interface that h5py uses; `error` is the first failure of a write."""

    def __init__(self, path: Path, mode: str) -> None:
        self._file = path.open("w+b" if mode == "w" else "r+b", buffering=0)
        self.error: OSError | None = None

    def write(self, data: Any) -> int:
        """All of `data`, or nothing once a write has failed."""
        view = memoryview(data).cast("B")
        written = 0 if self.error is None else len(view)
        with self._failures():
            while written < len(view):
                written += self._file.write(view[written:]) or 0
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        with self._failures():
            return self._file.truncate(size)
        return size or 0

    def flush(self) -> None:
        with self._failures():
            self._file.flush()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes | None:
        return self._file.read(size)

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; what was never written, because a write failed, reads as zeros."""
        view = memoryview(buffer).cast("B")
        found = self._file.readinto(view) or 0
        if self.error is not None:
            view[found:] = bytes(len(view) - found)
            return len(view)
        return found

    def close(self) -> None:
        with self._failures():
            self._file.close()

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Keep the first failure within."""
        try:
            yield
        except OSError as error:
            self.error = self.error or error


@contextlib.contextmanager
def netcdf_file(path: Path) -> Iterator["h5netcdf.File"]:
    """A new netCDF-4 file to write; raises the `OSError` of the disk, whatever HDF5 makes of it."""
    import h5netcdf

    with _guarded(path, "w") as guarded, h5netcdf.File(guarded, "w", libver=FORMAT) as file:
        yield file


@contextlib.contextmanager
def netcdf_to_change(path: Path) -> Iterator["h5netcdf.File"]:
    """A netCDF-4 file to add to."""
    import h5netcdf

    with _to_change(path) as place, h5netcdf.File(place, "r+", libver=FORMAT) as file:
        yield file


@contextlib.contextmanager
def hdf5_to_change(path: Path, views: bool | None = None) -> Iterator["h5py.File"]:
    """A file to change below what netCDF knows; `views` says whether it holds any of other files, if that is known."""
    import h5py

    with _to_change(path, views) as place, h5py.File(place, "r+", libver=FORMAT) as file:
        yield file


@contextlib.contextmanager
def _to_change(path: Path, views: bool | None = None) -> Iterator[GuardedFile | Path]:
    """The guarded file; of a cube of views the plain one, for HDF5 opens what they are of as it was opened itself,
    and would have the cube in place of each.
    """
    if _has_views(path) if views is None else views:
        yield path
        return
    with _guarded(path, "r+") as guarded:
        yield guarded


def _has_views(path: Path) -> bool:
    import h5py

    with h5py.File(path, "r", locking=False) as file:
        return any(not name.endswith("/") and item.is_virtual for name, item in walk(file))


@contextlib.contextmanager
def _guarded(path: Path, mode: str) -> Iterator[GuardedFile]:
    guarded = GuardedFile(path, mode)
    try:
        yield guarded
    except Exception:
        if guarded.error is None:
            raise
    finally:
        guarded.close()
    if guarded.error is not None:
        raise guarded.error
