"""Files as laboratories keep them, whatever a spreadsheet's version wrote."""

import zipfile
from pathlib import Path

import numpy as np

import screen
from screen.synergy.plates.reading.files import STRICT
from tests.synergy.plates.test_read_plates import VIABILITY, long_table


def test_a_strict_open_xml_workbook_is_read_as_a_usual_one(tmp_path: Path) -> None:
    usual, strict = tmp_path / "usual.xlsx", tmp_path / "strict.xlsx"
    long_table().to_excel(usual, index=False)
    with zipfile.ZipFile(usual) as book, zipfile.ZipFile(strict, "w") as written:
        for name in book.namelist():
            part = book.read(name)
            for of_strict, of_usual in STRICT:
                part = part.replace(of_usual, of_strict)
            written.writestr(name, part)
    assert STRICT[0][0] in zipfile.ZipFile(strict).read("xl/workbook.xml")
    for path in (usual, strict):
        np.testing.assert_allclose(screen.read_plates(str(path)).blocks[0].viability, VIABILITY)
