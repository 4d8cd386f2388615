"""Kill runs, parts and merges at random moments until enough have died, each time ending in the same cube.

    python -m tests.cluster.soak --kills 200 --seed 1

Not part of `make test`: 200 kills take about ten minutes. Prints what was killed and exits with status 1 if
any cube differs.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.cubes import data_of

COMMAND = [sys.executable, "-m", "screen.cli"]
SCREEN = """\
cell_lines: all
combinations:
  anchor: trastuzumab
  partners: [linsitinib, alpelisib]
doses:
  points: 20
times: 72 h
shard_simulations: 800
"""


def killed(arguments: list[str], cwd: Path, after: float) -> bool:
    """Run a command and kill it after some seconds; whether it was still there to be killed."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(after)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def timed(arguments: list[str], cwd: Path) -> float:
    """Seconds of a command that must succeed."""
    begun = time.monotonic()
    subprocess.run([*COMMAND, *arguments], cwd=cwd, check=True, capture_output=True)
    return time.monotonic() - begun


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    chance, died, cubes, wrong = random.Random(asked.seed), Counter[str](), 0, 0
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "soak.yaml").write_text(SCREEN)
        timed(["run", "soak.yaml", "-o", "expected.h5", "-j", "1"], folder)
        expected = data_of(folder / "expected.h5")
        usual = {"run": timed(["run", "soak.yaml", "-o", "timing.h5", "-j", "2"], folder)}
        usual |= {"part": 0.7 * usual["run"], "merge": 0.7 * usual["run"]}
        while sum(died.values()) < asked.kills:
            cube = folder / f"cube-{cubes}.h5"
            kind = chance.choice(["run", "run", "part", "merge"])
            run = ["run", "soak.yaml", "-o", cube.name, "-j", "2"]
            part = [*run, "--shard", f"{chance.randrange(2)}/2"]
            merge = ["merge", "soak.yaml", "-o", cube.name]
            if kind == "merge":
                for number in range(2):
                    timed([*run, "--shard", f"{number}/2"], folder)
            victim = {"run": run, "part": part, "merge": merge}[kind]
            for _ in range(chance.randrange(1, 6)):
                after = chance.uniform(0.15, usual[kind])
                if not killed(victim, folder, after):
                    usual[kind] = max(0.5, 0.9 * usual[kind])  # it ends sooner than thought
                    break
                died[kind] += 1
                usual[kind] *= 1.02
            timed(run, folder)
            cubes += 1
            left = [path for path in folder.rglob(".*") if cube.stem in str(path)]
            if data_of(cube) != expected or left:
                wrong += 1
                print(f"{cube.name}: differs after kills of a {kind}; left behind: {left}", flush=True)
            cube.unlink()
            if cubes % 10 == 0:
                print(f"{sum(died.values())} kills, {cubes} cubes", flush=True)
        print(f"{sum(died.values())} kills ({dict(died)}), {cubes} cubes, {wrong} of them wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
