"""The architecture's picture says what the contract and the docstrings say."""

from tests.guards.layers import PICTURE, layers, picture
from tests.paths import ROOT


def test_the_picture_of_the_layers_is_up_to_date() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "python -m tests.guards.layers draws it again"


def test_every_package_and_loose_file_has_a_layer() -> None:
    """A package without one would be free of the contract."""
    exempt = {"__init__", "_version"}
    here = {
        path.stem
        for path in (ROOT / "screen").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem not in exempt
    }
    assert here == {name for row in layers() for name in row}
