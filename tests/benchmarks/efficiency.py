"""Parallel efficiency of the whole `herscreen run`, and the start-up of a task of a job array.

    python -m tests.benchmarks.efficiency [--lines 10000,100000] [--partners 1] [--pairs 3]

Runs one job and two jobs in turn, each from interpreter to finished cube in an empty folder. Efficiency is
the wall time of one job over twice that of two, medians of the pairs; `of_pairs` is what each pair gave. It
means something on a quiet machine only: `busy` says how much of the one-job run's wall time it had no
processor (more than a few percent: do not believe the row).
`serial_s` is the part that two processors do not shorten (Amdahl): 2 x wall of two jobs - wall of one.
`start_s` is what the same command takes to draw the lines, make the plan and find no shard of its own;
`efficiency_from_plan` is the same ratio without it, from the plan to the cube.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PARTNERS = ("linsitinib", "alpelisib", "everolimus", "lapatinib")
SCREEN = """\
cell_lines: [{{sample: {lines}}}]
combinations: {{anchor: trastuzumab, partners: [{partners}]}}
times: 120 h
readouts: [gr_value, pAKT_S473, IGF2]
"""


def _screen(lines: int, partners: int) -> str:
    return SCREEN.format(lines=lines, partners=", ".join(PARTNERS[:partners]))


def timed(words: list[str], folder: Path) -> tuple[float, float]:
    """Wall and processor seconds of a herscreen command."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "screen.cli", *words], cwd=folder, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"herscreen {' '.join(words)} ended with {status}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime


def _empty(folder: Path) -> None:
    """Remove the cube and shards of the run before, which is no part of a run, and let the disk settle."""
    shutil.rmtree(folder / "cube.run", ignore_errors=True)
    (folder / "cube.h5").unlink(missing_ok=True)
    os.sync()


def efficiency(lines: int, partners: int, pairs: int, folder: Path) -> dict[str, Any]:
    """Medians over `pairs` of runs with one and with two jobs, taken in turn."""
    (folder / "lines.yaml").write_text(_screen(lines, partners))
    wall: dict[int, list[float]] = {1: [], 2: []}
    used: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(pairs):
        for jobs in wall:
            _empty(folder)
            found = timed(["run", "lines.yaml", "-o", "cube.h5", "-j", str(jobs)], folder)
            wall[jobs].append(found[0])
            used[jobs].append(found[1])
        print(
            f"{lines} lines: one job {wall[1][-1]:.2f} s, two {wall[2][-1]:.2f} s",
            file=sys.stderr,
            flush=True,
        )
    one, two = statistics.median(wall[1]), statistics.median(wall[2])
    nothing = ["run", "lines.yaml", "-o", f"start-{lines}.h5", "--shard", "99999/100000"]
    start = statistics.median(timed(nothing, folder)[0] for _ in range(3))
    return {
        "lines": lines,
        "partners": partners,
        "simulations": 64 * lines * partners,
        "one_s": round(one, 2),
        "two_s": round(two, 2),
        "efficiency": round(one / (2 * two), 3),
        "of_pairs": [round(a / (2 * b), 3) for a, b in zip(wall[1], wall[2], strict=True)],
        "efficiency_from_plan": round((one - start) / (2 * (two - start)), 3),
        "start_s": round(start, 2),
        "serial_s": round(2 * two - one, 2),
        "one_processor_s": round(statistics.median(used[1]), 2),
        "two_processor_s": round(statistics.median(used[2]), 2),
        "busy": round(1 - statistics.median(used[1]) / one, 3),
        "pairs": pairs,
    }


def start_up(folder: Path, repeats: int) -> dict[str, Any]:
    """Wall and processor seconds of a task with a small shard, the model in the cache, and of one with none
    left to do.
    """
    (folder / "small.yaml").write_text(_screen(32, 1) + "shard_simulations: 1024\n")
    first, again = [], []
    for number in range(repeats):
        words = ["run", "small.yaml", "-o", f"small-{number}.h5", "--shard", "0/2"]
        first.append(timed(words, folder))
        again.append(timed(words, folder))
    medians = {
        f"{name}_{unit}": round(statistics.median(one[k] for one in found), 2)
        for name, found in (("task", first), ("nothing_left", again))
        for k, unit in enumerate(("wall_s", "processor_s"))
    }
    return {"start_up": medians}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", default="10000,100000")
    options.add_argument("--partners", type=int, choices=range(1, len(PARTNERS) + 1), default=1)
    options.add_argument("--pairs", type=int, default=3)
    asked = options.parse_args()
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(json.dumps(start_up(folder, asked.pairs)), flush=True)
        for lines in (int(word) for word in asked.lines.split(",")):
            print(json.dumps(efficiency(lines, asked.partners, asked.pairs, folder)), flush=True)


if __name__ == "__main__":
    main()
