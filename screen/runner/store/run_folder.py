"""Where a run keeps its files, what a disk's errors mean, and which unfinished files are leftovers."""

import contextlib
import errno
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError

STALE_SECONDS = 86_400


@dataclass(frozen=True)
class RunFiles:
    """The files of one run, all named after its output: `results/x.h5` and the run folder
    `results/x.run/`.
    """

    cube: Path

    @staticmethod
    def of(name: str, output: str | Path | None) -> "RunFiles":
        """The files for an output, by default `results/<name>.h5` here; raises `InputError` for a bad
        place.
        """
        if output is None:
            return RunFiles(Path("results") / f"{name}.h5")
        cube = Path(output)
        if not cube.parent.is_dir():
            raise InputError(
                f"{cube}: the folder '{cube.parent}' does not exist, expected an existing folder"
            )
        if cube.is_dir():
            raise InputError(f"{cube}: found a folder, expected a file name like {cube / 'screen.h5'}")
        if cube.suffix == ".run":
            raise InputError(f"{cube}: found the ending .run, which run folders have; expected .h5")
        return RunFiles(cube)

    @property
    def folder(self) -> Path:
        return (
            self.cube.with_suffix(".run")
            if self.cube.suffix
            else self.cube.with_name(self.cube.name + ".run")
        )

    @property
    def manifest(self) -> Path:
        return self.folder / "plan.json"

    @property
    def cube_lock(self) -> Path:
        return self.folder / "cube.lock"

    def shard(self, index: int) -> Path:
        return self.folder / f"shard-{index:06d}.h5"

    def shard_lock(self, index: int) -> Path:
        return self.folder / f"shard-{index:06d}.lock"

    def shard_failure(self, index: int) -> Path:
        return self.folder / f"shard-{index:06d}.failed"


def disk_trouble(error: OSError) -> str | None:
    """What is wrong with the disk, in words, if that is what the error says; HDF5 hides the number in its
    text.
    """
    for number in (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES, errno.EPERM):
        words = os.strerror(number)
        if error.errno == number or words in str(error):
            return words.lower()
    return None


def sweep(files: RunFiles) -> None:
    """Remove unfinished files that nobody is writing: those of ended processes of this host, and those a day
    old.
    """
    unfinished = [*files.folder.glob(".*.part"), *files.cube.parent.glob(f".{files.cube.name}.*.part")]
    for path in unfinished:
        *_, process, _ = path.name.split(".")
        here = f".{socket.gethostname()}.{process}.part" in path.name
        with contextlib.suppress(OSError, ValueError):
            if (here and not _is_alive(int(process))) or time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()


def _is_alive(process: int) -> bool:
    """Whether a process of this host is there and has not ended: an orphan may wait long to be buried."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return True
