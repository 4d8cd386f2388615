"""Every package that an installation brings has a licence that somebody has read, and stands in the table."""

import importlib.util
from types import ModuleType

import pytest

from tests.paths import ROOT


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    """`docs/packaging/licences.py`, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("licences", ROOT / "docs" / "packaging" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_licence_is_allowed(licences: ModuleType) -> None:
    refused = {name: licences.unknown(licences.licence(name)) for name in licences.names()}
    assert not {name: found for name, found in refused.items() if found}


def test_the_table_names_every_package_of_the_lock_file(licences: ModuleType) -> None:
    text = licences.PAGE.read_text(encoding="utf-8").partition("## Extras")[0]
    rows = [row.split(" | ") for row in text.splitlines() if row.startswith("| ")]
    listed = {name.strip("| "): licence.strip("| ") for name, licence in rows[2:]}
    assert list(listed) == licences.names(), "python docs/packaging/licences.py writes it again"
    assert not {name: text for name, text in listed.items() if licences.unknown(text)}


@pytest.mark.parametrize(
    "extra", ["arrays", "dask", "instruments", "mcp", "notebook", "petab", "sensitivity"]
)
def test_the_table_of_extras_has_what_an_extra_asks_for(licences: ModuleType, extra: str) -> None:
    text = licences.PAGE.read_text(encoding="utf-8").partition("## Extras")[2]
    rows = [row.strip("| ").split(" | ") for row in text.splitlines() if row.startswith("| ")][2:]
    assert not [row for row in rows if licences.unknown(row[3])]
    listed = {(row[0], licences.normal(row[1])) for row in rows}
    asked = {licences.normal(licences.Requirement(one).name) for one in licences.of_extras()[extra]}
    assert {(extra, name) for name in asked} <= listed, (
        "python docs/packaging/licences.py, where it is installed"
    )


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("MIT", []),
        ("BSD-2-Clause AND Apache-2.0 WITH LLVM-exception", []),
        ("MIT OR (GPL-3.0-only AND BSD-3-Clause)", ["GPL-3.0-only"]),
        ("not stated", ["not stated"]),
    ],
)
def test_what_nobody_allowed_is_named(licences: ModuleType, expression: str, found: list[str]) -> None:
    assert licences.unknown(expression) == found
