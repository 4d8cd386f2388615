"""Inputs and the files of others are never overwritten, and every result is whole or absent."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from screen.config.screen import load_config
from screen.errors import InputError
from screen.files import atomic_write, checked, machine, unfinished_prefix, write_text
from screen.runner.clusters.job_list import submitted
from screen.runner.clusters.jobs import Wanted, prepare_jobs
from screen.runner.clusters.scripts import quoted
from screen.runner.store.lock import holder, locked
from screen.runner.store.run_folder import RunFiles
from tests.cli.conftest import COMMAND, inside
from tests.hardening.seeds import PLATES
from tests.paths import ROOT

TINY = """\
cell_lines: [SKBR3]
combinations: {pairs: [[trastuzumab, pictilisib]]}
doses: {points: 3}
times: 24 h
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration, its cube and run folder, and plates exported from it."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "tiny.yaml").write_text(TINY)
    for arguments in (
        ["run", "tiny.yaml", "-o", "tiny.h5", "-j", "1"],
        ["export", "tiny.h5", "--plates", "-o", "p.csv"],
    ):
        assert inside(*arguments, cwd=folder).returncode == 0
    (folder / "link.csv").symlink_to("p.csv")
    os.link(folder / "p.csv", folder / "hard.csv")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["score", "p.csv", "-o", "p.csv"], "same file"),
        (["score", "p.csv", "-o", "./link.csv"], "same file"),
        (["score", "p.csv", "-o", "hard.csv"], "same file"),
        (["score", "p.csv", "--cells", "p.csv"], "same file"),
        (["score", "p.csv", "-o", "new.csv", "--cells", "./new.csv"], "same file"),
        (["score", "p.csv", "--against", "tiny.h5", "-o", "tiny.h5"], "expected .csv"),
        (["score", "tiny.h5", "-o", "tiny.h5"], "expected .csv"),
        (["score", "tiny.h5", "-o", "notes.docx"], "expected .csv"),
        (["score", "tiny.h5", "--cells", "tiny.yaml"], "expected .csv"),
        (["evidence", "check", "--file", "p.csv", "--csv", "p.csv"], "same file"),
        (["evidence", "check", "--json", "x.json", "--csv", "x.txt"], "expected .csv"),
        (["evidence", "score", "p.csv", "--json", "p.csv"], "expected .json"),
        (["export", "tiny.h5", "-o", "tiny.h5"], "expected .csv"),
        (["export", "tiny.h5", "-o", "/dev/stdout"], "pipe or a device"),
        (["report", "tiny.h5", "-o", "x.html", "--picture", "x.html"], "same file"),
        (["model", "export", "-o", "tiny.yaml"], "expected .xml"),
        (["model", "diagram", "-o", "tiny.yaml"], "expected .svg"),
        (["optimise", "tiny.yaml", "-o", "tiny.yaml"], "expected .csv"),
        (["explain", "tiny.h5", "--line", "SKBR3", "--combination", "x", "-o", "tiny.h5"], "expected .csv"),
        (["fit-line", "p.csv", "--around", "SKBR3", "-o", "p.csv"], "same file"),
        (["crate", "tiny.h5", "-o", "."], "no empty folder"),
        (["run", "tiny.yaml", "-o", "p.csv", "--restart"], "is no cube"),
        (["run", "tiny.yaml", "-o", f"{'é' * 130}.h5"], "name of 263 bytes"),
    ],
)
def test_an_output_that_would_replace_another_file_is_refused(
    made: Path, arguments: list[str], words: str
) -> None:
    before = contents(made)
    ended = inside(*arguments, cwd=made)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert words in ended.stderr
    assert contents(made) == before


@pytest.mark.slow
def test_a_table_goes_to_standard_output_and_to_a_pipe(made: Path) -> None:
    for target, redirect in (("/dev/stdout", ""), (">(cat)", "")):
        line = f"{' '.join(COMMAND)} score p.csv -o {target} {redirect}"
        ended = subprocess.run(
            ["bash", "-c", line], cwd=made, capture_output=True, text=True, timeout=120,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.startswith("block_id,"), target


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="No such device"):
        write_text(tmp_path / "pipe", "text")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_text(tmp_path / "pipe", "text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)


@pytest.mark.parametrize("text", ['{"crop": "wheat"}', "[]", "to do"])
def test_a_plan_of_somebody_else_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY)
    (tmp_path / "x.run").mkdir()
    (tmp_path / "x.run" / "plan.json").write_text(text)
    ended = inside("run", "tiny.yaml", "-o", "x.h5", "--restart", cwd=tmp_path)
    assert (ended.returncode, "plan.json" in ended.stderr) == (2, True)
    assert (tmp_path / "x.run" / "plan.json").read_text() == text


@pytest.mark.slow
@pytest.mark.parametrize("restart", [False, True])
def test_a_folder_of_somebody_else_is_no_run_folder(made: Path, tmp_path: Path, restart: bool) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY)
    (tmp_path / "x.run" / "sub").mkdir(parents=True)
    (tmp_path / "x.run" / "sub" / "raw.fcs").write_text("data")
    (tmp_path / "x.run" / "thesis.docx").write_text("years")
    before = contents(tmp_path)
    ended = inside("run", "tiny.yaml", "-o", "x.h5", *["--restart"] * restart, cwd=tmp_path)
    assert ended.returncode == 2
    assert "thesis.docx" in ended.stderr
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_a_restart_removes_what_a_run_wrote_and_nothing_else(made: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY)
    assert inside("run", "tiny.yaml", "-o", "x.h5", "-j", "1", cwd=tmp_path).returncode == 0
    folder, elsewhere = tmp_path / "x.run", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "merge.sh").write_text("mine")
    (folder / "notes.txt").write_text("mine")
    (folder / "jobs").symlink_to(elsewhere)
    (folder / "shard-000007.h5").symlink_to(tmp_path / "tiny.yaml")
    assert inside("run", "tiny.yaml", "-o", "x.h5", "-j", "1", "--restart", cwd=tmp_path).returncode == 0
    assert (folder / "notes.txt").read_text() == "mine"
    assert (elsewhere / "merge.sh").read_text() == "mine"
    assert (tmp_path / "tiny.yaml").read_text() == TINY
    assert not (folder / "shard-000007.h5").exists()


@pytest.mark.slow
def test_a_cube_of_another_ending_keeps_its_shards(made: Path) -> None:
    before = contents(made)
    ended = inside("run", "tiny.yaml", "-o", "tiny.nc", "--restart", cwd=made)
    assert ended.returncode == 2
    assert "shards of tiny.h5" in ended.stderr
    assert contents(made) == before


def test_a_lock_is_not_taken_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "soft.lock").symlink_to(victim)
    os.link(victim, tmp_path / "hard.lock")
    os.mkfifo(tmp_path / "pipe.lock")
    for name in ("soft.lock", "hard.lock", "pipe.lock"):
        with pytest.raises(InputError, match="in place of a lock file"), locked(tmp_path / name):
            pass
    assert victim.read_text() == "precious"


def test_who_holds_a_lock_can_be_asked_by_those_who_may_only_read_it(tmp_path: Path) -> None:
    path = tmp_path / "cube.lock"
    with locked(path):
        path.chmod(0o444)
        assert str(os.getpid()) in (holder(path) or "")
    assert holder(path) is None


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["[]", "null", "7", "{", "", '{"plan_sha256": 1}'])
def test_a_damaged_manifest_is_written_again(
    made: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    manifest, cube = made / "tiny.run" / "plan.json", made / "tiny.h5"
    good = manifest.read_bytes()
    manifest.write_text(damage)
    cube.rename(made / "kept.h5")
    try:
        ended = inside("run", "tiny.yaml", "-o", "tiny.h5", "-j", "1", cwd=made)
        assert ended.returncode == 0, ended.stderr
        assert "damaged; written again" in caplog.text
        assert manifest.read_bytes() == good
    finally:
        (made / "kept.h5").replace(cube)


@pytest.mark.parametrize(
    "damage",
    ['{"job": "8", "parts": [0', "{}", "[]", '"x"', "[" * 5000, '{"job": "8", "parts": [0], "of_parts": 0}'],
)
def test_a_damaged_line_of_the_job_list_is_left_out(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    fields = {
        "job": "7",
        "parts": [0, 1],
        "of_parts": 2,
        "memory_MB": 100,
        "when": "now",
        "scheduler": "slurm",
    }
    good = json.dumps(fields)
    (tmp_path / "jobs.jsonl").write_text(f"{good}\n{damage}\n{good}\n")
    assert [one.job for one in submitted(tmp_path)] == ["7", "7"]
    assert "line 2 is damaged" in caplog.text


def test_leftovers_of_a_killed_writer_go_when_the_file_is_written_next(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f"{unfinished_prefix('t.csv')}.0a1b2c3d.{machine()}.{ended.pid}.part"
    live = tmp_path / f"{unfinished_prefix('t.csv')}.0a1b2c3d.{machine()}.{os.getpid()}.part"
    other = tmp_path / f"{unfinished_prefix('t.csv')}.0a1b2c3d.elsewhere.{ended.pid}.part"
    for path in (left, live, other):
        path.touch()
    checked(tmp_path / "t.csv", (".csv",))
    assert sorted(tmp_path.iterdir()) == sorted([live, other])


def test_leftovers_of_a_killed_jobs_go_when_its_scripts_are_written_next(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "tiny.yaml").write_text(TINY)
    config, wanted = (
        load_config(tmp_path / "tiny.yaml"),
        Wanted(1, "slurm", 300, 600, 1, None, None, None, submit=False),
    )
    prepare_jobs(config, tmp_path / "tiny.yaml", tmp_path / "tiny.h5", (), wanted)
    for name in ("plan.json", "jobs/merge.sh"):
        path = tmp_path / "tiny.run" / name
        path.with_name(f"{unfinished_prefix(path.name)}.0a1b2c3d.{machine()}.{ended.pid}.part").touch()
    prepare_jobs(config, tmp_path / "tiny.yaml", tmp_path / "tiny.h5", (), wanted)
    assert not list(tmp_path.rglob("*.part"))


def test_a_long_name_leaves_room_for_that_of_the_unfinished_file(tmp_path: Path) -> None:
    path = tmp_path / f"{'é' * 125}.h5"
    with atomic_write(path) as unfinished:
        assert len(os.fsencode(unfinished.name)) <= 255
        unfinished.write_text("whole")
    assert path.read_text() == "whole"


def test_no_line_of_a_job_script_can_be_read_as_a_directive() -> None:
    word = "description=a'b\\x\n#$ -q evil"
    line = quoted(word)
    assert "\n" not in line
    assert subprocess.run(["bash", "-c", f"printf %s {line}"], capture_output=True, text=True).stdout == word


def test_a_name_that_no_file_can_have_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY)
    for name in (f"{'a' * 250}.h5", "a\0.h5", "a\ud800.h5"):
        with pytest.raises(InputError, match="name"):
            RunFiles.of("x", name)
    assert load_config(tmp_path / "tiny.yaml").name == "tiny"


@pytest.mark.slow
def test_a_file_that_grows_too_large_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PLATES)
    line = f"ulimit -f 0; {' '.join(COMMAND)} score p.csv --models hsa -o s.csv"
    ended = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (1, "herscreen: s.csv: file too large")
    assert not (tmp_path / "s.csv").exists()
    assert not list(tmp_path.glob(".*"))
