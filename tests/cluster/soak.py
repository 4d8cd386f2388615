"""Kill runs, their workers, parts, merges, Slurm tasks and Dask workers at random moments until enough have
died, each time ending in the same cube.

    python -m tests.cluster.soak --kills 200 --seed 1

Not part of `make test`: 200 kills take a quarter of an hour on two idle processors. Prints what was killed
and exits with status 1 if any cube differs. Slurm tasks are killed where a Slurm answers, Dask's workers
where it is installed.
"""

import argparse
import contextlib
import faulthandler
import importlib
import importlib.util
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path

from tests.cubes import data_of
from tests.paths import ROOT

FORK = multiprocessing.get_context("fork")
IMPORTED = ("h5netcdf", "scipy.integrate", "scipy.stats", "joblib", "screen.cli.commands.run", "screen.pathway.assay",
            "screen.runner", "screen.synergy.score", "screen.synergy.score_cube", "llvmlite.binding", "antimony",
            "libsbml", "rich.table", "distributed")  # fmt: skip
SCREEN = """\
cell_lines: all
combinations:
  anchor: trastuzumab
  partners: [linsitinib, alpelisib]
doses:
  points: 10
times: 72 h
ensemble: 3
shard_simulations: 800
"""
WEIGHTS = {"run": 8, "worker": 8, "spawned worker": 2, "part": 4, "merge": 5, "task": 3, "Dask worker": 2}


@dataclass
class Soak:
    """A folder of runs, what has died, and how long commands usually take."""

    folder: Path
    chance: random.Random
    died: Counter[str] = field(default_factory=Counter)
    usual: dict[str, float] = field(default_factory=dict)
    patience: float = 300
    """Seconds after which a command hangs: many times what one takes on two idle processors."""

    def begin(self, *words: str, thread: bool = False) -> ForkProcess:
        """A command in a process of its own that has everything imported, so that kills meet it at work; next
        to an idle `thread`.
        """
        process = FORK.Process(target=_invoke, args=(self.folder, words, thread))
        process.start()
        return process

    def finish(self, *words: str) -> str:
        """What a command that must succeed prints."""
        process = self.begin(*words)
        process.join(self.patience)
        if process.exitcode is None:
            raise RuntimeError(f"{words}: hangs\n{self.state(process)}")
        said = (self.folder / f"said-{process.pid}").read_text()
        if process.exitcode:
            raise RuntimeError(f"{words}: {said}")
        return said

    def state(self, process: ForkProcess) -> str:
        """Where a command that does not end stands, and each process below it."""
        assert process.pid
        os.kill(process.pid, signal.SIGUSR2)  # `faulthandler` writes the stacks
        time.sleep(2)
        below = [f"{child}: {_command(child)!r} {_waits(child)}" for child in _descendants(process.pid)]
        return "\n".join([(self.folder / f"said-{process.pid}").read_text(), *below])

    def timed(self, *words: str) -> float:
        begun = time.monotonic()
        self.finish(*words)
        return time.monotonic() - begun

    def kill_some(self, kind: str, words: list[str]) -> None:
        """Begin a command and kill it, three to eight times in a row."""
        for _ in range(self.chance.randrange(3, 9)):
            process = self.begin(*words)
            process.join(self.chance.uniform(0, 0.8 * self.usual[kind]))
            if process.exitcode is not None:
                self.usual[kind] = max(0.2, 0.9 * self.usual[kind])  # it ends sooner than thought
                return
            process.kill()
            process.join()
            self.died[kind] += 1
            self.usual[kind] *= 1.02

    def kill_tasks(self, cube: str) -> None:
        """Submit the run to Slurm, kill tasks and merges of it until it has ended, then submit the rest."""
        for kills in (self.chance.randrange(3, 7), 0, 0):
            said = self.finish("slurm", "soak.yaml", "-o", cube, "--tasks", "4", "--mem", "700", "--submit")
            found = re.search(r"submitted (.*); merge (\d+) waits", said)
            jobs = [*re.findall(r"\d+", found[1]), found[2]] if found else []
            begun = time.monotonic()
            while jobs and (tasks := _queued(jobs)):
                if time.monotonic() - begun > self.patience:
                    raise RuntimeError(f"{cube}: jobs {jobs} do not end: {tasks}")
                time.sleep(self.chance.uniform(0.05, 0.8))
                tasks = _queued(jobs)
                running = [task for task, state in tasks.items() if state == "RUNNING"]
                if kills and running:
                    victim = self.chance.choice(running)
                    killing = ["scancel", "--signal=KILL", victim]
                    ended = subprocess.run(killing, capture_output=True)
                    kills, killed = kills - 1, ended.returncode == 0
                    self.died["task" if "_" in victim else "Slurm merge"] += killed

    def kill_workers(self, kind: str, words: list[str]) -> None:
        """Run with worker processes, forked or (next to a thread) spawned, and kill on the way one of them or
        all at once, one to four times, or as they begin.
        """
        process = self.begin(*words, thread="spawned" in kind)
        early = self.chance.random() < 0.3
        for _ in range(self.chance.randrange(1, 5)):
            process.join(0 if early else self.chance.uniform(0, 0.4 * self.usual["run"]))
            begun = time.monotonic()
            while process.exitcode is None and not (workers := _workers(process.pid)):
                process.join(0.005)
                if time.monotonic() - begun > self.patience:
                    raise RuntimeError(f"{words}: no workers, and does not end")
            if process.exitcode is not None:
                return
            for worker in workers if self.chance.random() < 0.4 else [self.chance.choice(workers)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
                    self.died[kind] += 1
        process.join(self.patience)
        if process.exitcode is None:
            raise RuntimeError(f"{words}: hangs after a worker was killed\n{self.state(process)}")

    def kill_dask_worker(self, words: list[str]) -> None:
        """Run on local Dask workers and kill one of them on the way."""
        process = self.begin(*words, "--backend", "dask")
        begun, workers = time.monotonic(), []
        while process.exitcode is None and not workers:
            time.sleep(0.1)
            workers = [child for child in _descendants(process.pid) if b"spawn_main" in _command(child)]
        time.sleep(self.chance.uniform(0, 4))
        if process.exitcode is None and (there := [child for child in workers if _command(child)]):
            os.kill(self.chance.choice(there), signal.SIGKILL)
            self.died["Dask worker"] += 1
        process.join(max(1, self.patience - (time.monotonic() - begun)))


def _invoke(folder: Path, words: tuple[str, ...], thread: bool) -> None:
    """Runs in a new process: a herscreen command, whose words go to a file."""
    from screen.cli.main import invoke

    if thread:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    os.chdir(folder)
    said = os.open(f"said-{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    faulthandler.register(signal.SIGUSR2, file=said)
    os._exit(invoke(list(words)))


def _queued(jobs: list[str]) -> dict[str, str]:
    """Tasks of jobs that have not ended, with their states."""
    shown = subprocess.run(
        ["squeue", "-h", "-r", "-j", ",".join(jobs), "-o", "%i %T"], capture_output=True, text=True
    ).stdout
    return dict(line.split() for line in shown.splitlines())


def _descendants(process: int) -> list[int]:
    """The processes below a process."""
    words = []
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            words += thread.read_text().split()
    return [child for word in words for child in (int(word), *_descendants(int(word)))]


def _workers(process: int | None) -> list[int]:
    """The workers below a command, without what looks after its shared resources."""
    found = _descendants(process) if process else []
    return [child for child in found if b"resource_tracker" not in _command(child)]


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _waits(process: int) -> str:
    """The state of a process, and in which call of the kernel it waits."""
    try:
        state = re.findall(r"^State:\s*(.*)$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
        return f"{state[0]}, in {Path(f'/proc/{process}/wchan').read_text()}"
    except OSError:
        return "has ended"


def kinds(asked: str | None) -> dict[str, int]:
    """What can be killed here of what is asked for, and how often each is to be."""
    found = dict(WEIGHTS)
    if asked is not None:
        return {kind: found[kind] for kind in asked.split(",")}
    if not shutil.which("sinfo") or subprocess.run(["sinfo", "-h"], capture_output=True).returncode:
        del found["task"]
    if importlib.util.find_spec("distributed") is None:
        del found["Dask worker"]
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--kinds", help=f"of {', '.join(WEIGHTS)}; all that can be killed here unless given")
    options.add_argument("--patience", type=float, default=300, help="seconds after which a command hangs")
    asked = options.parse_args()
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    for module in IMPORTED:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    cubes, wrong, weights, begun = 0, 0, kinds(asked.kinds), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        soak = Soak(Path(name), random.Random(asked.seed), patience=asked.patience)
        (soak.folder / "soak.yaml").write_text(SCREEN)
        soak.finish("run", "soak.yaml", "-o", "expected.h5", "-j", "1")
        expected = data_of(soak.folder / "expected.h5")
        soak.usual["run"] = soak.timed("run", "soak.yaml", "-o", "timing.h5", "-j", "2")
        soak.usual |= {"part": 0.7 * soak.usual["run"], "merge": 0.7 * soak.usual["run"]}
        while sum(soak.died.values()) < asked.kills:
            cube = f"cube-{cubes}.h5"
            kind = soak.chance.choices(list(weights), list(weights.values()))[0]
            run = ["run", "soak.yaml", "-o", cube, "-j", "2"]
            if kind == "merge":
                for part in range(2):
                    soak.finish(*run, "--shard", f"{part}/2")
                virtual = soak.chance.choice([[], ["--virtual"]])
                soak.kill_some(kind, ["merge", "soak.yaml", "-o", cube, *virtual])
                soak.finish("merge", "soak.yaml", "-o", cube)
            elif kind == "task":
                soak.kill_tasks(cube)
            elif kind in ("worker", "spawned worker"):
                soak.kill_workers(kind, run)
            elif kind == "Dask worker":
                soak.kill_dask_worker(run)
            else:
                part = ["--shard", f"{soak.chance.randrange(2)}/2"] if kind == "part" else []
                soak.kill_some(kind, [*run, *part])
            soak.finish(*run)
            cubes += 1
            left = [path for path in soak.folder.rglob(".*") if cube.removesuffix(".h5") in str(path)]
            if data_of(soak.folder / cube) != expected or left:
                wrong += 1
                print(f"{cube}: differs after kills of a {kind}; left behind: {left}", flush=True)
            (soak.folder / cube).unlink()
            shutil.rmtree((soak.folder / cube).with_suffix(".run"))
            if cubes % 5 == 0:
                print(f"{sum(soak.died.values())} kills, {cubes} cubes, {wrong} wrong", flush=True)
    minutes = (time.monotonic() - begun) / 60
    died = json.dumps(dict(soak.died)).strip("{}").replace('"', "")
    print(
        f"{sum(soak.died.values())} kills ({died}), {cubes} cubes, {wrong} of them wrong; {minutes:.0f} min"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
