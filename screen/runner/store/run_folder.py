"""Where a run keeps its files, which of those that stand there are its own, and what a disk's errors mean."""

import contextlib
import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError
from screen.files import LONGEST_NAME, sweep

JOBS, LOGS = "jobs", "logs"
OWN = re.compile(rf"plan\.json|cube\.lock|shard-\d{{6,}}\.(h5|lock|failed)|{JOBS}|\..*\.part")
OWN_JOBS = re.compile(r"jobs\.jsonl|array-\d+\.sh|merge\.sh|\..*\.part")
OWN_LOGS = re.compile(r".*\.log|hs-.*")
"""What schedulers call the logs of the jobs that are submitted."""


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
        cube = Path("results") / f"{name}.h5" if output is None else Path(output)
        try:
            size = len(os.fsencode(cube.name))
        except UnicodeEncodeError:
            raise InputError(f"{cube.name!r}: found a name that no file can have") from None
        if size > LONGEST_NAME - len(".run"):
            raise InputError(
                f"{cube.name[:40]}...: found a name of {size} bytes, expected at most {LONGEST_NAME - 4}"
            )
        if output is None:
            return RunFiles(cube)
        if "\0" in str(cube):
            raise InputError(f"{str(cube)!r}: found a name that no file can have")
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
    for number in (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM):
        words = os.strerror(number)
        if error.errno == number or words in str(error):
            return words.lower()
    return None


def sweep_run(files: RunFiles) -> None:
    """Remove unfinished files of the run that nobody is writing."""
    jobs = files.folder / JOBS
    for folder in (files.folder, files.cube.parent, *([] if jobs.is_symlink() else [jobs])):
        sweep(folder)


def strangers(files: RunFiles) -> list[str]:
    """Names in the run folder that no run writes; hidden ones aside, which systems leave anywhere."""
    if not files.folder.is_dir():
        return []
    found = (path.name for path in files.folder.iterdir())
    return sorted(name for name in found if not OWN.fullmatch(name) and not name.startswith("."))


def remove_own(files: RunFiles) -> None:
    """Remove what an earlier run wrote into its folder, the lock aside, and nothing else; links are not followed."""
    jobs = files.folder / JOBS
    for folder, known in ((files.folder, OWN), (jobs, OWN_JOBS), (jobs / LOGS, OWN_LOGS)):
        if folder != files.folder and (folder.is_symlink() or not folder.is_dir()):
            continue
        for path in folder.iterdir():
            own = known.fullmatch(path.name) and path != files.cube_lock
            if own and (path.is_symlink() or path.is_file()):
                path.unlink()
    for folder in (jobs / LOGS, jobs):
        with contextlib.suppress(OSError):  # not there, or not empty
            folder.rmdir()
