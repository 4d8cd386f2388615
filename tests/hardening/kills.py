"""Kill commands that write results, at random moments and as they write: each of their files is then as it was, whole
and new, or absent; the same command then gives the same results as if it had never been killed, and leaves nothing.

    python -m tests.hardening.kills --kills 200 --seed 1

Not part of `make test`, whose `test_kills.py` kills a few: 200 kills take some ten minutes. Runs, parts, merges and
their workers are killed by `python -m tests.cluster.soak`. Prints what was killed, and exits with status 1 if a file
was neither, or differs in the end.
"""

import argparse
import contextlib
import importlib
import json
import multiprocessing
import os
import random
import re
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path

from screen.analysis.evidence.evidence_table import BUILT_IN as EVIDENCE
from screen.analysis.skill.measured_table import BUILT_IN as MEASURED
from screen.cli.main import invoke
from tests.cli.commands.test_learn import SETTINGS as LEARN
from tests.cli.commands.test_learn import write_plates
from tests.cli.commands.test_next import SETTINGS as NEXT
from tests.cubes import data_of
from tests.hardening.seeds import PLATES
from tests.paths import ROOT

FORK = multiprocessing.get_context("fork")
PATIENCE_SECONDS = 600
POLL_SECONDS = 0.001
SCREEN = """\
cell_lines: [SKBR3, SKBR3-pool2]
combinations: {anchor: trastuzumab, partners: [linsitinib, alpelisib]}
doses: {points: 4}
times: 72 h
readouts: all
"""
OPTIMISE = """\
cell_lines: [SKBR3-pool2, MCF10A]
combinations: {anchor: trastuzumab, partners: [lapatinib]}
times: 72 h
optimise: {lines: [SKBR3-pool2], reference: MCF10A, reference_effect: 0.5, caps: {lapatinib: 1 uM}}
"""
CALIBRATION = "evidence: e.csv\nmeasured: m.csv\nmembers: 16\nsteps: 2\nrepeats: 2\ndraws: 4\n"
COMMANDS: dict[str, tuple[str, str]] = {  # what to kill, and what made the files that stand there before
    "score a cube": ("score tiny.h5 --models hsa,bliss,loewe,zip -o cube.csv --cells cells.csv", ""),
    "score plates": (
        "score p.csv --models hsa,bliss,loewe,zip --bootstrap 20 -o s.csv --cells c.csv",
        "score p.csv --models hsa -o s.csv --cells c.csv",
    ),
    "score to a workbook": ("score p.csv --models hsa,bliss -o s.xlsx", "score p.csv --models hsa -o s.xlsx"),
    "report": (
        "report tiny.h5 -o r.html --explain 1 --picture r.svg",
        "report tiny.h5 -o r.html --explain 0",
    ),
    "report plates": ("report p.csv -o r.html --bootstrap 20", "report p.csv -o r.html --bootstrap 0"),
    "export": ("export tiny.h5 -o t.csv", ""),
    "export a workbook": ("export tiny.h5 -o t.xlsx", ""),
    "export parquet": ("export tiny.h5 -o t.parquet", ""),
    "figures": ("figures tiny.h5 -o figures", ""),
    "crate": ("crate tiny.h5 -o crate --force", ""),
    "explain": ("explain tiny.h5 --line SKBR3 --combination trastuzumab+linsitinib -o e.json", ""),
    "markers": ("markers tiny.h5 -o rho.csv", ""),
    "optimise": ("optimise o.yaml -o front.csv", ""),
    "fit-line": (
        "fit-line plates.csv --line MINE --around BT474 --draws 16 --particles 32 -o line.csv --seed 1",
        "fit-line plates.csv --line MINE --around BT474 --draws 8 --particles 32 -o line.csv --seed 2",
    ),
    "calibrate": ("calibrate c.yaml -o calibration -j 1", ""),
    "learn": ("learn mine.yaml -o learnt -j 1", ""),
    "next": ("next next.yaml -o next -j 1", ""),
    "evidence": ("evidence check --file e.csv --csv found.csv --json found.json", ""),
    "model": ("model export -o m.xml", ""),
    "jobs": ("jobs tiny.yaml -o tiny.h5 --tasks 3", ""),
}
IMPORTED = (
    "h5netcdf", "scipy.integrate", "scipy.stats", "scipy.optimize", "joblib", "pandas", "pyarrow.parquet", "openpyxl",
    "jinja2", "llvmlite.binding", "antimony", "libsbml", "rich.table", *(
        f"screen.cli.commands.{name}"
        for name in ("run", "score", "report", "export", "figures", "crate", "explain", "markers", "optimise",
                     "fit_line", "calibrate", "learn", "next", "evidence", "model", "jobs")
    ),
)  # fmt: skip
WORKING = (".npz", ".log", ".lock")
"""Files that a command keeps while it works, for itself."""
VOLATILE = re.compile(
    rb'\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|\+00:00)?|"?(processor|wall|seconds)"?:? [\d.e-]+'
    rb'|herscreen-stamp" content="[0-9a-f]+"'
)
"""Times, and the stamp of a page, which is of its cube's time and folder."""
Files = Mapping[str, object]


@dataclass
class Kills:
    """A folder of inputs, what has died, and how long each command usually takes."""

    inputs: Path
    chance: random.Random
    died: Counter[str] = field(default_factory=Counter)
    at_work: int = 0
    usual: dict[str, float] = field(default_factory=dict)
    expected: dict[str, tuple[Files, Files]] = field(default_factory=dict)

    def learn(self, name: str) -> None:
        """What a command leaves that is not killed, and the files that stand there before it."""
        words, earlier = COMMANDS[name]
        with self.folder() as folder:
            if earlier:
                finish(folder, earlier)
            before, begun = contents(folder), time.monotonic()
            finish(folder, words)
            self.usual[name] = time.monotonic() - begun
            self.expected[name] = before, contents(folder)

    @contextlib.contextmanager
    def folder(self):  # type: ignore[no-untyped-def]
        """A new folder with the inputs."""
        with tempfile.TemporaryDirectory(prefix="kills-") as name:
            shutil.copytree(self.inputs, name, dirs_exist_ok=True)
            yield Path(name)

    def round(self, name: str, most: int) -> list[str]:
        """Kill a command up to four times, then let it end; what was wrong."""
        words, earlier = COMMANDS[name]
        if name not in self.expected:
            self.learn(name)
        before, after = self.expected[name]
        wrong = []
        with self.folder() as folder:
            if earlier:
                finish(folder, earlier)
            for _ in range(min(most, self.chance.randrange(1, 5))):
                if not self.kill(name, folder, words):
                    break
                found = contents(folder)
                wrong += [
                    f"{path}: neither as it was nor whole"
                    for path, content in found.items()
                    if content not in (before.get(path), after.get(path)) and not path.endswith(".part")
                ]
                wrong += [f"{path}: is gone" for path in before if path not in found]
            if contents(folder) != after:  # a plan of `next` that is there is not made again
                finish(folder, words)
            found = contents(folder)
            wrong += [f"{path}: differs in the end" for path in after if found.get(path) != after[path]]
            wrong += [f"{path}: left behind" for path in found if path not in after]
        return wrong

    def kill(self, name: str, folder: Path, words: str) -> bool:
        """Begin a command and kill it, half of the times as it writes; False where it ended before."""
        process, aimed = begin(folder, words), self.chance.random() < 0.5
        begun, patience = time.monotonic(), self.chance.uniform(0, self.usual[name])
        known, skipped = set(unfinished(folder)), self.chance.randrange(3)
        while process.exitcode is None and (aimed or time.monotonic() - begun < patience):
            process.join(POLL_SECONDS)
            if aimed and (new := set(unfinished(folder)) - known):
                known |= new
                if not skipped:
                    time.sleep(self.chance.choice([0, 0, 0.002, 0.01]))
                    break
                skipped -= 1
            if time.monotonic() - begun > PATIENCE_SECONDS:
                process.kill()
                raise RuntimeError(f"{words}: hangs")
        if process.exitcode is not None:
            if process.exitcode:
                raise RuntimeError(f"{words}: {said(process)}")
            self.usual[name] *= 0.95
            return False
        process.kill()
        process.join()
        self.died[name] += 1
        self.at_work += aimed
        return True


def begin(folder: Path, words: str) -> ForkProcess:
    """A command in a process of its own that has everything imported, so that kills meet it at work."""
    process = FORK.Process(target=_invoke, args=(folder, words.split()))
    process.start()
    return process


def _invoke(folder: Path, words: list[str]) -> None:
    os.chdir(folder)
    sys.stdout = sys.stderr = _words_of(os.getpid()).open("w")
    ended = invoke(words)
    sys.stdout.flush()
    os._exit(ended)


def said(process: ForkProcess) -> str:
    """What a process printed."""
    return _words_of(process.pid).read_text()


def _words_of(process: int | None) -> Path:
    """The file of what a process prints."""
    return Path(tempfile.gettempdir()) / f"kills-{process}"


def finish(folder: Path, words: str) -> None:
    """Run a command that must succeed."""
    process = begin(folder, words)
    process.join(PATIENCE_SECONDS)
    if process.exitcode != 0:
        process.kill()
        raise RuntimeError(f"{words}: {process.exitcode}: {said(process)}")
    _words_of(process.pid).unlink()


def unfinished(folder: Path) -> list[str]:
    """The names of files that are being written, or were left."""
    return [name for _, _, names in os.walk(folder) for name in names if name.endswith(".part")]


def contents(folder: Path) -> Files:
    """What is in every file of a folder, but for times and files that a command keeps for itself."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in WORKING]
    return {str(path.relative_to(folder)): content(path, os.fsencode(folder)) for path in paths}


def content(path: Path, folder: bytes = b"\0") -> object:
    """What a file says, times and the name of its folder aside; the bytes of one that is cut."""
    if path.suffix in (".h5", ".xlsx"):
        with contextlib.suppress(OSError, zipfile.BadZipFile):
            if path.suffix == ".h5":
                return {name: data for name, data in data_of(path).items() if name != "record"}
            with zipfile.ZipFile(path) as book:
                return {name: book.read(name) for name in book.namelist() if name != "docProps/core.xml"}
    return b"" if path.name == "clock.json" else VOLATILE.sub(b"", path.read_bytes()).replace(folder, b"")


def make_inputs(folder: Path) -> None:
    """Small inputs of every command, the cube of a screen among them."""

    texts = {
        "tiny.yaml": SCREEN,
        "o.yaml": OPTIMISE,
        "next.yaml": NEXT,
        "c.yaml": CALIBRATION,
        "mine.yaml": LEARN,
    }
    head, *rows = EVIDENCE.read_text().splitlines()
    texts["e.csv"] = "\n".join([head, *rows[12:15]]) + "\n"
    head, *rows = MEASURED.read_text().splitlines()
    kept = [
        row for row in rows if re.match(r"HMS_BRCA,(SKBR3|BT474|AU565|HCC1954),(neratinib|trametinib),", row)
    ]
    texts["m.csv"] = "\n".join([head, *kept]) + "\n"
    texts["p.csv"] = PLATES
    for name, text in texts.items():
        (folder / name).write_text(text)
    write_plates(folder / "plates.csv")
    finish(folder, "run tiny.yaml -o tiny.h5 -j 1")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--commands", help=f"of {', '.join(COMMANDS)}; all unless given")
    asked = options.parse_args()
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    for module in IMPORTED:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    names = asked.commands.split(",") if asked.commands else list(COMMANDS)
    rounds, wrong, begun = 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        make_inputs(Path(folder))
        kills = Kills(Path(folder), random.Random(asked.seed))
        while sum(kills.died.values()) < asked.kills:
            name = names[rounds % len(names)]
            found = kills.round(name, asked.kills - sum(kills.died.values()))
            rounds, wrong = rounds + 1, wrong + bool(found)
            for words in found:
                print(f"{name}: {words}", flush=True)
            if rounds % 10 == 0:
                print(f"{sum(kills.died.values())} kills, {rounds} rounds, {wrong} wrong", flush=True)
    died, minutes = json.dumps(dict(kills.died)).strip("{}").replace('"', ""), (time.monotonic() - begun) / 60
    print(
        f"{sum(kills.died.values())} kills ({died}), {kills.at_work} of them while a file was written, {rounds} "
        f"rounds, {wrong} of them wrong; {minutes:.0f} min"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
