"""Every command and every line of Python in the five-minute start and the tutorials works, as it stands.

`tests/docs/pages.py` makes a script of a page; it is run in an empty folder. `docs/packaging/try-wheel` runs the same
scripts with a wheel, outside the clone.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import blocks, script
from tests.paths import ROOT, tracked

PAGES = [ROOT / "docs" / "start.md", *tracked("docs", "tutorials/*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_is_run_or_said_to_be_shown_only(page: Path) -> None:
    fences = page.read_text(encoding="utf-8").count("\n```") // 2
    toctrees = page.read_text(encoding="utf-8").count("```{toctree}")
    found = blocks(page)
    assert len(found) + toctrees == fences
    assert {block.language for block in found if not block.file} <= {"sh", "python", "text"}


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
