"""Flip one bit of a cube at a time and read the whole cube: what is read must be as before, or an error of one line.

    python -m tests.hardening.flips --flips 4000 --seed 1

Not part of `make test`, which flips fewer: 4,000 take some minutes. Prints how many flips changed nothing that is
read, how many were found, and exits with status 1 if one changed a number, a text, a unit or a dimension in silence,
or ended the process that read it.
"""

import argparse
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from screen.cube.digests import walk
from screen.cube.reader import CubeReader
from screen.cube.tree import open_cube
from screen.errors import InputError

FORK = multiprocessing.get_context("fork")
SAME, FOUND, SILENT, DIED = "nothing changed", "found", "silent", "died"
PATIENCE_SECONDS = 120
XARRAY = 10  # which reads every tenth too
SCREEN = """\
cell_lines: [SKBR3]
combinations: {pairs: [[trastuzumab, pictilisib]]}
doses: {points: 4}
readouts: [viability]
synergy: [bliss, zip]
times: 24 h
"""


def groups_of(path: Path) -> list[str]:
    """The groups of a cube."""
    with h5py.File(path) as file:
        return [name.removesuffix("/") for name, _ in walk(file) if name.endswith("/")]


def everything(path: Path, groups: Sequence[str]) -> dict[str, Any]:
    """All that a reader of a cube gets: dimensions, attributes, numbers and texts of every group."""
    found: dict[str, Any] = {}
    with CubeReader.open(path) as cube:
        for where in groups:
            group = cube.group(where)
            found[where] = None if group is None else (plain(group.attributes), group.names)
            for name in group or ():
                assert group is not None
                each = group[name]
                values = np.asarray(each.values)
                bits = values.tolist() if values.dtype.kind == "O" else values.tobytes()
                found[f"{where}/{name}"] = each.dims, each.shape, each.kind, plain(each.attributes), bits
    return found


def plain(attributes: Any) -> dict[str, str]:
    return {key: repr(np.asarray(value).tolist()) for key, value in attributes.items()}


def flipped(
    path: Path, bits: Sequence[int], groups: Sequence[str], before: dict[str, Any], pipe: Connection
) -> None:
    """Runs in a process of its own: flip each bit in turn, read, flip it back; how each ended goes to the pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with path.open("r+b", buffering=0) as file:
        for bit in bits:
            place, mask = bit // 8, 1 << bit % 8
            file.seek(place)
            byte = file.read(1)[0]
            for value in (byte ^ mask, None, byte):
                if value is None:
                    pipe.send((bit, *outcome(bit, path, groups, before)))
                    continue
                file.seek(place)
                file.write(bytes([value]))


def outcome(bit: int, path: Path, groups: Sequence[str], before: dict[str, Any]) -> tuple[str, str]:
    """How reading a cube ends, and what is different or what is said."""
    try:
        after = everything(path, groups)
        if bit % XARRAY == 0:
            with open_cube(path):
                pass
    except InputError as error:
        lines = str(error).count("\n")
        return (FOUND, str(error)) if not lines else (SILENT, f"an error of {lines + 1} lines: {error}")
    except Exception as error:
        return SILENT, f"{type(error).__name__}: {error}"
    different = [name for name in {*before, *after} if before.get(name) != after.get(name)]
    return (SILENT, f"{different[0]} and {len(different) - 1} more") if different else (SAME, "")


def flip(path: Path, bits: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    """How reading a copy of the cube at `path` ends with each of `bits` flipped, one at a time."""
    groups = groups_of(path)
    before = everything(path, groups)
    with tempfile.TemporaryDirectory() as folder:
        copy, left = Path(folder) / path.name, list(bits)
        while left:
            shutil.copyfile(path, copy)
            ours, theirs = FORK.Pipe(duplex=False)
            process = FORK.Process(target=flipped, args=(copy, left, groups, before, theirs), daemon=True)
            process.start()
            theirs.close()
            try:
                while left:
                    if not ours.poll(PATIENCE_SECONDS):
                        raise EOFError
                    yield ours.recv()
                    left.pop(0)
            except EOFError:
                process.kill()
                yield left.pop(0), DIED, "the process that read it was ended, or hung"
            process.join()


def bits_of(path: Path, count: int, chance: random.Random) -> list[int]:
    """Some bits of a file, half of them anywhere, half outside the longest text, the model, which is most of it."""
    size = path.stat().st_size
    with h5py.File(path) as file:
        text = file["provenance/model_sbml"][()]
    begin = path.read_bytes().find(text)
    end = begin + len(text)
    found = [chance.randrange(8 * size) for _ in range(count // 2)]
    while len(found) < count:
        place = chance.randrange(size)
        if not begin <= place < end:
            found.append(8 * place + chance.randrange(8))
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--flips", type=int, default=4000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--cube", type=Path, help="a cube to flip bits of a copy of; a small one is made unless given"
    )
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cube = asked.cube or made(Path(folder))
        counts: Counter[str] = Counter()
        for bit, how, words in flip(cube, bits_of(cube, asked.flips, random.Random(asked.seed))):
            counts[how] += 1
            if how in (SILENT, DIED):
                print(f"bit {bit % 8} of byte {bit // 8}: {how}: {words}", flush=True)
        print(f"{sum(counts.values())} flips of {cube.stat().st_size} bytes: {dict(counts)}")
    return 1 if counts[SILENT] or counts[DIED] else 0


def made(folder: Path) -> Path:
    """A small cube of the built-in model."""
    from screen.config.screen import load_config
    from screen.runner import run

    (folder / "flips.yaml").write_text(SCREEN)
    return run(load_config(folder / "flips.yaml"), folder / "flips.h5")


if __name__ == "__main__":
    sys.exit(main())
