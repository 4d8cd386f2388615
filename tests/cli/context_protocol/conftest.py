"""A folder that is served."""

from pathlib import Path

import pytest

from screen.cli.context_protocol.served import Served
from tests.cli.conftest import GOOD


@pytest.fixture
def served(tmp_path: Path) -> Served:
    """Folders to read and to write, and a file beside them."""
    for folder in ("served", "results"):
        (tmp_path / folder).mkdir()
    (tmp_path / "secret.yaml").write_text(GOOD)
    (tmp_path / "served" / "small.yaml").write_text(GOOD)
    return Served(tmp_path / "served", tmp_path / "results")
