"""Job scripts: readable, valid for the shell, and closed to whatever stands in a name."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screen.errors import InputError
from screen.runner.clusters.scripts import (
    SCHEDULERS,
    Command,
    Resources,
    Scheduler,
    array_script,
    clock,
    job_name,
    merge_script,
    ranges,
)
from screen.runner.clusters.shard_argument import parse_part

USE = Resources(seconds=1200, memory_MB=800, processors=2, partition="short", account="lab", throttle=4)
PLAIN = Command("/usr/bin/python3", Path("/data"), "quick", Path("/data/quick.yaml"), Path("/data/quick.h5"))
NASTY = 'it\'s $(touch hacked) `touch hacked`; touch hacked & "x"\n# \\ *'


def directives(text: str, mark: str) -> list[str]:
    return [line.removeprefix(mark).strip() for line in text.splitlines() if line.startswith(mark)]


def test_a_slurm_array_says_what_it_needs() -> None:
    text = array_script("slurm", PLAIN, [0, 1, 2, 3, 7], 10, USE)
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
def test_other_schedulers_get_the_same_in_their_words(
    scheduler: Scheduler, mark: str, expected: list[str]
) -> None:
    text = array_script(scheduler, PLAIN, [0, 1, 2, 3, 7], 10, USE)
    assert directives(text, mark)[: len(expected)] == expected
    assert "touch hacked" not in text


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_scripts_are_valid_and_names_cannot_break_out(scheduler: Scheduler, tmp_path: Path) -> None:
    """Run the script with a stand-in for the interpreter that writes down its arguments."""
    home = tmp_path / "it's; $(touch hacked) `touch hacked`"
    home.mkdir()
    python = tmp_path / "py $(touch hacked) thon"
    python.write_text('#!/bin/bash\nprintf "%s\\n" "$@" > "$OUT"\n')
    python.chmod(0o755)
    command = Command(str(python), home, NASTY, home / NASTY, home / f"{NASTY}.h5", (f"name={NASTY}",))
    index = {"SLURM_ARRAY_TASK_ID": "2", "PBS_ARRAY_INDEX": "2", "SGE_TASK_ID": "3", "LSB_JOBINDEX": "3"}
    for name, text in (
        ("array.sh", array_script(scheduler, command, [1, 4, 9], 12, USE)),
        ("merge.sh", merge_script(scheduler, command, USE)),
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


@pytest.mark.parametrize(
    ("environment", "part"),
    [
        ({"SLURM_ARRAY_TASK_ID": "3"}, 3),
        ({"PBS_ARRAY_INDEX": "0"}, 0),
        ({"PBS_ARRAYID": "2"}, 2),
        ({"SGE_TASK_ID": "1"}, 0),
        ({"LSB_JOBINDEX": "4"}, 3),
        ({"SGE_TASK_ID": "undefined", "LSB_JOBINDEX": "2"}, 1),
        ({"LSB_JOBINDEX": "0", "SLURM_ARRAY_TASK_ID": "1"}, 1),
    ],
)
def test_the_part_comes_from_the_scheduler_s_environment(environment: dict[str, str], part: int) -> None:
    assert parse_part("auto/5", environment) == (part, 5)


@pytest.mark.parametrize("text", ["", "1", "1/", "/2", "2/2", "-1/2", "a/2", "1/0", "1.5/2", "1/2/3"])
def test_parts_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_part(text, {})


@pytest.mark.parametrize("environment", [{}, {"SGE_TASK_ID": "undefined"}, {"LSB_JOBINDEX": "0"}])
def test_auto_outside_an_array_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(InputError, match="found no job array"):
        parse_part("auto/2", environment)
