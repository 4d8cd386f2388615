"""Every command and every line of Python in the five-minute start and the tutorials works, as it stands.

A page is run from top to bottom in an empty folder: blocks with a caption are files of that name, `sh` blocks run in a
shell that stops at the first error, `python` blocks in one interpreter. Blocks of `text` without a caption are shown
only (installing, clusters).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT, tracked

PAGES = [ROOT / "docs" / "start.md", *tracked("docs", "tutorials/*.md")]
BLOCK = re.compile(
    r"^```(?:\{code-block\} )?(\w+)\n(?::caption: (\S+)\n)?(.*?)^```$", re.DOTALL | re.MULTILINE
)
SHOWN = {"text"}


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """(language, file name or nothing, text) of every block of a page."""
    return [found.groups(default="") for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def script(page: Path) -> str:
    """A shell script that does what the page says."""
    lines, python = ["set -eu"], ""
    for number, (language, file, text) in enumerate(blocks(page)):
        if file:
            lines.append(f"cat >{file} <<'END_{number}'\n{text}END_{number}")
        elif language == "sh":
            lines.append(text)
        elif language == "python":
            python += text
            lines.append(f"python - <<'END_{number}'\n{python}END_{number}")
    return "\n".join(lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_is_run_or_said_to_be_shown_only(page: Path) -> None:
    fences = page.read_text(encoding="utf-8").count("\n```") // 2
    toctrees = page.read_text(encoding="utf-8").count("```{toctree}")
    found = blocks(page)
    assert len(found) + toctrees == fences
    assert {language for language, file, _ in found if not file} <= {"sh", "python", *SHOWN}


@pytest.mark.slow
@pytest.mark.timeout(1000)  # ten seconds of the processor each, shared with whatever else runs
@pytest.mark.parametrize("page", [page for page in PAGES if page.stem != "index"], ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, words in (("herscreen", "-m screen.cli"), ("python", "")):
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (commands / name).chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "page.sh").write_text(script(page))
    settings = os.environ | {"PATH": f"{commands}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        ["bash", str(tmp_path / "page.sh")],
        cwd=work,
        env=settings,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
