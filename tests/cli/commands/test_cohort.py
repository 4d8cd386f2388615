"""`herscreen cohort`: what it writes over."""

from pathlib import Path

import pytest

from screen.cli.commands.cohort import cohort
from screen.errors import InputError


def test_a_picture_of_somebody_else_stays(tmp_path: Path) -> None:
    picture = tmp_path / "waterfall.svg"
    picture.write_text("<svg>drawn by hand</svg>")
    with pytest.raises(InputError, match="--force"):
        cohort(tmp_path / "cube.h5", output=picture)
    assert picture.read_text() == "<svg>drawn by hand</svg>"
