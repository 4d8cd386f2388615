"""Fixtures that every room's tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the checkout; tests that need it skip where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("HERSCREEN_SHARED", beside))
    if not folder.is_dir():
        pytest.skip("no folder of reference data beside the checkout")
    return folder
