"""Large matrices in files, read row by row: CSV, TSV (either compressed by gzip) and Parquet, of which only the
rows and columns that are wanted become Python objects.

Lines that begin with `#` or `!` are comments (cBioPortal, GEO's series matrices), as are the two lines above a GCT
file's header. A header one shorter than the rows, as R writes it, has an unnamed first column.
"""

import csv
import gzip
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from screen.errors import InputError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

LABELS = 3
"""Columns that may name what a row is: `Hugo_Symbol`, `Entrez_Gene_Id`, `Description`."""
BATCH_ROWS = 256  # of a Parquet file, at a time
Keep = Callable[[Sequence[str]], bool]


class MatrixFile(Protocol):
    """A file with a `header`; `rows` gives place (`line 12`, for messages) and fields of `columns` of the rows whose
    first three fields `keep` accepts, all of them without it.
    """

    @property
    def header(self) -> tuple[str, ...]: ...

    def rows(self, columns: Sequence[int], keep: Keep | None = None) -> Iterator[tuple[str, list[str]]]: ...


def open_matrix(path: Path) -> MatrixFile:
    """The matrix in a file. Raises `InputError` for what cannot be read as one."""
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return ParquetMatrix(path, _parquet_header(path))
        for number, text in _lines(path):
            if re.fullmatch(r"\d+\t\d+\t*", text):  # a GCT file's numbers of rows and columns
                continue
            delimiter = max("\t,;", key=text.count)
            header = _fields(text, delimiter)
            following = next((line for at, line in _lines(path) if at > number), "")
            if len(_fields(following, delimiter)) == len(header) + 1:
                header = ["", *header]
            return TextMatrix(path, tuple(name.strip() for name in header), delimiter, number)
    except (OSError, EOFError, ValueError, csv.Error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read as a table ({_reason(error)})") from None
    raise InputError(f"{path}: is empty, expected a table of expression with a header")


@dataclass(frozen=True)
class TextMatrix:
    """CSV or TSV; `first` is the line of the header."""

    path: Path
    header: tuple[str, ...]
    delimiter: str
    first: int

    def rows(self, columns: Sequence[int], keep: Keep | None = None) -> Iterator[tuple[str, list[str]]]:
        """See `Matrix`. Raises `InputError` for a row that is longer or shorter than the header."""
        for number, text in _lines(self.path):
            if number <= self.first:
                continue
            if keep is not None:
                begin = text.split(self.delimiter, LABELS)[:LABELS]
                if not keep([field.strip().strip('"') for field in begin]):
                    continue
            fields = _fields(text, self.delimiter)
            if len(fields) != len(self.header):
                raise InputError(
                    f"{self.path}: line {number}: found {len(fields)} fields, expected {len(self.header)}"
                )
            yield f"line {number}", [fields[column] for column in columns]


@dataclass(frozen=True)
class ParquetMatrix:
    """Parquet; columns of text, an index among them, come first."""

    path: Path
    header: tuple[str, ...]

    def rows(self, columns: Sequence[int], keep: Keep | None = None) -> Iterator[tuple[str, list[str]]]:
        """See `Matrix`."""
        names = [self.header[column] for column in columns]
        labels = list(self.header[:LABELS])
        read = list(dict.fromkeys([*labels, *names]))
        place = 0
        for batch in _parquet(self.path).iter_batches(BATCH_ROWS, columns=read):
            label = [batch.column(name).to_pylist() for name in labels]
            wanted = [
                row
                for row, begin in enumerate(zip(*label))
                if keep is None or keep([_text(field) for field in begin])
            ]
            taken = batch.take(wanted) if wanted else batch.slice(0, 0)
            fields = [taken.column(name).to_pylist() for name in names]
            for at, row in enumerate(wanted):
                yield f"row {place + row + 1}", [_text(column[at]) for column in fields]
            place += batch.num_rows


def _parquet(path: Path) -> "ParquetFile":
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(path)


def _parquet_header(path: Path) -> tuple[str, ...]:
    schema = _parquet(path).schema_arrow
    text = {field.name for field in schema if str(field.type) in ("string", "large_string")}
    return tuple(sorted(schema.names, key=lambda name: name not in text))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines of a text file that are no comments and not blank, with their numbers."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with (gzip.open if packed else open)(path, "rt", encoding="utf-8-sig") as handle:
        for number, text in enumerate(handle, start=1):
            line = text.rstrip("\r\n")
            if line.strip() and line[0] not in "#!":
                yield number, line


def _fields(text: str, delimiter: str) -> list[str]:
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader([text], delimiter=delimiter))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
