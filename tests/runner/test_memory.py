"""A memory limit: kept, as measured in a process of its own, or refused in one clear line."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.runner import make_plan
from screen.runner.memory import jobs_within, memory_of, parse_memory

from ..cli.conftest import COMMAND, ROOT, herscreen
from .conftest import small

WIDE = """\
cell_lines: [{sample: LINES}]
combinations:
  anchor: trastuzumab
  partners: [linsitinib, alpelisib]
times: [24 h, 48 h, 72 h]
readouts: all
synergy: [bliss, zip]
shard_simulations: 20000
"""
PEAK = """\
import resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], capture_output=True, text=True)
print(ended.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, ended.stderr)
"""


@pytest.mark.parametrize(
    ("text", "expected"), [("2GB", 2e9), ("800 mb", 8e8), ("1.5g", 1.5e9), ("5GiB", 5e9)]
)
def test_sizes_are_read(text: str, expected: float) -> None:
    assert parse_memory(text) == expected


@pytest.mark.parametrize("text", ["", "much", "-2GB", "0", "2 EB", "2GB GB", "nan"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a size like 2GB"):
        parse_memory(text)


def test_fewer_shards_are_in_hand_under_a_limit_and_none_is_an_error() -> None:
    plan = make_plan(
        small(cell_lines=[{"sample": 200}], readouts="all", shard_simulations=3000), load_pathway()
    )
    two = memory_of(plan, 2)
    assert jobs_within(plan, 8, None) == 8
    assert jobs_within(plan, 8, two) == 2
    assert jobs_within(plan, 8, memory_of(plan, 3) - 1) == 2
    with pytest.raises(InputError, match="shard_simulations makes smaller shards"):
        jobs_within(plan, 8, memory_of(plan, 1) - 1)


def test_a_panel_too_large_is_one_line_before_any_line_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "wide.yaml").write_text(WIDE.replace("{sample: LINES}", ",".join(["{sample: 100000}"] * 30)))
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    ended = herscreen("run", "wide.yaml", "--memory-limit", "4GB", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "expected at least 18.42 GB for 3,000,000 cell lines" in ended.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < max(used + 1, 150_000)


@pytest.mark.slow
@pytest.mark.parametrize(("lines", "sparse"), [(500, False), (20_000, True)])
def test_a_run_and_a_merge_stay_under_the_least_limit_that_is_accepted(
    tmp_path: Path, lines: int, sparse: bool
) -> None:
    text = WIDE.replace("LINES", str(lines))
    text = (
        re.sub("readouts.*", "doses: {points: 3}", text.replace("[24 h, 48 h, 72 h]", "24 h"))
        if sparse
        else text
    )
    (tmp_path / "wide.yaml").write_text(text)
    refused = herscreen("plan", "wide.yaml", "--memory-limit", "1kB", "-j", "1", cwd=tmp_path).stderr
    assert "cell lines" in refused
    refused = herscreen("plan", "wide.yaml", "--memory-limit", "560MB", "-j", "1", cwd=tmp_path).stderr
    found = re.search(r"expected at least (\d+) MB", refused)
    limit = f"{found[1]}MB" if found else "560MB"
    for command in (["run", "wide.yaml", "-j", "2", "--shard", "0/1"], ["merge", "wide.yaml"]):
        words = [*COMMAND, *command, "--memory-limit", limit]
        measured = subprocess.run(
            [sys.executable, "-c", PEAK, *words], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        status, peak, *said = measured.split()
        assert status == "0", said
        assert int(peak) < parse_memory(limit), command
        print(command[0], lines, f"{int(peak) / 1e6:.0f} MB of {limit}")
