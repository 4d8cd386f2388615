"""Speed of the synergy models on one core, 8 x 8, beside the package `synergy` in the same run.

python -m tests.benchmarks synergy, or for other sizes
python tests/benchmarks/bench_synergy.py [--count 2000] [--screen 10000] [--jobs 2] [--bootstrap 100]

The matrices are measured ones where the plates are at hand (the 18 blocks of `decrease-18`, repeated with
noise of 2 points), else simulated with noise of 3 points: fits of noisy matrices take longer than those of
clean ones. Times are processor seconds of this process with one BLAS thread; the whole screen is wall time.
A failure is a matrix without a finite score. The table is Markdown, as in README.md beside this file.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import argparse  # noqa: E402
import contextlib  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from screen.synergy import ScoringOptions, score_matrices  # noqa: E402
from screen.synergy.models.registry import MODELS, PLATE_MODELS  # noqa: E402

TARGETS = {"hsa": 200_000, "bliss": 200_000, "loewe": 5000, "zip": 2000, "braid": 1000, "musyc": 300}
SYNERGYFINDER = {"hsa": 13, "bliss": 12, "loewe": 3, "zip": 1.3}
NAMES = {"hsa": "HSA", "bliss": "Bliss", "loewe": "Loewe", "zip": "ZIP", "musyc": "MuSyC", "braid": "BRAID",
         "zimmer": "effective dose (Zimmer)", "schindler": "Hill surface (Schindler)",
         "ci": "Chou-Talalay"}  # fmt: skip
PEERS = {"hsa": "HSA", "bliss": "Bliss", "loewe": "Loewe", "zip": "ZIP", "musyc": "MuSyC", "braid": "BRAID",
         "zimmer": "Zimmer", "schindler": "Schindler", "ci": "CombinationIndex"}  # fmt: skip


def matrices(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """`count` matrices 8 x 8 with their doses, and where they come from."""
    rng = np.random.default_rng(seed)
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    plates = Path(os.environ.get("HERSCREEN_SHARED", beside)) / "plates" / "decrease-18-inhibition.csv"
    if plates.is_file():
        from screen.synergy.plates.read_plates import read_plates

        blocks = read_plates(plates).blocks
        picked = np.arange(count) % len(blocks)
        viability = np.stack([block.viability for block in blocks])[picked]
        noise = 0.02 * rng.normal(size=viability.shape)
        noise[: len(blocks)] = 0.0
        conc_1, conc_2 = (
            np.stack([b.conc_1 for b in blocks])[picked],
            np.stack([b.conc_2 for b in blocks])[picked],
        )
        return viability + noise, conc_1, conc_2, "measured plates (decrease-18)"
    conc = np.concatenate([[0.0], np.geomspace(1, 1e4, 7)])
    sides = []
    for _ in range(2):
        end, half, slope = (
            rng.uniform(0, 0.7, count),
            10 ** rng.uniform(0.5, 3.5, count),
            rng.uniform(0.6, 3, count),
        )
        share = conc ** slope[:, None] / (conc ** slope[:, None] + half[:, None] ** slope[:, None])
        sides.append(1 + (end[:, None] - 1) * share)
    viability = sides[0][:, :, None] * sides[1][:, None, :] + 0.03 * rng.normal(size=(count, 8, 8))
    return viability, np.tile(conc, (count, 1)), np.tile(conc, (count, 1)), "simulated, noise 3 points"


def ours(model: str, data: tuple, count: int, **options: str) -> tuple[float, float]:
    """Matrices a second and the share of failures; a score that is undetermined, by its reason, is none."""
    viability, conc_1, conc_2 = (np.resize(part, (count, *part.shape[1:])) for part in data[:3])
    score_matrices(viability[:32], conc_1[:32], conc_2[:32], [model], ScoringOptions(**options))
    start = time.process_time()
    score = score_matrices(viability, conc_1, conc_2, [model], ScoringOptions(**options))[model]
    seconds = time.process_time() - start
    determined = np.array(["undetermined" not in why for why in score.reason])
    return count / seconds, float(np.mean(~np.isfinite(score.mean) & determined))


def theirs(model: str, data: tuple, seconds: float = 2.0) -> tuple[float, float]:
    """The same for the package `synergy`, on as many matrices as fit into `seconds`."""
    import synergy.combination as peer

    failed = done = 0
    start = time.process_time()
    for viability, conc_1, conc_2 in zip(*data[:3]):
        first, second = np.meshgrid(conc_1, conc_2, indexing="ij")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fitted = getattr(peer, PEERS[model])(**({"mode": "delta_HSA"} if model == "loewe" else {}))
                fitted.fit(first.ravel(), second.ravel(), viability.ravel())
                values = getattr(fitted, "synergy", None)
                if values is None:
                    values = fitted.E(first.ravel(), second.ravel())
                failed += not np.isfinite(values).any()
            except Exception:
                failed += 1
        done += 1
        if time.process_time() - start > seconds:
            break
    return done / (time.process_time() - start), failed / done


def whole_screen(data: tuple, count: int, jobs: int) -> str:
    """Time of all models on `count` matrices in `jobs` processes, and the most memory that they held."""
    start = time.perf_counter()
    with Memory() as memory:
        score_matrices(*(part[:count] for part in data[:3]), list(MODELS), jobs=jobs)
    wall = time.perf_counter() - start
    return (
        f"{count} matrices, all {len(MODELS)} models, {jobs} processes: {wall:.1f} s, "
        f"{memory.highest:.0f} MB at most in all of them"
    )


class Memory:
    """The largest memory of this process and its children together, looked at four times a second."""

    highest = 0.0

    def __enter__(self) -> "Memory":
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._stop.wait(0.25):
            self.highest = max(self.highest, sum(map(_megabytes, _family(os.getpid()))))


def _family(process: int) -> list[int]:
    """A process and its descendants."""
    found = [process]
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in path.read_text().split():
                found += _family(int(child))
    return found


def _megabytes(process: int) -> float:
    """Memory of a process; what it shares with others is divided among them."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) / 1024
    return 0.0


def bootstrap_cost(data: tuple, rounds: int) -> str:
    """Seconds a matrix of the bootstrap of the six models that plates are scored by."""
    from screen.synergy.plates.block import PlateBlock
    from screen.synergy.plates.intervals import add_intervals
    from screen.synergy.plates.score_plates import score_blocks

    blocks = [
        PlateBlock(str(k), "A", "B", "", data[1][k], data[2][k], "nM", data[0][k][..., None])
        for k in range(10)
    ]
    summary, _ = score_blocks(blocks)
    start = time.process_time()
    add_intervals(summary, blocks, PLATE_MODELS, rounds)
    each = (time.process_time() - start) / len(blocks)
    return f"bootstrap, {rounds} rounds, six models: {each:.2f} s a matrix"


def main(arguments: Sequence[str] = ()) -> None:
    """Print the table of speeds, then the time and memory of a whole screen and the cost of the bootstrap."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000, help="matrices to time each model on")
    parser.add_argument("--screen", type=int, default=10_000, help="matrices of a whole screen; 0 for none")
    parser.add_argument("--jobs", type=int, default=2, help="processes of the whole screen")
    parser.add_argument("--bootstrap", type=int, default=100, help="rounds on ten matrices; 0 for none")
    options = parser.parse_args(list(arguments))
    data = matrices(max(options.count, options.screen, 64))
    print(f"8 x 8, matrices a processor second on one core, {data[3]}\n")
    print("| model | herscreen | failed | asked | `synergy` | failed | SynergyFinder |")
    print("|---" * 7 + "|")
    for model in MODELS:
        speed, failed = ours(model, data, options.count * (20 if model in ("hsa", "bliss") else 1))
        peer, peer_failed = theirs(model, data)
        asked = f"{TARGETS[model]:,}" if model in TARGETS else ""
        their_speed = f"{peer:,.0f}" if peer >= 100 else f"{peer:.1f}"
        row = (
            f"| {NAMES[model]} | {speed:,.0f} | {failed:.1%} | {asked} | {their_speed} | {peer_failed:.1%} |"
        )
        print(f"{row} {SYNERGYFINDER.get(model, '')} |", flush=True)
    for model in ("loewe", "zip"):
        speed, failed = ours(model, data, options.count, fit="least-squares")
        print(f"| {NAMES[model]}, least squares | {speed:,.0f} | {failed:.1%} | | | | |", flush=True)
    print()
    if options.screen:
        print(whole_screen(data, options.screen, options.jobs), flush=True)
    if options.bootstrap:
        print(bootstrap_cost(data, options.bootstrap))


if __name__ == "__main__":
    main(sys.argv[1:])
