"""The schema knows every variable of every kind of cube as it is written, and every row of the design's table."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np
import pytest

from screen.cube import schema
from screen.cube.reader import CubeReader
from screen.cube.reference import BEGIN, END, reference
from screen.cube.spec import VariableSpec
from screen.cube.stored import StoredVariable
from screen.synergy.models.registry import MODELS
from tests.cube.conftest import KINDS
from tests.paths import ROOT

CubeOf = Callable[[str], Path]
GROUPS = [group.path for group in schema.GROUPS]
INNER = ["", *(f"triples/{name}" for name in ("scores", "ensemble", "replicates"))]


def known_in(cube: CubeReader) -> Mapping[str, Collection[str]]:
    scores = cube.group("scores")
    assert scores is not None
    return {
        "model": MODELS,
        "end": schema.ENDS,
        "k": "123",
        "readout": cube.readouts,
        "score": [name for name in scores if not name.endswith(("_low", "_high"))],
    }


def problems(variable: StoredVariable, row: VariableSpec, words: Mapping[str, str]) -> list[str]:
    """How a stored variable is not what its row says."""
    found = []
    if not row.allows(variable.dims, **words):
        found.append(f"dimensions {variable.dims}, expected {row.dims}")
    attributes = variable.attributes
    if "{" not in row.units and attributes.get("units", "") != row.units:
        found.append(f"units {attributes.get('units')!r}, expected {row.units!r}")
    if attributes.get("sign", "") != row.sign and row.name != "{score}_{end}":
        found.append(f"sign {attributes.get('sign')!r}, expected {row.sign!r}")
    if not attributes.get("long_name"):
        found.append("no long_name")
    if variable.kind == "f" and not attributes.get("units") and row not in UNITLESS:
        found.append("a number without units")
    if "status" in variable.name.split("_")[-1:] and "flag_meanings" not in attributes:
        found.append("codes without their meanings")
    return found


UNITLESS = [row for row in schema.CONTROLS.rows if row.name in ("value", "limit")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_variable_of_every_kind_of_cube_is_what_its_row_says(cube_of: CubeOf, kind: str) -> None:
    found, seen = [], 0
    with CubeReader.open(cube_of(kind)) as cube:
        known = known_in(cube)
        for where in (*GROUPS, *INNER[1:]):
            group, spec = cube.group(where), schema.group_of(where)
            assert spec is not None
            for name in group or ():
                seen += 1
                match = spec.row_of(name, known)
                if match is None or group is None:
                    found.append(f"{where}/{name}: not in the schema")
                    continue
                found += [f"{where}/{name}: {words}" for words in problems(group[name], *match)]
    assert seen > 60
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_no_group_is_unknown_to_the_schema(cube_of: CubeOf) -> None:
    import h5py

    for kind in KINDS:
        paths: list[str] = []
        with h5py.File(cube_of(kind)) as file:
            file.visititems(
                lambda path, item, to=paths: to.append(path) if isinstance(item, h5py.Group) else None
            )
        assert all(schema.group_of(path) is not None for path in paths), paths


@pytest.mark.slow
def test_an_interval_says_its_quantile_as_a_number(cube_of: CubeOf) -> None:
    with CubeReader.open(cube_of("ensemble")) as cube:
        ends = [
            group[name]
            for group in map(cube.part, ("", "panel", "scores"))
            for name in group
            if name.endswith(("_low", "_high"))
        ]
        assert len(ends) > 8
        for end in ends:
            assert end.attributes["quantile"] == schema.QUANTILES[end.name.rpartition("_")[2]]
            assert "quantile over 3 draws" in end.attributes["long_name"]
        assert "quantile" not in cube.root["viability"].attributes


DESIGN = {
    "cell_line": "cell_line",
    "combination": "combination",
    "drug_{k}": "combination",
    "concentration_{k}": "combination dose_{k}",
    "time": "time",
    "{readout}": "cell_line combination dose_1 dose_2 time",
    "status": "cell_line combination dose_1 dose_2",
}


@pytest.mark.parametrize(("name", "dims"), DESIGN.items())
def test_the_root_group_is_that_of_the_design(name: str, dims: str) -> None:
    row = next(row for row in schema.ROOT.rows if row.name == name)
    assert " ".join(row.dims_of((), k=1)) == dims.format(k=1)


def test_scores_are_in_points_and_positive_is_synergy() -> None:
    for name in ("{model}", "{model}_excess", "{model}_max"):
        about = schema.SCORES.attributes(name, null="x", window="3 x 3")
        assert (about["units"], about["sign"]) == ("percent points of inhibition", "positive = synergy")


def test_optional_dimensions_come_in_the_schemas_order_only() -> None:
    row = next(row for row in schema.ROOT.rows if row.name == "status")
    assert row.allows(("cell_line", "combination", "schedule", "dose_1", "dose_2", "dose_3"))
    assert not row.allows(("cell_line", "combination", "dose_1", "dose_2", "schedule"))
    assert not row.allows(("cell_line", "combination", "dose_1"))
    assert not row.allows(("cell_line", "combination", "dose_1", "dose_2", "draw"))


def test_a_writer_fills_the_places_of_a_row() -> None:
    found = schema.ROOT.variables({"concentration_{k}": np.zeros((2, 3))}, k=2)
    assert found["concentration_2"].dims == ("combination", "dose_2")
    assert found["concentration_2"].attributes == {"units": "nM", "long_name": "concentration of drug 2"}
    with pytest.raises(KeyError):
        schema.ROOT.variables({"no such row": 1.0})


def test_the_reference_in_the_docs_is_that_of_the_schema() -> None:
    text = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    inside = text[text.index(BEGIN) : text.index(END) + len(END)]
    assert inside == reference(), "put what `python -m screen.cube.reference` prints into docs/files.md"
