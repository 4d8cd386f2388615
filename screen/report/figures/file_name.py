"""Names as parts of file names."""

import re


def file_name(text: str) -> str:
    """`text` with nothing in it that a file system could mind."""
    return re.sub(r"[^\w.+-]+", "_", text).strip("._")[:80] or "pair"
