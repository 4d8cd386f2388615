"""Files as people have them, as sheets of texts: CSV and TSV in any common encoding, with title and comment lines,
`sep=;` and commas at the ends of rows; workbooks, Strict Open XML too.
"""

import csv
import io
import re
import zipfile
from pathlib import Path

import pandas as pd

from screen.errors import InputError
from screen.files import LARGEST_TABLE, require_file
from screen.synergy.plates.reading.workbook_size import check_size

HEAD_LINES = 60
MOST_COLUMNS = 10_000
SEPARATORS = (",", ";", "\t", "|")
BOOKS = (".xlsx", ".xlsm")
STRICT = (
    (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)


def read_sheets(path: Path) -> list[tuple[str, pd.DataFrame]]:
    """The sheets of a file by name, texts without head, empty rows and columns at the ends left out; the index is the
    line of the file, from 1. InputError for what is no table."""
    require_file(path, LARGEST_TABLE, "a table of plates")
    ending = path.suffix.lower()
    if ending in (".xls", ".ods", ".xlsb", ".numbers"):
        raise InputError(f"{path}: found a {ending} workbook, expected .xlsx or .csv: save it as one of them")
    sheets = _book(path) if ending in BOOKS else [(path.stem, _text(path))]
    return [(name, _trimmed(sheet)) for name, sheet in sheets if len(sheet)]


def _trimmed(sheet: pd.DataFrame) -> pd.DataFrame:
    """Without empty rows at the end and columns that hold nothing."""
    sheet = sheet.set_axis(range(1, len(sheet) + 1), axis=0)
    if len(sheet.columns) and sheet.iloc[:, -1].isna().all():
        sheet = sheet.loc[:, ~sheet.isna().all()]
    if len(sheet) and sheet.iloc[-1].isna().all():
        sheet = sheet.loc[~sheet.isna().all(axis=1)]
    return sheet.set_axis(range(sheet.shape[1]), axis=1)


def _book(path: Path) -> list[tuple[str, pd.DataFrame]]:
    content = path.read_bytes()
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise InputError(f"{path}: found an old .xls workbook, expected .xlsx: save it as one, or as CSV")
    try:
        check_size(path, content)
        if _strict(content):
            content = _transitional(content)
        sheets = pd.read_excel(io.BytesIO(content), sheet_name=None, header=None, dtype=str)
    except ImportError:
        raise InputError(f"{path}: reading workbooks needs openpyxl; save the sheet as CSV") from None
    except InputError:
        raise
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: {_no_workbook(content, error)}") from None
    return [(str(name), sheet) for name, sheet in sheets.items()]


def _no_workbook(content: bytes, error: Exception) -> str:
    """What stands in a file that claims to be a workbook and is none."""
    if not content:
        return "not a workbook: the file is empty"
    if content.startswith(b"PK"):
        return f"found a damaged workbook ({error}), expected one that opens: save it again"
    if b"\0" in content[:4096]:
        return "found bytes that are neither text nor a workbook, expected .xlsx"
    return "not a workbook: it is text, so name it .csv, whatever its separator"


def _strict(content: bytes) -> bool:
    """Whether a workbook is of the strict form of ISO 29500, which openpyxl finds empty."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "xl/workbook.xml" in book.namelist() and STRICT[0][0] in book.read("xl/workbook.xml")


def _transitional(content: bytes) -> bytes:
    """The same workbook with the names of the transitional form."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(target, "w") as other:
        for item in book.namelist():
            part = book.read(item)
            if item.endswith((".xml", ".rels")):
                for strict, usual in STRICT:
                    part = part.replace(strict, usual)
            other.writestr(item, part)
    return target.getvalue()


def _encoding(path: Path) -> str:
    """The encoding of a text: by its mark, by zeros of UTF-16, by whether UTF-8 reads it."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = start[::2].count(0), start[1::2].count(0)
    if even + odd > len(start) // 4 and min(even, odd) == 0:
        return "utf-16-le" if odd else "utf-16-be"
    if start.startswith(b"PK\x03\x04"):
        raise InputError(f"{path}: found a workbook or another archive, expected text: name a workbook .xlsx")
    if b"\0" in start:
        raise InputError(f"{path}: found bytes that are no text, expected a table of plates")
    try:
        path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return (
            "cp1252" if not any(byte in path.read_bytes() for byte in b"\x81\x8d\x8f\x90\x9d") else "latin-1"
        )
    return "utf-8-sig"


def _text(path: Path) -> pd.DataFrame:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline=None) as file:
        start = [line for line, _ in zip(file, range(HEAD_LINES))]
    widest = 1 + max((line.count(sign) for line in start for sign in SEPARATORS), default=0)
    if widest > MOST_COLUMNS:
        raise InputError(f"{path}: found {widest} columns, expected at most {MOST_COLUMNS}")
    try:
        skipped, separator = _separator(start)
        rows = csv.reader(start[skipped:], delimiter=separator)
        width = max((len(row) for row in rows), default=0)
    except csv.Error as error:
        raise InputError(f"{path}: not a table ({error})") from None
    if not width or not any(line.strip() for line in start):
        raise InputError(f"{path}: not a table: the file is empty")
    try:
        table = pd.read_csv(
            path, sep=separator, header=None, dtype=str, encoding=encoding, names=range(width), skiprows=skipped,
            skip_blank_lines=False, skipinitialspace=True, keep_default_na=False, na_values=[""], index_col=False,
            compression=None,
        )  # fmt: skip
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a table ({_plain_words(str(error).strip())})") from None
    return pd.concat([pd.DataFrame(index=range(skipped)), table], ignore_index=True) if skipped else table


def _plain_words(error: str) -> str:
    """What a parser says of a text, in words of who wrote it."""
    if row := re.search(r"EOF inside string starting at row (\d+)", error):
        return f"line {int(row[1]) + 1} opens a quotation mark that is never closed"
    return error.removeprefix("Error tokenizing data. C error: ")


def _separator(start: list[str]) -> tuple[int, str]:
    """Lines to pass over, and the sign between fields: what `sep=;` says, or what most lines agree on."""
    for number, line in enumerate(start[:3]):
        if line.strip().lower().strip('"').startswith("sep=") and len(line.strip().strip('"')) == 5:
            return number + 1, line.strip().strip('"')[4]
    best, most = ",", 0.0
    for sign in SEPARATORS:
        counts = [len(row) - 1 for row in csv.reader(start, delimiter=sign) if any(row)]
        common = sum(count > 0 for count in counts)
        score = common + 0.01 * max((counts.count(count) for count in set(counts) if count), default=0)
        if common and score * (1.0 if sign != "," else 0.9) > most:
            best, most = sign, score
    return 0, best if most else " "
