"""SHA-256 of every number that herscreen gives: for a change that moves code and must not move a result.

    python -m tests.guards.hashes > before      # then the change
    python -m tests.guards.hashes > after
    diff before after                           # the lines that differ are the results that moved

One line a result, `digest  what`: every variable of the cubes of eight configurations (`/provenance`, which holds
hosts and times, is left out), the tables that `score` writes for the public plates, and `evidence check --json`.
It calls the command line only, so it outlives any layout of the code. The hashes belong to one processor target and
to the locked versions: compare two runs on one machine. Own models and plates are read from the folder of reference
data (`HERSCREEN_SHARED`, by default `shared` beside the checkout) and left out, with a line on stderr, where that
is absent. About two minutes.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from tests.paths import ROOT

SHARED = Path(os.environ.get("HERSCREEN_SHARED", ROOT.parent / "shared"))
SCREENS = (
    "quickstart",
    "triples",
    "schedules",
    "ensemble",
    "adaptive",
    "rays",
    "gr50-centred",
    "noisy-plate",
)
OWN = {
    "own-models/faratian2009": "BIOMD0000000424_Faratian2009_PTEN_trastuzumab.xml",
    "own-models/bianconi2012": "BIOMD0000000427_Bianconi2012_EGFR_IGF1R_lung.xml",
}
PLATES = ("mathews-viability.csv", "decrease-18-inhibition.csv")
EVERY_MODEL = "hsa,bliss,loewe,zip,ci,musyc,braid,schindler,zimmer"


def herscreen(*arguments: str | Path) -> None:
    """Run one command of the installed tool; its words go to stderr."""
    command = [sys.executable, "-m", "screen.cli", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=sys.stderr, timeout=1800)


def digest(values: np.ndarray) -> str:
    """SHA-256 of type, shape and bytes; texts count by their letters."""
    if values.dtype.kind == "O":
        values = np.array([str(value) for value in values.ravel()], dtype=object).reshape(values.shape)
        content = "\0".join(values.ravel()).encode()
    else:
        content = np.ascontiguousarray(values).tobytes()
    head = f"{values.dtype.str} {values.shape} ".encode()
    return hashlib.sha256(head + content).hexdigest()


def variables(cube: Path) -> Iterator[tuple[str, str]]:
    """(path in the file, digest) of every data set of a cube but those of `/provenance`."""
    with h5py.File(cube) as file:
        paths: list[str] = []
        file.visititems(lambda path, node: paths.append(path) if isinstance(node, h5py.Dataset) else None)
        for path in sorted(paths):
            if path.split("/")[0] != "provenance":
                data = file[path].asstr()[()] if h5py.check_string_dtype(file[path].dtype) else file[path][()]
                yield path, digest(np.asarray(data))


def screens(folder: Path) -> Iterator[tuple[str, str]]:
    """The cubes of the shipped configurations, and of both published models where their files are."""
    for name in SCREENS:
        cube = folder / f"{name}.h5"
        herscreen("run", f"configs/{name}.yaml", "-o", cube)
        yield from ((f"{name} {path}", value) for path, value in variables(cube))
    for name, model in OWN.items():
        if (SHARED / "models" / model).exists():
            cube = folder / f"{Path(name).name}.h5"
            chosen = f"model.file={SHARED / 'models' / model}"
            herscreen("run", f"configs/{name}.yaml", "-o", cube, "--set", chosen)
            yield from ((f"{name} {path}", value) for path, value in variables(cube))
        else:
            print(f"left out, no {SHARED.name}/models/{model}", file=sys.stderr)


def tables(folder: Path) -> Iterator[tuple[str, str]]:
    """The files that `score` and `evidence check` write."""
    for name in PLATES:
        plate = SHARED / "plates" / name
        if not plate.exists():
            print(f"left out, no {SHARED.name}/plates/{name}", file=sys.stderr)
            continue
        scores, cells = folder / f"scores-{name}", folder / f"cells-{name}"
        herscreen(
            "score", plate, "--models", EVERY_MODEL, "--bootstrap", "20", "-o", scores, "--cells", cells
        )
        for path in (scores, cells):
            yield f"score {path.name}", hashlib.sha256(path.read_bytes()).hexdigest()
    checked = folder / "evidence.json"
    herscreen("evidence", "check", "--json", checked)
    yield "evidence check", hashlib.sha256(checked.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", choices=("screens", "tables"), help="one half of the list")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as name:
        for part in (screens, tables):
            if only in (None, part.__name__):
                for what, value in part(Path(name)):
                    print(f"{value}  {what}", flush=True)


if __name__ == "__main__":
    main()
