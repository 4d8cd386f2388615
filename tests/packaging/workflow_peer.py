"""Where Snakemake is, which runs the recipe of a workflow."""

import os
import shutil

from tests.paths import ROOT


def snakemake() -> str | None:
    """The command that `make .venv/peers` installs, else one on the path; None where there is none."""
    own = ROOT / ".venv" / "snakemake" / "bin"
    return shutil.which("snakemake", path=os.pathsep.join([str(own), os.environ.get("PATH", "")]))
