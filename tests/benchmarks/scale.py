"""How a run grows: time, memory and file size against cell lines and against shards.

    python -m tests.benchmarks.scale [--lines 10,100,1000,10000] [--shards 1,10,100,1000,5000] [--plot
    docs/scale.svg]

Each point is a run in a process of its own. Seconds are of processor time too, which says more on a shared
machine.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHARD_LINES, GRID = 5000, "8 x 8"


def measure(lines: int, jobs: int, shard_simulations: int | None) -> dict[str, Any]:
    """One run of `lines` drawn lines x one partner x 8 x 8 doses, in this process."""
    import h5py

    from screen.config.screen import parse_config
    from screen.runner import run

    settings = {
        "cell_lines": [{"sample": lines}],
        "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib"]},
        "times": "120 h",
        "readouts": ["gr_value", "pAKT_S473", "IGF2"],
        "shard_simulations": shard_simulations,
    }
    with tempfile.TemporaryDirectory() as folder:
        cube = Path(folder) / "scale.h5"
        begun, used = time.perf_counter(), time.process_time()
        run(parse_config(settings), cube, jobs)
        wall, processor = time.perf_counter() - begun, time.process_time() - used
        with h5py.File(cube) as file:
            seconds = json.loads(file["provenance/seconds"].asstr()[()])
        shards = len(list(cube.with_suffix(".run").glob("shard-*.h5")))
        size = cube.stat().st_size
    return {
        "lines": lines,
        "simulations": 64 * lines,
        "shards": shards,
        "jobs": jobs,
        "wall_s": wall,
        "processor_s": processor,
        **{f"{phase}_s": value for phase, value in seconds.items()},
        "memory_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "bytes_a_response": size / (64 * lines * 4),
    }


def apart(lines: int, jobs: int, shard_simulations: int | None = None) -> dict[str, Any]:
    """The same in a process of its own, so that memory is its own."""
    call = f"measure({lines}, {jobs}, {shard_simulations})"
    code = f"import json; from tests.benchmarks.scale import measure; print(json.dumps({call}))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def plot(by_lines: list[dict[str, Any]], by_shards: list[dict[str, Any]], path: Path) -> None:
    """Processor time and memory against lines and shards, four panels; needs matplotlib."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "scale", "font.family": "sans-serif"}
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        2, 2, figsize=(8, 5.5), constrained_layout=True, sharex="col", sharey="row"
    )
    sides = ((by_lines, "lines", "cell lines"), (by_shards, "shards", "shards"))
    for column, (rows, key, label) in enumerate(sides):
        places = [row[key] for row in rows]
        axes[0, column].loglog(places, [row["processor_s"] for row in rows], marker="o", color="black")
        axes[1, column].semilogx(places, [row["memory_MB"] for row in rows], marker="o", color="black")
        axes[1, column].set(xlabel=label)
    axes[0, 0].set(ylabel="processor seconds", title=f"cell lines x 1 partner x {GRID} doses")
    axes[0, 1].set(title=f"{SHARD_LINES:,} cell lines, more and more shards")
    axes[1, 0].set(ylabel="memory at most, MB")
    axes[1, 0].set(ylim=(0, 750))
    for axis in axes.flat:
        axis.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", default="10,100,1000,10000,100000")
    options.add_argument("--shards", default="1,10,100,1000,5000")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--plot", type=Path)
    asked = options.parse_args()
    rows: dict[str, list[dict[str, Any]]] = {"lines": [], "shards": []}
    for lines in (int(word) for word in asked.lines.split(",")):
        rows["lines"].append(apart(lines, asked.jobs))
        print(json.dumps(rows["lines"][-1]), flush=True)
    for shards in (int(word) for word in asked.shards.split(",")):
        rows["shards"].append(apart(SHARD_LINES, asked.jobs, 64 * SHARD_LINES // shards))
        print(json.dumps(rows["shards"][-1]), flush=True)
    if asked.plot is not None:
        plot(rows["lines"], rows["shards"], asked.plot)


if __name__ == "__main__":
    main()
