"""A memory limit: kept, as measured in a process of its own, or refused in one clear line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.runner import make_plan
from screen.runner.cost.memory import jobs_within, memory_of
from tests.cli.conftest import COMMAND, ROOT, herscreen
from tests.runner.conftest import small

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


def test_fewer_shards_are_in_hand_under_a_limit_and_none_is_an_error() -> None:
    plan = make_plan(
        small(cell_lines=[{"sample": 200}], readouts="all", shard_simulations=3000), load_pathway()
    )
    two = memory_of(plan, 2)
    assert jobs_within(plan, 8, None) == 8
    assert jobs_within(plan, 8, two) == 2
    assert jobs_within(plan, 8, two, shared=False) == 1
    assert jobs_within(plan, 8, memory_of(plan, 3) - 1) == 2
    with pytest.raises(InputError, match="shard_simulations makes smaller shards"):
        jobs_within(plan, 8, memory_of(plan, 1) - 1)


def measured(*arguments: str, cwd: Path) -> tuple[int, int, str]:
    """Exit status, peak memory in bytes and stderr of the command, begun by a process that is small itself
    (a child's peak counts what it was forked from).
    """
    ended = subprocess.run(
        [sys.executable, "-c", PEAK, *COMMAND, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    status, peak, said = ended.stdout.split(" ", 2)
    return int(status), int(peak), said.rstrip("\n")


@pytest.mark.slow
def test_a_panel_too_large_is_one_line_before_any_line_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "wide.yaml").write_text(WIDE.replace("{sample: LINES}", ",".join(["{sample: 100000}"] * 30)))
    status, peak, said = measured("run", "wide.yaml", "--memory-limit", "4GB", cwd=tmp_path)
    assert status == 2
    assert "\n" not in said
    assert "expected at least 18.42 GB for 3,000,000 cell lines" in said
    assert peak < 100e6


@pytest.mark.slow
@pytest.mark.parametrize(("lines", "readouts"), [(500, "all"), (8_000, "viability")])
def test_a_run_and_a_merge_stay_under_the_least_limit_that_is_accepted(
    tmp_path: Path, lines: int, readouts: str
) -> None:
    text = WIDE.replace("LINES", str(lines)).replace("readouts: all", f"readouts: {readouts}")
    (tmp_path / "wide.yaml").write_text(text + ("" if readouts == "all" else "doses: {points: 3}\n"))
    plan = json.loads(herscreen("plan", "wide.yaml", "-j", "1", "--json", cwd=tmp_path).stdout)
    limit = plan["memory_bytes"]
    refused = herscreen("plan", "wide.yaml", "--memory-limit", f"{limit - 1000}B", cwd=tmp_path)
    assert refused.returncode == 2
    for command in (["run", "wide.yaml", "-j", "2", "--shard", "0/1"], ["merge", "wide.yaml"]):
        status, peak, said = measured(*command, "--memory-limit", f"{limit}B", cwd=tmp_path)
        assert status == 0, said
        assert peak < limit, command
        print(command[0], lines, f"{peak / 1e6:.0f} MB of {limit / 1e6:.0f} MB")
