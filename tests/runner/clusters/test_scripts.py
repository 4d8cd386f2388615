"""Job scripts: readable, valid for the shell, the same to the letter, and closed to whatever stands in a name."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screen._version import __version__
from screen.errors import InputError
from screen.runner.clusters.schedulers.registry import SCHEDULERS
from screen.runner.clusters.schedulers.scheduler import Resources, clock
from screen.runner.clusters.scripts import (
    Command,
    Division,
    array_script,
    job_name,
    merge_script,
    ranges,
    write_scripts,
)

USE = Resources(seconds=1200, memory_MB=800, processors=2, partition="short", account="lab", throttle=4)
BARE = Resources(seconds=90061, memory_MB=1500)
PLAIN = Command("/usr/bin/python3", Path("/data"), "quick", Path("/data/quick.yaml"), Path("/data/quick.h5"))
NASTY = 'it\'s $(touch hacked) `touch hacked`; touch hacked & "x"\n# \\ *'


def directives(text: str, mark: str) -> list[str]:
    return [line.removeprefix(mark).strip() for line in text.splitlines() if line.startswith(mark)]


def test_a_slurm_array_says_what_it_needs() -> None:
    text = array_script(SCHEDULERS["slurm"], PLAIN, [0, 1, 2, 3, 7], 10, USE)
    assert directives(text, "#SBATCH") == [
        "--job-name=hs-quick",
        "--array=0-4%4",
        "--nodes=1",
        "--ntasks=1",
        "--cpus-per-task=2",
        "--time=00:20:00",
        "--mem=800M",
        "--partition=short",
        "--account=lab",
        "--output=logs/%A_%a.log",
        "--open-mode=append",
        "--signal=B:USR1@120",
        "--requeue",
    ]
    assert "parts=({0..3} 7)" in text
    assert 'run /data/quick.yaml -o /data/quick.h5 -j 2 --shard "$part/10" &' in text


@pytest.mark.parametrize(
    ("scheduler", "mark", "expected"),
    [
        ("pbs", "#PBS", ["-N hs-quick", "-J 0-4%4", "-l select=1:ncpus=2:mem=800mb", "-l walltime=00:20:00"]),
        ("sge", "#$", ["-N hs-quick", "-t 1-5", "-tc 4", "-pe smp 2", "-l h_rt=1200", "-l h_vmem=400M"]),
        ("lsf", "#BSUB", ['-J "hs-quick[1-5]%4"', "-n 2", '-R "span[hosts=1]"', "-W 0:20", "-M 800MB"]),
    ],
)
def test_other_schedulers_get_the_same_in_their_words(scheduler: str, mark: str, expected: list[str]) -> None:
    text = array_script(SCHEDULERS[scheduler], PLAIN, [0, 1, 2, 3, 7], 10, USE)
    assert directives(text, mark)[: len(expected)] == expected
    assert "touch hacked" not in text


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_scripts_are_valid_and_names_cannot_break_out(scheduler: str, tmp_path: Path) -> None:
    """Run the script with a stand-in for the interpreter that writes down its arguments."""
    home = tmp_path / "it's; $(touch hacked) `touch hacked`"
    home.mkdir()
    python = tmp_path / "py $(touch hacked) thon"
    python.write_text('#!/bin/bash\nprintf "%s\\n" "$@" > "$OUT"\n')
    python.chmod(0o755)
    command = Command(str(python), home, NASTY, home / NASTY, home / f"{NASTY}.h5", (f"name={NASTY}",))
    index = {variable: str(first + 2) for variable, first in SCHEDULERS[scheduler].variables.items()}
    for name, text in (
        ("array.sh", array_script(SCHEDULERS[scheduler], command, [1, 4, 9], 12, USE)),
        ("merge.sh", merge_script(SCHEDULERS[scheduler], command, USE)),
    ):
        script = tmp_path / name
        script.write_text(text)
        subprocess.run(["bash", "-n", str(script)], check=True)
        environment = {"PATH": "/usr/bin:/bin", "OUT": str(tmp_path / "said")} | index
        subprocess.run(["bash", str(script)], check=True, cwd=tmp_path, env=environment)
        said = (tmp_path / "said").read_text()
        assert said.startswith(
            f"-m\nscreen.cli\n{'run' if name == 'array.sh' else 'merge'}\n{home / NASTY}\n-o\n"
        )
        assert f"--set\nname={NASTY}\n" in said
        if name == "array.sh":
            assert said.endswith("--shard\n9/12\n")
    assert not list(tmp_path.rglob("hacked"))


@pytest.mark.slow
@settings(max_examples=50)
@given(st.text(min_size=1, max_size=60))
def test_job_names_are_plain(name: str) -> None:
    assert all(letter.isascii() and (letter.isalnum() or letter in "_.-") for letter in job_name(name))


@given(st.sets(st.integers(0, 60), min_size=1))
def test_ranges_are_what_bash_makes_of_them(parts: set[int]) -> None:
    words = []
    for word in ranges(sorted(parts)).split():
        first, _, last = word.strip("{}").partition("..")
        words += range(int(first), int(last or first) + 1)
    assert words == sorted(parts)


@pytest.mark.parametrize("name", ["a b", "x;y", "$(x)", "-x", "", "a\nb"])
def test_partitions_and_accounts_are_plain_words(name: str) -> None:
    with pytest.raises(InputError, match="expected a name of letters"):
        Resources(60, 100, partition=name)


def test_clock() -> None:
    assert clock(3661) == "01:01:01"
    assert clock(360_000) == "100:00:00"


@pytest.mark.parametrize("name", SCHEDULERS)
def test_scripts_are_the_same_to_the_letter(name: str) -> None:
    """`rendered/NAME.sh`: an array with all that can be asked for and its merge, one with the least and its."""
    scheduler = SCHEDULERS[name]
    written = [
        array_script(scheduler, PLAIN, [0, 1, 2, 3, 7], 10, USE),
        merge_script(scheduler, PLAIN, USE),
        array_script(scheduler, PLAIN, [4], 5, BARE),
        merge_script(scheduler, PLAIN, BARE),
    ]
    expected = (Path(__file__).parent / "rendered" / f"{name}.sh").read_text()
    assert "".join(written).replace(f"herscreen {__version__},", "herscreen VERSION,") == expected


def test_tasks_of_unlike_memory_and_more_than_an_array_holds_become_several_arrays(tmp_path: Path) -> None:
    (tmp_path / "array-9.sh").write_text("of an earlier turn")
    memory = {0: 800, 1: 800, 2: 1600, 3: 800}
    division = Division(SCHEDULERS["slurm"], PLAIN, memory, of_parts=5, largest=2)
    scripts = write_scripts(tmp_path, division, Resources(1200, 2000, 2))
    assert [(one.parts, one.resources.memory_MB) for one in scripts] == [
        ((0, 1), 800),
        ((3,), 800),
        ((2,), 1600),
    ]
    assert sorted(path.name for path in tmp_path.glob("*.sh")) == [
        "array-0.sh",
        "array-1.sh",
        "array-2.sh",
        "merge.sh",
    ]
    assert "--mem=1600M" in scripts[2].path.read_text()
    assert "--mem=2000M" in (tmp_path / "merge.sh").read_text()
