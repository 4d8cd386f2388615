"""Cost per trajectory from a thousand to a million trajectories on two cores, and peak memory.

Each count runs in a process of its own, so that peak memory is its own; threads share it, since the compiled
code runs without the interpreter's lock. `python -m tests.benchmarks.kinetics_scale docs/picture.svg` draws.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tests.benchmarks.kinetics_conditions import screen
from tests.benchmarks.tables import table

COUNTS = (1_000, 10_000, 100_000, 1_000_000)
PART = (
    4096  # trajectories a thread takes at a time, fewer when there are few: bounds the tables of parameters
)


def measure(count: int, threads: int) -> dict[str, float]:
    """One run of the built-in model, 120 h, rtol 1e-4, readouts at the end: seconds of wall clock and
    of the processors, MiB, solved. The median of five below a million.
    """
    s = screen(count)
    values, status = np.empty((count, len(s.engine.readouts))), np.empty(count, dtype=np.int8)

    def work(begin: int) -> None:
        part = slice(begin, begin + size)
        rows = s.base[s.line[part]]
        for name, dose in s.doses.items():
            rows[:, s.engine.index(name)] = dose[part]
        found = s.engine.simulate([120.0], rows, s.state[s.line[part]], 1e-4, 1e-7)
        values[part], status[part] = found.values[:, 0], found.status

    size = 50
    for _ in range(threads):
        work(0)
    size = min(PART, -(-count // threads))
    seconds, processor = [], []
    for _ in range(max(1, min(5, COUNTS[-1] // count))):
        begin, used = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(0, count, size)))
        seconds.append(time.perf_counter() - begin)
        processor.append(time.process_time() - used)
    solved = int(np.sum(status <= 2))
    return {
        "count": count, "seconds": statistics.median(seconds), "processor": statistics.median(processor),
        "MiB": _peak_memory(), "solved": solved,
    }  # fmt: skip


def _peak_memory() -> float:
    """Of this process alone; what getrusage tells includes the process that started it."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def scale(threads: int = 2) -> list[dict[str, float]]:
    """The measurement of each count."""
    found = []
    for count in COUNTS:
        command = [sys.executable, "-m", "tests.benchmarks.kinetics_scale", str(count), str(threads)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        found.append(json.loads(done.stdout))
    return found


def scale_table(runs: list[dict[str, float]]) -> str:
    """The measurements as a table."""
    rows = [
        [
            f"{run['count']:,}",
            f"{run['seconds']:.3f} s",
            f"{run['processor'] / run['count'] * 1e6:.2f} us",
            f"{run['MiB']:.0f} MiB",
            f"{run['solved']:,}",
        ]
        for run in runs
    ]
    return table(["trajectories", "wall clock", "processor time each", "peak memory", "solved"], rows)


def picture(runs: list[dict[str, float]]) -> str:
    """The measurements as SVG: two panels on one axis of counts."""
    costs = [run["processor"] / run["count"] * 1e6 for run in runs]
    panels = [
        (costs, "us of processor time per trajectory"),
        ([run["MiB"] for run in runs], "peak memory, MiB"),
    ]
    out = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 260" font-family="sans-serif" '
        'font-size="12" role="img"><title>Cost and memory by number of trajectories</title>'
        '<rect width="640" height="260" fill="white"/>'
    ]
    for panel, (values, name) in enumerate(panels):
        left, top, wide, high = 60 + 320 * panel, 30, 230, 180
        most = max(values) * 1.25
        points = [
            (left + wide * np.log10(run["count"] / COUNTS[0]) / 3, top + high * (1 - value / most))
            for run, value in zip(runs, values)
        ]
        out.append(f'<text x="{left}" y="18">{name}</text>')
        out.append(f'<path d="M{left} {top}V{top + high}H{left + wide}" fill="none" stroke="#444"/>')
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(f'<polyline points="{line}" fill="none" stroke="#1f5a93" stroke-width="2"/>')
        for (x, y), value, run in zip(points, values, runs):
            shown = f"{value:.1f}" if value < 100 else f"{value:.0f}"
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1f5a93"/>')
            out.append(f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="middle">{shown}</text>')
            power = round(np.log10(run["count"]))
            label = f'10<tspan dy="-5" font-size="9">{power}</tspan>'
            out.append(f'<text x="{x:.1f}" y="{top + high + 20}" text-anchor="middle">{label}</text>')
        out.append(f'<text x="{left + wide / 2}" y="250" text-anchor="middle">trajectories</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main() -> None:
    first = sys.argv[1]
    if first.isdigit():
        print(json.dumps(measure(int(first), int(sys.argv[2]))))
    else:
        Path(first).write_text(picture(scale()))


if __name__ == "__main__":
    main()
