"""One compiled assay for all tests of evidence."""

import pytest

from screen.pathway import Assay, load_pathway
from screen.pathway.names import SIGNALS


@pytest.fixture(scope="session")
def assay() -> Assay:
    return Assay.compile(load_pathway(), SIGNALS)
