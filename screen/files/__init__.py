"""Files: those of a user read without trust, results written whole or not at all, texts in tables as texts."""

from screen.files.cells import guarded, table_text
from screen.files.reading import ANY_SIZE, LARGEST_TABLE, read_bytes, read_text, require_file
from screen.files.writing import (
    LONGEST_NAME,
    atomic_write,
    checked,
    is_stream,
    machine,
    occupied,
    sweep,
    unfinished_prefix,
    write_text,
)

__all__ = [
    "ANY_SIZE",
    "LARGEST_TABLE",
    "LONGEST_NAME",
    "atomic_write",
    "checked",
    "guarded",
    "is_stream",
    "machine",
    "occupied",
    "read_bytes",
    "read_text",
    "require_file",
    "sweep",
    "table_text",
    "unfinished_prefix",
    "write_text",
]
