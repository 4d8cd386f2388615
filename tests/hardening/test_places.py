"""Caches, checkpoints, streams and terminals that are not as they should be."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from screen.analysis.calibration.folder import Progressed, StageClock, claim
from screen.cli.console import say, table
from screen.errors import InputError, printable
from screen.kinetics.compiler.cache import cache_folder, load_entry
from screen.report.tables.csv_file import write_csv
from tests.cli.conftest import COMMAND
from tests.paths import ROOT


@pytest.mark.parametrize(
    ("home", "xdg", "expected"),
    [
        ("/home/x", None, "/home/x/.cache/herscreen/kinetics"),
        ("/home/x", "/c", "/c/herscreen/kinetics"),
        ("/home/x", "relative", "/home/x/.cache/herscreen/kinetics"),
        ("", None, None),
        ("~", None, None),
        ("/", None, None),
    ],
)
def test_the_cache_is_in_a_home_or_nowhere(
    monkeypatch: pytest.MonkeyPatch, home: str, xdg: str | None, expected: str | None
) -> None:
    monkeypatch.delenv("HERSCREEN_CACHE", raising=False)
    monkeypatch.setenv("HOME", home)
    if xdg is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    found = cache_folder()
    assert (None if found is None else str(found)) == expected


def test_a_cache_entry_that_is_no_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERSCREEN_CACHE", str(tmp_path))
    folder = tmp_path / "kinetics"
    folder.mkdir(mode=0o700)
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    assert load_entry("pipe") is None
    assert load_entry("folder") is None


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\x93NUMPY", b"words"])
def test_a_damaged_checkpoint_counts_as_absent(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "repeat.npz"
    path.write_bytes(damage)
    assert Progressed.load(path) is None
    Progressed(np.ones((2, 3)), 1, (0.5,)).save(path)
    whole = path.read_bytes()
    assert Progressed.load(path) is not None
    for cut in (1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert Progressed.load(path) is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"sample": 3}', '{"sample": {"processor": "x"}}'])
def test_damaged_seconds_of_a_calibration_count_from_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "seconds").write_text(text)
    assert StageClock(tmp_path / "seconds").seconds == {}


def test_a_calibration_takes_no_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "parameters.tsv").write_text("mine")
    with pytest.raises(InputError, match=r"parameters\.tsv"):
        claim(tmp_path, "digest")
    assert (tmp_path / "parameters.tsv").read_text() == "mine"
    claim(tmp_path / "new", "digest")
    claim(tmp_path / "new", "digest")


@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_closed_stream_is_no_error(tmp_path: Path, closed: str) -> None:
    line = f"{' '.join(COMMAND)} drugs lapatinib {closed}"
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=settings, capture_output=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.slow
def test_a_pipe_that_is_closed_early_is_no_error(tmp_path: Path) -> None:
    line = f"{' '.join(COMMAND)} model show | head -c 10; exit ${{PIPESTATUS[0]}}"
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=settings, capture_output=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces `ulimit -v`")
@pytest.mark.parametrize("kilobytes", [300_000, 1_000_000])
def test_a_limit_of_addresses_is_told_and_no_library_is_blamed(tmp_path: Path, kilobytes: int) -> None:
    (tmp_path / "s.yaml").write_text(
        "cell_lines: [SKBR3]\ncombinations: {anchor: trastuzumab, partners: [linsitinib]}\n"
    )
    line = f"ulimit -v {kilobytes}; {' '.join(COMMAND)} run s.yaml"
    ended = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("herscreen: out of memory: a process here may have ")
    assert "`ulimit -v`" in last


def test_an_interruption_while_the_libraries_load_is_one_line(tmp_path: Path) -> None:
    code = (
        "import sys, types\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'screen.cli.main': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "import screen.cli\n"
    )
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=settings, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (130, "herscreen: interrupted\n")


def test_names_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b]0;owned\x07\x9b31m\u202eb\ud800"
    say(f"{name} [red]µM[/red]")
    table("t", ["name"], [[name]])
    out = capsys.readouterr().out
    assert out.count("a\\x1b]0;owned\\x07\\x9b31m\\u202eb\\ud800") == 2
    assert "[red]µM[/red]" in out
    assert printable("one\n\ttwo – µM") == "one\n\ttwo – µM"


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\tx", "a\x1b[31m"])
def test_texts_of_a_table_are_no_formulas(tmp_path: Path, text: str) -> None:
    write_csv(pd.DataFrame({"drug": [text], "dose": [-1.5]}), tmp_path / "t.csv")
    found = pd.read_csv(tmp_path / "t.csv").iloc[0]
    assert found.drug[0] in "'a"
    assert "\x1b" not in found.drug
    assert found.dose == -1.5
