"""Citations of what a run used and of nothing else; a crate that says what each of its files is."""

import json
from pathlib import Path

import pytest
import xarray as xr

from screen.errors import InputError
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.references import LABELS, bibliography, library, used
from screen.report.tables.ro_crate import write_crate


def test_the_library_is_whole() -> None:
    known = library()
    assert known.keys() == LABELS.keys()
    assert known["loewe"].line.startswith("Loewe and Muischnek 1926 Über Kombinationswirkungen. Archiv für")
    assert known["zip"].line.startswith("Yadav et al. 2015 Searching")
    assert known["hsa"].line == "Berenbaum 1989 What is synergy? Pharmacological Reviews 41:93-141"
    for entry in known.values():
        assert entry.bibtex.count("{") == entry.bibtex.count("}")


def test_only_what_was_used_is_cited(cube: xr.DataTree) -> None:
    keys = [entry.key for entry in used(read_screen(cube))]
    assert keys == ["hsa", "bliss", "loewe", "zip", "gr_value", "false_discovery", "mechanism"]
    scores = cube["scores"].to_dataset().drop_vars(["hsa_excess", "loewe_excess", "zip_excess"])
    text = bibliography(read_screen(cube, scores))
    assert "@article{bliss," in text
    assert "Loewe" not in text
    assert text.startswith("@software{herscreen,")
    assert "ab" * 32 in text


@pytest.mark.slow
def test_a_crate_describes_every_file_in_it(cube_file: Path, tmp_path: Path) -> None:
    path = write_crate(cube_file, tmp_path / "crate")
    graph = json.loads(path.read_text())["@graph"]
    by_id = {node["@id"]: node for node in graph}
    files = {item.name for item in path.parent.iterdir()} - {"ro-crate-metadata.json"}
    assert {part["@id"] for part in by_id["./"]["hasPart"]} == files
    assert {"synthetic.h5", "synthetic.html", "synthetic_scores.csv", "model.xml", "citations.bib"} <= files
    for name in files:
        assert int(by_id[name]["contentSize"]) == (path.parent / name).stat().st_size
    assert by_id["ro-crate-metadata.json"]["conformsTo"]["@id"] == "https://w3id.org/ro/crate/1.1"
    assert by_id["#run"]["result"]["@id"] == "synthetic.h5"


def test_a_crate_overwrites_nothing(cube_file: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    with pytest.raises(
        InputError, match="exists already and is no empty folder, expected another name, or --force"
    ):
        write_crate(cube_file, tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        write_crate(cube_file, tmp_path / "absent" / "crate")
