"""Where this checkout is, and which of its files are its own."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def tracked(folder: str, pattern: str) -> list[Path]:
    """The files of `folder` that match `pattern` and are in the repository, sorted: not what a user has put beside
    them. Without Git (an unpacked archive) all that match.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    found = sorted((ROOT / folder).glob(pattern))
    if listed.returncode != 0:
        return found
    known = {ROOT / name for name in listed.stdout.split("\0")}
    return [path for path in found if path in known]
