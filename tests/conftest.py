"""Fixtures that the tests of every package share."""

import os
import sys
import threading
from pathlib import Path

import pytest

from tests.measured_plates import Block, read_blocks

THREADS = threading.active_count()
"""Of this process before any test: pytest-xdist's workers have some of their own."""


LONGEST = ("tests/cluster/", "tests/docs/test_tutorials.py")
"""What takes minutes, of waiting for clusters or of one command after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, so that none is left alone at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(autouse=True)
def forked_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are forked next to the threads by which pytest-xdist speaks with its own, as where there are none."""
    if THREADS > 1 and sys.platform == "linux":
        monkeypatch.setattr(
            "screen.runner.execution.pool.can_fork", lambda: threading.active_count() <= THREADS
        )


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
