"""Stand-ins for a scheduler's commands."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Commands = Callable[..., None]


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Put commands first in the path, each a shell script: `commands(sacct="echo hello")`; no other is there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{folder}")

    def put(**scripts: str) -> None:
        for name, script in scripts.items():
            path = folder / name
            path.write_text(f"#!/bin/bash\n{script}\n")
            path.chmod(0o755)

    return put
