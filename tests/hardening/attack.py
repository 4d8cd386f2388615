"""Bad input by the thousand, from a generator: each is one line and exit status 2, at once, and nothing is written.

    python -m tests.hardening.attack --cases 1000 --seed 1

Not part of `make test`, whose `test_bad_input.py` keeps one case of each kind that ever failed. Prints every case
that did not hold, how many of each kind were tried, and exits with status 1 if one did not hold. Cases whose damage
may leave a file sound (random bytes put into it) may also end in 0.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.cli.conftest import inside
from tests.hardening.flips import made
from tests.hardening.seeds import DRAWS, EVIDENCE, EXPRESSION, MODEL, PANEL, PLATES, SCREENS, TINY

SLOWEST_SECONDS = 60
LONGEST_LINE = 1200
KEYS = (
    "cell_lines", "cell_lines.0", "combinations", "combinations.pairs", "combinations.exclude", "combinations.anchor",
    "combinations.partners", "combinations.triples", "combinations.all_pairs", "doses", "doses.points", "doses.peak",
    "doses.gr50", "doses.rays", "doses.adaptive", "doses.drugs", "doses.drugs.trastuzumab", "times", "readouts",
    "synergy", "scored", "seed", "solver", "solver.rtol", "solver.atol", "ensemble", "ensemble.draws", "replicates",
    "replicates.number", "replicates.noise", "schedules", "schedules.0", "schedules.0.name", "shard_simulations",
    "model", "name", "extends", "description",
)  # fmt: skip
NEVER = (
    "{banana: 1}", ".nan", "-.inf", "[[[]]]", "!!bool foo", "!!int ''", "[{banana: 1}]", "2001-01-01", "{1: 2}",
    "[null, {}]", "-1", "!!binary aGk=", "!!set {a, b}",
)  # fmt: skip
TEXTS_TAKE = {(key, value) for key in ("name", "description", "model") for value in ("-1", "!!binary aGk=")}
NO_TABLE = (
    b"", b"\n\n", b"\xff\xfe", b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04zip", b"%PDF-1.4", b"\x89HDF\r\n\x1a\n",
    b"\0" * 100, b"<html><body>404</body></html>", b"{\"a\": 1}", b"just words", b"a" * 100_000, b"\xef\xbb\xbf",
    b",,,\n,,,\n",
)  # fmt: skip
SHARDS = ("", "1", "2/2", "-1/2", "a/b", "1/0", "1/2/3", "auto/0", "9" * 500)
SETTINGS = ("", "=", "a", "=1", ".=1", "a..b=1", "doses.points.x=1", "times.9=1")
NO_CONFIGURATIONS = ("nope.yaml", ".", "pipe", "/dev/zero", "p.csv")
CELLS = (
    "banana",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "1_000",
    "0x10",
    "",
    "-1",
    "=1+1",
    "--",
    "1,5",
    "#DIV/0!",
    "٣",
)


@dataclass(frozen=True)
class Case:
    """Files to put into an empty folder, the command to give there, and whether the input may be sound after all."""

    kind: str
    files: dict[str, bytes | str]
    command: list[str]
    may_be_sound: bool = False


def configurations(chance: random.Random) -> Case:
    """A key whose value no configuration takes, in the file or by `--set`."""
    while (key := chance.choice(KEYS), value := chance.choice(NEVER)) in TEXTS_TAKE:
        continue
    if chance.random() < 0.5:
        return Case(f"--set {key}", {"x.yaml": TINY}, ["plan", "x.yaml", "--set", f"{key}={value}"])
    *above, last = key.split(".")
    text = f"{last}: {value}" if not last.isdecimal() else f"- {value}"
    for depth, name in enumerate(reversed(above)):
        inner = "\n".join(f"  {line}" for line in text.splitlines())
        text = f"- {inner.strip()}" if name.isdecimal() else f"{name}:\n{inner}"
        assert depth < 9
    top = key.split(".")[0]
    kept = "".join(line for line in TINY.splitlines(True) if not line.startswith(f"{top}:"))
    return Case(f"configuration {key}", {"x.yaml": f"{kept}{text}\n"}, ["plan", "x.yaml"])


def broken_yaml(chance: random.Random) -> Case:
    """A text that is no YAML, or not a configuration."""
    place = chance.randrange(len(TINY))
    harm = chance.choice(
        ["\t-", "[", "{", "&a *a", "\0", "\x07", "? ", "!!x ", "'", '"', "%", "@", "`", "\ufffe"]
    )
    text = f"{TINY[:place]}\n{harm}\n{TINY[place:]}"
    return Case("yaml", {"x.yaml": text}, ["plan", "x.yaml"], may_be_sound=True)


def tables(chance: random.Random) -> Case:
    """A table of lines, draws, evidence, expression or plates that is none, or has a cell that is no number."""
    name, content, files, command = chance.choice(
        [
            ("t.csv", PANEL, {"x.yaml": SCREENS["panel"]}, ["plan", "x.yaml"]),
            ("t.tsv", DRAWS, {"x.yaml": SCREENS["draws"]}, ["plan", "x.yaml"]),
            ("e.csv", EVIDENCE, {}, ["evidence", "check", "--file", "e.csv"]),
            ("x.csv", EXPRESSION, {"x.yaml": SCREENS["expression"]}, ["plan", "x.yaml"]),
            ("p.csv", PLATES, {}, ["score", "p.csv", "--models", "hsa"]),
        ]
    )
    sound, how = False, chance.choice(["other", "cell", "cut", "columns", "bytes"])
    separator = "\t" if name.endswith(".tsv") else ","
    rows = [line.split(separator) for line in content.splitlines()]
    if how == "other":
        found: bytes | str = chance.choice(NO_TABLE)
    elif how == "cell":
        row, column = chance.randrange(1, len(rows)), chance.randrange(len(rows[0]))
        rows[row][column] = chance.choice(CELLS)
        found, sound = "\n".join(map(separator.join, rows)), True
    elif how == "cut":
        del rows[chance.randrange(1, len(rows))][-1]
        found, sound = "\n".join(map(separator.join, rows)), name in ("p.csv", "x.csv")
    elif how == "columns":
        rows = [[cell for k, cell in enumerate(row) if k != 0] for row in rows]
        found, sound = "\n".join(map(separator.join, rows)), True
    else:
        found, sound = scrambled(content.encode(), chance), True
    return Case(f"{name} {how}", {**files, name: found}, command, sound)


def models(chance: random.Random) -> Case:
    """A model in Antimony that is cut, scrambled, or says what nobody can simulate."""
    harm = chance.choice(["cut", "bytes", "words"])
    if harm == "cut":
        text: bytes | str = MODEL[: chance.randrange(len(MODEL))]
    elif harm == "bytes":
        text = scrambled(MODEL.encode(), chance)
    else:
        words = [
            "S1 -> ; nope*S1;",
            "x := x + 1;",
            "import 'a.ant'",
            "S1 -> S1 -> S1;",
            "k = nan;",
            "at ():",
            "é = 1;",
        ]
        text = MODEL.replace("end", f"{chance.choice(words)}\nend")
    return Case(
        f"model {harm}", {"x.yaml": SCREENS["model"], "m.ant": text}, ["plan", "x.yaml"], may_be_sound=True
    )


def outputs(chance: random.Random) -> Case:
    """A place where nothing can be written."""
    place = chance.choice(
        ["no/such/a.h5", ".", "a.run", "x.yaml/a.h5", f"{'a' * 300}.h5", "a\0b.h5", "folder", "/"]
    )
    command = chance.choice(
        [["run", "x.yaml"], ["plan", "x.yaml"], ["status", "x.yaml"], ["merge", "x.yaml"]]
    )
    files: dict[str, bytes | str] = {"x.yaml": TINY, "folder/x": ""}
    return Case("output", files, [*command, "-o", place])


def arguments(chance: random.Random) -> Case:
    """Options with values that they do not take."""
    command = chance.choice(
        [
            ["run", "x.yaml", "-j", chance.choice(["0", "-1", "x", "1e3", ""])],
            ["run", "x.yaml", "--shard", chance.choice(SHARDS)],
            ["run", "x.yaml", "--memory-limit", chance.choice(["", "x", "-1GB", "0", "nan", "9" * 400, "1 parsec"])],
            ["run", "x.yaml", "--backend", chance.choice(["", "slurm", "\x1b[31m", "d" * 5000])],
            ["plan", "x.yaml", "--set", chance.choice(SETTINGS)],
            ["score", "p.csv", "--models", chance.choice(["nope", "bliss;zip", "\x1b]0;x\x07", "b" * 3000])],
            ["score", "p.csv", "--response", chance.choice(["nope", "", "\n"])],
            ["score", "p.csv", "--bootstrap", chance.choice(["-1", "x", "1.5"])],
            ["score", "p.csv", "-o", chance.choice(["p.csv", "x.txt", "no/such.csv", "x.csv.exe"])],
            ["drugs", chance.choice(["nope", "\x1b[31m", "é" * 1000])],
            ["model", "export", "-o", chance.choice(["m.txt", "no/m.xml", "x.yaml"])],
            ["evidence", "check", "--file", chance.choice(["nope.csv", ".", "/dev/zero", "pipe"])],
            ["calibrate", chance.choice(["nope.yaml", ".", "pipe", "x.yaml"]), "-o", "new"],
            ["report", chance.choice(["nope.h5", "x.yaml", "p.csv.h5", "pipe", "."])],
            [chance.choice(["runn", "--nope", "-x", "report --help", "\x1b[31m"])],
            [chance.choice(["plan", "status", "merge"]), chance.choice(NO_CONFIGURATIONS)],
        ]
    )  # fmt: skip
    return Case(f"arguments {command[0][:10]}", {"x.yaml": TINY, "p.csv": PLATES}, command)


def cubes(cube: bytes) -> Callable[[random.Random], Case]:
    """Cubes that are cut, scrambled or something else."""

    def case(chance: random.Random) -> Case:
        harm = chance.choice(["cut", "bits", "bytes", "other"])
        content = {
            "cut": lambda: cube[: chance.randrange(len(cube))],
            "bits": lambda: flipped(cube, chance, chance.randrange(1, 30)),
            "bytes": lambda: scrambled(cube, chance),
            "other": lambda: chance.choice(NO_TABLE),
        }[harm]()
        command = chance.choice(
            [["verify", "c.h5", "--points", "1"], ["score", "c.h5", "--models", "hsa"],
             ["export", "c.h5", "-o", "o.csv"], ["report", "c.h5", "-o", "o.html", "--explain", "0"], ["cite", "c.h5"],
             ["figures", "c.h5", "-o", "f"]]
        )  # fmt: skip
        return Case(f"cube {harm} {command[0]}", {"c.h5": content}, command, harm in ("bits", "bytes"))

    return case


def flipped(content: bytes, chance: random.Random, count: int) -> bytes:
    found = bytearray(content)
    for _ in range(count):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def scrambled(content: bytes, chance: random.Random) -> bytes:
    """A few pieces overwritten, taken out, put in or said twice."""
    found = content
    for _ in range(chance.randrange(1, 5)):
        begin = chance.randrange(len(found) + 1)
        end = min(len(found), begin + chance.randrange(1, 40))
        piece = chance.choice(
            [b"", chance.randbytes(8), found[begin:end] * 2, b"\0", b"\xff", b"nan", b"-1", b"\n", b","]
        )
        found = found[:begin] + piece + found[end:]
    return found


def problem(case: Case) -> str:
    """What is wrong with how a case ended; nothing where it held."""
    with tempfile.TemporaryDirectory(prefix="attack-") as name:
        folder = Path(name)
        os.mkfifo(folder / "pipe")
        for path, content in case.files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
        before, begun = {path: path.stat().st_size for path in folder.rglob("*")}, time.process_time()
        try:
            ended = inside(*case.command, cwd=folder)
        except Exception as error:
            return f"raised {type(error).__name__}: {error}"
        took = time.process_time() - begun
        if took > SLOWEST_SECONDS:
            return f"took {took:.0f} s"
        if ended.returncode == 0 and case.may_be_sound:
            return ""
        if ended.returncode != 2:
            return f"exit {ended.returncode}: {(ended.stderr or ended.stdout)[-300:]}"
        if "Traceback" in ended.stderr or "--debug shows" in ended.stderr:
            return f"not handled: {ended.stderr[-300:]}"
        lines = [line for line in ended.stderr.splitlines() if line.strip()]
        if len(lines) != 1 or len(lines[0]) > LONGEST_LINE or not lines[0].isprintable():
            return f"{len(lines)} lines, {len(ended.stderr)} characters: {ended.stderr[:300]!r}"
        if before != {path: path.stat().st_size for path in folder.rglob("*")}:
            return f"wrote {sorted(str(path.name) for path in folder.rglob('*') if path not in before)}"
    return ""


def cases(count: int, chance: random.Random, cube: bytes) -> Iterator[Case]:
    kinds = (
        configurations,
        configurations,
        broken_yaml,
        tables,
        tables,
        models,
        outputs,
        arguments,
        cubes(cube),
    )
    for k in range(count):
        yield kinds[k % len(kinds)](chance)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cube = made(Path(folder)).read_bytes()
    tried, failed = Counter[str](), 0
    for case in cases(asked.cases, random.Random(asked.seed), cube):
        tried[case.kind.split(" ")[0]] += 1
        if words := problem(case):
            failed += 1
            shown = {name: text[:200] for name, text in case.files.items() if not name.endswith(".h5")}
            print(f"{case.kind}: {[word[:60] for word in case.command]}: {words}\n    {shown}", flush=True)
    print(f"{sum(tried.values())} bad inputs ({dict(tried)}): {failed} did not hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
