"""Which comparisons can run here: `python -m tests.peers` lists each peer and each public data set, where it is looked
for and whether it is there. It fetches nothing; `make peers` installs the peers of the package index, then runs
everything that can run.
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from tests.packaging.workflow_peer import snakemake
from tests.paths import ROOT
from tests.peers.crate_peer import validator

FOLDER = Path(os.environ.get("HERSCREEN_SHARED", ROOT.parent / "shared"))


@dataclass(frozen=True)
class Data:
    """Files below the folder of reference data, where anybody gets them, and what needs them."""

    place: str
    source: str
    checks: str


PEERS = {
    "roadrunner": "libRoadRunner: trajectories of the built-in model and of published ones",
    "synergy": "synergy: HSA, Bliss, Loewe, MuSyC, BRAID and others, plate by plate",
    "petab": "petab: the calibration as a PEtab problem",
    "numbalsoda": "numbalsoda: trajectories (needs gfortran, cmake and a C++ compiler)",
    "sklearn": "scikit-learn: the decision tree of the markers",
}
DATA = (
    Data(
        "sbml-cases/semantic-odd.tar.gz",
        "github.com/sbmlteam/sbml-test-suite, cases/semantic: of each case with an odd number its model of the highest "
        "level and version, settings, results and description, as NNNNN/NNNNN-...",
        "tests/peers/test_sbml_suite.py",
    ),
    Data(
        "models/BIOMD*.xml",
        "BioModels: BIOMD0000000019, 48, 223, 424 and 427, under the names in tests/peers/test_roadrunner.py",
        "tests/peers/test_roadrunner.py, tests/science/test_own_models.py",
    ),
    Data(
        "biomodels/*.xml",
        "curated models of BioModels, as many as you like (HERSCREEN_BIOMODELS names another folder of them); the "
        "wheel of SBMLKinetics holds 1,042",
        "tests/peers/test_published_models.py",
    ),
    Data(
        "petab/*/*.yaml",
        "github.com/Benchmarking-Initiative/Benchmark-Models-PEtab: a folder a problem, as many as you like "
        "(HERSCREEN_PETAB names another folder of them); docs/kinetics.md says which were tried",
        "tests/peers/test_petab_problems.py",
    ),
    Data(
        "plates/mathews-viability.csv",
        "the data set mathews_screening_data of R's SynergyFinder, as a long table",
        "tests/peers/test_synergyfinder.py and test_synergy_package.py, tests/cli/commands/test_score.py",
    ),
    Data(
        "plates/decrease-18-inhibition.csv",
        "18 blocks of 8 x 8 of DECREASE (Ianevski 2019, 10.1038/s42256-019-0122-4), as a long table",
        "the same",
    ),
    Data(
        "plates/synergyfinder-*.csv",
        "what SynergyFinder 3.15.0 gives for these plates (CalculateSynergy): `-summary.csv` a row a block, "
        "`-cells.csv` a row a well",
        "tests/peers/test_synergyfinder.py",
    ),
)


def lines() -> list[str]:
    """The list, a line a peer and three a data set."""
    found = ["Peers of the package index:"]
    for module, words in PEERS.items():
        there = importlib.util.find_spec(module) is not None
        found.append(f"  {'there ' if there else 'absent'}  {words}")
    found.append(f"  {'there ' if validator() else 'absent'}  roc-validator: what `herscreen crate` writes")
    found.append(
        f"  {'there ' if snakemake() else 'absent'}  Snakemake: the workflow in docs/packaging/snakemake"
    )
    found.append(
        f"Public data, in {FOLDER} (HERSCREEN_SHARED names another folder); what is absent is skipped:"
    )
    for data in DATA:
        there = any(FOLDER.glob(data.place))
        found += [f"  {'there ' if there else 'absent'}  {data.place}", f"          from {data.source}"]
        found.append(f"          for {data.checks}")
    return found


if __name__ == "__main__":
    print("\n".join(lines()))
