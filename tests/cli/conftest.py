"""The real command in a process of its own."""

import contextlib
import io
import logging
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.paths import ROOT

COMMAND = [sys.executable, "-m", "screen.cli"]
GOOD = """\
cell_lines: [SKBR3, BT474]
combinations:
  anchor: trastuzumab
  partners: [linsitinib]
doses:
  points: 3
times: 24 h
"""
LONG = """\
cell_lines: all
combinations:
  anchor: trastuzumab
  partners: [linsitinib, alpelisib]
doses:
  points: 4
times: 72 h
synergy: [bliss]
shard_simulations: 16
"""


def processor_seconds() -> float:
    """Processor time of the processes that have ended: what a wall clock says on an idle machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def herscreen(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    settings = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, env=settings, capture_output=True, text=True, timeout=300
    )


def inside(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The same in this process, which saves a second of start-up."""
    from screen.cli.main import invoke

    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = invoke(list(arguments))
        finally:
            logging.captureWarnings(False)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def begin(*arguments: str, cwd: Path, **options: Any) -> subprocess.Popen[str]:
    """Start the command and leave it running."""
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*COMMAND, *arguments], cwd=cwd, env=settings, **pipes, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with configurations that are right and model files that are wrong."""
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "long.yaml").write_text(LONG)
    (tmp_path / "broken.xml").write_text("<sbml><model></sbml>")
    (tmp_path / "broken.ant").write_text("model x; S1 -> ; k1*S1 ( end")
    return tmp_path
