"""COMBINE archives as models."""

import zipfile
from pathlib import Path

import pytest

from screen.kinetics import InvalidModel, load_model
from screen.kinetics.sbml.files import text as source

SBML = "http://identifiers.org/combine.specifications/sbml.level-3.version-1"


def archive(path: Path, entries: str, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(
            "manifest.xml", f'<omexManifest xmlns="http://identifiers.org/x">{entries}</omexManifest>'
        )
        for name, text in files.items():
            made.writestr(f"{name}.xml", text)
    return path


def entry(name: str, more: str = "") -> str:
    return f'<content location="./{name}.xml" format="{SBML}" {more}/>'


def test_the_master_or_the_only_model_is_read(tmp_path: Path) -> None:
    one, other = (load_model(f"S -> ; k*S; S = {n}; k = 1").sbml for n in (1, 2))
    single = archive(tmp_path / "a.omex", entry("one"), one=one)
    assert load_model(single).network.defaults[-1] == load_model(one).network.defaults[-1]
    two = archive(tmp_path / "b.omex", entry("one") + entry("other", 'master="true"'), one=one, other=other)
    assert load_model(two) == load_model(other)


def test_a_bad_archive_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sbml = load_model("S -> ; k*S; S = 1; k = 1").sbml
    monkeypatch.setattr(source, "LARGEST_BYTES", 100_000)
    bad = {
        "found 2 SBML": archive(tmp_path / "a", entry("x") + entry("y"), x=sbml, y=sbml),
        "found 0 SBML": archive(tmp_path / "b", "", x=sbml),
        "no 'x.xml'": archive(tmp_path / "c", entry("x")),
        "the most that is read": archive(tmp_path / "d", entry("x"), x="<sbml>" + " " * 200_000),
        "malformed": archive(tmp_path / "e", "<a>", x=sbml),
    }
    (tmp_path / "f").write_bytes((tmp_path / "a").read_bytes()[:200])
    for words, path in (bad | {"damaged": tmp_path / "f"}).items():
        with pytest.raises(InvalidModel, match=words) as caught:
            load_model(path)
        assert len(str(caught.value).splitlines()) == 1
