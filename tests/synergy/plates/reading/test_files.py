"""Files as laboratories keep them, whatever a spreadsheet's version wrote."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

import screen
from screen.errors import InputError
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


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "not a table: the file is empty"),
        ("a.csv", b'"opened\nconc_r,conc_c\n1,2\n', "line 1 opens a quotation mark that is never closed"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(64), "found bytes that are no text"),
        ("a.csv", b"PK\x03\x04" + bytes(64), "name a workbook .xlsx"),
        ("a.xlsx", b"a,b\n1,2\n", "not a workbook: it is text, so name it .csv"),
        ("a.xlsx", b"PK\x03\x04" + bytes(64), "found a damaged workbook"),
        ("a.xlsx", b"", "not a workbook: the file is empty"),
    ],
)
def test_what_is_no_table_is_refused_in_plain_words(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=re.escape(words)):
        screen.read_plates(str(tmp_path / name))


def test_a_workbook_of_formulas_that_were_never_computed_is_told_so(tmp_path: Path) -> None:
    table = long_table()
    table["response"] = [f"=100-{k}" for k in range(len(table))]
    table.to_excel(tmp_path / "formulas.xlsx", index=False)
    with pytest.raises(InputError, match=r"formulas.xlsx: no row .* is left \(no response: .*never computed"):
        screen.read_plates(str(tmp_path / "formulas.xlsx"))
