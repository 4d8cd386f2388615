"""Fixtures that the tests of every package share."""

import os
from pathlib import Path

import pytest

from tests.measured_plates import Block, read_blocks


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the checkout; tests that need it skip where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("HERSCREEN_SHARED", beside))
    if not folder.is_dir():
        pytest.skip("no folder of reference data beside the checkout")
    return folder


@pytest.fixture(scope="session")
def blocks(shared: Path) -> list[Block]:
    """The ten measured blocks for which SynergyFinder gave results."""
    return read_blocks(shared)
