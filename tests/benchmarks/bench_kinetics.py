"""The engine against its peers, work against precision on one core in processor time; error control; a
thousand to a million trajectories on two cores in wall clock; compile times; share of the peak rate.

Prints Markdown; each point of each solver goes to standard error. Draws `docs/kinetics-scale.svg`.
`HERSCREEN_SHARED` names the folder of published models, `HERSCREEN_AMICI` the Python of an environment with
AMICI; peers that are not installed are left out.
"""

import os
import tempfile
from pathlib import Path

from tests.benchmarks.kinetics_compiling import compiling
from tests.benchmarks.kinetics_conditions import published, screen, varied
from tests.benchmarks.kinetics_errors import errors
from tests.benchmarks.kinetics_peak import share_of_peak
from tests.benchmarks.kinetics_scale import picture, scale, scale_table
from tests.benchmarks.kinetics_work import at_equal_error, by_tolerance, compare, failures
from tests.benchmarks.tables import installed, machine
from tests.peers import amici_peer

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "kinetics-scale.svg"
SHOWN = ("llvmlite", "numpy", "libroadrunner", "numbalsoda", "numba", "scipy")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HERSCREEN_CACHE"] = folder
        print(f"{machine()}; {installed(SHOWN)}; amici {amici_peer.version()}.\n", flush=True)
        print(f"**Compilation.** {compiling()}", flush=True)
        runs = scale()
        PICTURE.write_text(picture(runs))
        print(f"**A million trajectories**\n\n{scale_table(runs)}", flush=True)
        print(f"**Error control**\n\n{errors()}", flush=True)
        print(f"**Share of the peak.** {share_of_peak()}", flush=True)
        s = screen(2000)
        found = [compare("built-in, 120 h", s.engine, 120.0, s.rows(), s.start(), 100)]
        for title, end, engine in published():
            rows = varied(engine, 1000, 0, everything=False)
            ok = engine.simulate([end], rows, rtol=1e-9, atol=1e-12).status == 0
            found.append(compare(f"{title}, {end:g} s", engine, end, rows[ok], None, 40))
        print(f"**Work against precision**\n\n{at_equal_error(found)}\n{failures(found)}")
        print(f"By tolerance (atol = rtol / 1000):\n\n{by_tolerance(found)}", flush=True)


if __name__ == "__main__":
    main()
