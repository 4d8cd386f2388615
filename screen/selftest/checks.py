"""The checks of the self-test, each a function that gives its sentence or raises; `CHECKS` has them in order."""

import base64
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from screen.analysis.cubes.verify import verify
from screen.arrays import Floats
from screen.config.screen import parse_config
from screen.cube.reader import CubeReader
from screen.cube.tree import open_cube
from screen.kinetics import load_model, simulate
from screen.pathway import load_pathway
from screen.runner import RunOptions, run
from screen.selftest import plate
from screen.synergy.plate_scores import PlateOptions, score_plates
from screen.synergy.plates.read_plates import read_plates
from screen.synergy.score_cube import score_cube

ALLOWED = 1e-4  # relative, of trajectories at rtol 1e-6
NEGLIGIBLE = 1e-2  # of a state's largest value: what lies below counts relative to that share
NOTHING = 1e-6  # amounts of a state that is never more than this count relative to this
ROBERTSON = """
    A -> B; 0.04 * A
    B -> C; 3e7 * B * B
    B + C -> A + C; 1e4 * B * C
    A = 1; B = 0; C = 0
"""  # Robertson (1966): rates nine orders of magnitude apart, on which a solver that is not stiff stalls
SCREEN = {
    "name": "selftest",
    "cell_lines": ["SKBR3", "BT474-HR20"],
    "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib"]},
    "doses": {"points": 4},
    "times": ["72 h"],
}


class SelfTestFailed(Exception):
    """A check that failed; its one line says what was found and what was expected."""


@dataclass(frozen=True)
class CheckOutcome:
    """How a check ended: its name, whether it passed, what it says, and the seconds that it took."""

    name: str
    passed: bool
    sentence: str
    seconds: float


def selftest() -> Iterator[CheckOutcome]:
    """Every check in turn. One that fails, however it does, is an outcome; the others go on."""
    for name, check in CHECKS.items():
        begun = time.perf_counter()
        try:
            passed, sentence = True, check()
        except SelfTestFailed as failed:
            passed, sentence = False, str(failed)
        except Exception as error:  # a missing library, a full disk: what an installation can be broken by
            passed, sentence = False, f"{type(error).__name__}: {' '.join(str(error).split())}"
        yield CheckOutcome(name, passed, sentence, time.perf_counter() - begun)


def files() -> str:
    """The installed files against the checksums that the wheel brought."""
    package = Path(__file__).resolve().parents[1]
    try:
        listed = metadata.distribution("herscreen").files or []
    except metadata.PackageNotFoundError:
        listed = []
    recorded = [(Path(str(entry.locate())).resolve(), entry.hash) for entry in listed]
    own = [(path, digest) for path, digest in recorded if digest and path.is_relative_to(package)]
    if not own:
        return f"{package} is no installed wheel, so there are no checksums to compare"
    wrong = []
    for path, digest in own:
        known = base64.urlsafe_b64encode(_sha256(path)).rstrip(b"=").decode() if path.is_file() else "absent"
        if known != digest.value:
            wrong.append(path.relative_to(package))
    if wrong:
        raise SelfTestFailed(f"found {len(wrong)} files other than in the wheel, the first {wrong[0]}")
    return f"{len(own)} files are those of the wheel"


def _sha256(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def model() -> str:
    """The model as text, SBML and network, with the checksum that cubes have."""
    read = load_model(load_pathway().source)
    again = load_model(read.sbml)
    if again.network.states != read.network.states:
        raise SelfTestFailed("the model's SBML has other states than the model that it was made of")
    return f"{len(read.network.states)} states, SHA-256 {read.digest}"


def engine() -> str:
    """The batched solver against SciPy's, on Robertson's problem and on the pathway under trastuzumab."""
    stiff = load_model(ROBERTSON)
    pathway = load_pathway()
    signalling = load_model(pathway.source)
    anchor = pathway.drug("trastuzumab").parameter
    worst = 0.0
    for solved, when, doses in (
        (stiff, [0, 1, 1e2, 1e4], {}),
        (signalling, [0, 6, 72], {anchor: [0.0, 68.0]}),
    ):
        fast, slow = (
            simulate(solved, when, doses, rtol=1e-6, atol=1e-9, solver=solver)
            for solver in ("batch", "scipy")
        )
        for state in solved.network.states:
            one, two = fast[state].to_numpy(), slow[state].to_numpy()
            size = np.maximum(np.abs(two), max(NEGLIGIBLE * np.abs(two).max(), NOTHING))
            worst = max(worst, float(np.max(np.abs(one - two) / size)))
    if not worst <= ALLOWED:
        raise SelfTestFailed(f"found a deviation from SciPy of {worst:.1e}, expected at most {ALLOWED:.0e}")
    return f"largest deviation from SciPy {worst:.1e}, {ALLOWED:.0e} is allowed"


def scores() -> str:
    """The scores of the bundled plate against what its formulas say."""
    wanted = plate.expected()
    models = tuple(dict.fromkeys(each.model for each in wanted))
    found = score_plates(read_plates(plate.path()), PlateOptions(models)).summary
    rows = {(row["block_id"], name): float(row[name]) for _, row in found.iterrows() for name in models}
    for each in wanted:
        value = rows[each.block, each.model]
        if not abs(value - each.mean) <= each.allowed:
            raise SelfTestFailed(
                f"block {each.block}: found {each.model} {value:.3f}, expected {each.mean:.3f} points"
            )
    return f"{len(wanted)} scores of {len(plate.BLOCKS)} synthetic blocks are those of their formulas"


def cube() -> str:
    """A small screen: written, read again, scored again, and recomputed from the file alone."""
    with tempfile.TemporaryDirectory(prefix="herscreen-selftest-") as folder:
        written = run(parse_config(SCREEN), Path(folder) / "selftest.h5", RunOptions(jobs=1))
        with CubeReader.open(written) as reader:
            failed = [check.sentence for check in reader.checks if not check.passed]
            stored = reader.part("scores")["bliss"].values
        again = _rescored(written)
        found = verify(written, points=8, seed=0)
    if failed:
        raise SelfTestFailed(failed[0])
    if not np.array_equal(stored, again, equal_nan=True):
        raise SelfTestFailed("found other scores in the cube than its own responses have")
    if not found.passed:
        raise SelfTestFailed(f"found points off by {found.largest:.1e}, expected at most {found.limit:.0e}")
    return f"written, read and scored again; {found.deviation.shape[1]} points recomputed from the file alone"


def _rescored(written: Path) -> Floats:
    """The cube's mean Bliss excess, scored once more from its responses."""
    with open_cube(written) as tree:
        return np.asarray(score_cube(tree.to_dataset(), models=("bliss",))["bliss"].values)


CHECKS: dict[str, Callable[[], str]] = {
    "files": files,
    "model": model,
    "engine": engine,
    "scores": scores,
    "cube": cube,
}
