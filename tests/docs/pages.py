"""A page as a shell script that does what it says: `python -m tests.docs.pages docs/start.md`.

From top to bottom: blocks with a caption are files of that name, `sh` blocks run in a shell that stops at the first
error, `python` blocks in one interpreter, each with those before it. A block below a comment `<!-- shown only: reason
-->` is not run, and neither is `text` without a caption.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?:^<!-- shown only: ([^>]+?) -->\n+)?^```(?:\{code-block\} )?(\w*)\n(?::caption: (\S+)\n)?(.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A block of code on a page: why it is only shown (or nothing), its language, its file's name (or nothing)."""

    shown_only: str
    language: str
    file: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Every block of a page, those of a directive aside."""
    text = re.sub(
        r"^```\{(?!code-block).*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    return [Block(*found.groups(default="")) for found in BLOCK.finditer(text)]


def script(page: Path) -> str:
    """A shell script that does what the page says."""
    lines, python = ["set -eu"], ""
    for number, block in enumerate(blocks(page)):
        if block.shown_only:
            continue
        if block.file:
            lines.append(f"cat >{block.file} <<'END_{number}'\n{block.text}END_{number}")
        elif block.language == "sh":
            lines.append(block.text)
        elif block.language == "python":
            python += block.text
            lines.append(f"python - <<'END_{number}'\n{python}END_{number}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(script(Path(sys.argv[1])))
