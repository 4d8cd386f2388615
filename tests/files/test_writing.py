"""Files are written whole or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from screen.errors import InputError
from screen.files import atomic_write, checked, machine, sweep, write_text


def test_a_file_takes_its_place_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("before")
    with atomic_write(path) as unfinished:
        unfinished.write_text("half")
        assert path.read_text() == "before"
        unfinished.write_text("after")
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_what_stood_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("before")

    def stopped_halfway() -> None:
        with atomic_write(path) as unfinished:
            unfinished.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_halfway()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "table.csv"):
        pass


def test_two_writers_of_one_file_have_two_names_that_tell_host_and_process(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with atomic_write(path) as one, atomic_write(path) as two:
        assert one != two
        assert one.name.startswith(".table.csv.")
        assert one.name.endswith(f".{os.getpid()}.part")
        one.write_text("one")
        two.write_text("two")
    assert path.read_text() == "one"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o007, 0o660)])
def test_the_umask_is_honoured(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        path = write_text(tmp_path / "text", "2 µM\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text(encoding="utf-8") == "2 µM\n"


def test_file_and_folder_are_flushed_in_that_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_ino))
    path = write_text(tmp_path / "text", "words")
    assert flushed == [path.stat().st_ino, tmp_path.stat().st_ino]


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    assert checked(tmp_path / "a.csv", (".csv",)) == tmp_path / "a.csv"
    with pytest.raises(InputError, match=r"expected \.csv or \.xlsx"):
        checked(tmp_path / "a.txt", (".csv", ".xlsx"))
    with pytest.raises(InputError, match=r"folder .* does not exist"):
        checked(tmp_path / "no" / "a.csv", (".csv",))


def test_sweeping_removes_what_ended_processes_left_and_no_file_of_others(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f".t.csv.0a1b2c3d.{machine()}.{ended.pid}.part"
    others = [
        tmp_path / name
        for name in (
            f".t.csv.0a1b2c3d.{machine()}.{os.getpid()}.part",
            f".t.csv.0a1b2c3d.elsewhere.{ended.pid}.part",
            ".a.b.c.d.e.part",
            f"t.csv.0a1b2c3d.{machine()}.{ended.pid}.part",
        )
    ]
    for path in (left, *others):
        path.touch()
    os.utime(others[2], (0, 0))  # a download of another program, years old
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(others)
    os.utime(others[1], (0, 0))
    checked(tmp_path / "x.csv", (".csv",))
    assert sorted(tmp_path.iterdir()) == sorted([others[0], *others[2:]])
