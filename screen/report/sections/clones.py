"""The section on mixtures: which clone is left when the drugs have done what they can."""

import numpy as np

from screen.arrays import Array
from screen.cube.stored import StoredVariable
from screen.report.cube_view.number_text import dose_text, hours
from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section
from screen.runner.readouts.readouts import variable_name

ROWS = 40


def make(findings: Findings) -> Content | None:
    """What becomes of each clone, for a cube with mixtures whose readouts follow the clones' shares."""
    cube = findings.view.cube
    if cube is None:
        return None
    root, panel = cube.root, cube.group("panel")
    shares = {
        str(data.attributes["clone"]): data
        for data in map(root.__getitem__, cube.readouts)
        if "clone" in data.attributes and data.name == f"share_{_plain(str(data.attributes['clone']))}"
    }
    if panel is None or "clone_of" not in panel or not shares:
        return None
    lines, pairs = cube.cell_lines, cube.combinations
    members = zip(panel["clone_of"].texts, panel["clone"].texts, panel["clone_fraction"].values, strict=True)
    rows = [
        ("cell line", "clone", "at first", "without drug", "drug 1 alone", "with", "both", "lowest viability")
    ]
    said = []
    for line, clone, fraction in members:
        if clone not in shares:
            continue
        row = lines.index(line)
        for column, pair in enumerate(pairs):
            share, alive = (_last(data, row, column) for data in (shares[clone], root["viability"]))
            top, low = _tops(alive)
            anchor, partner = pair.split("+", 1)
            dose = float(root["concentration_1"].array("dose_1", cell_line=row, combination=column)[top])
            rows.append(
                (
                    line,
                    clone,
                    _percent(float(fraction)),
                    _percent(share[0, 0]),
                    f"{_percent(share[top, 0])} ({anchor} {dose_text(dose)})",
                    partner,
                    _percent(share[low]),
                    f"{alive[low]:.2f}",
                )
            )
            said.append(
                (abs(share[top, 0] - share[0, 0]), line, clone, anchor, dose, share[0, 0], share[top, 0])
            )
    if len(rows) == 1:
        return None
    most = max(said, key=lambda item: np.nan_to_num(item[0], nan=-1.0))
    return Content(
        lead=(
            f"Shares of the living cells at {hours(float(cube.times_h[-1]))}: without drug, with the "
            "first drug alone at its highest dose, and with both where viability is lowest."
        ),
        sentences=(
            f"{most[3][:1].upper()}{most[3][1:]} alone at {dose_text(most[4])} takes {most[2]} in {most[1]} "
            f"from {_percent(most[5])} of the cells to {_percent(most[6])}.",
        ),
        table=tuple(rows[: ROWS + 1]),
    )


def _last(data: StoredVariable, row: int, column: int) -> Array:
    """A readout (dose_1, dose_2) at the last time, under the first schedule."""
    found = data.array("dose_1", "dose_2", cell_line=row, combination=column, time=-1, schedule=0)
    return np.asarray(found, float)


def _tops(alive: Array) -> tuple[int, tuple[int, int]]:
    """The highest dose of drug 1, and the dose pair with the lowest viability."""
    solved = np.flatnonzero(np.isfinite(alive[:, 0]))
    lowest = np.unravel_index(np.nanargmin(np.where(np.isfinite(alive), alive, np.inf)), alive.shape)
    return int(solved[-1]) if len(solved) else 0, (int(lowest[0]), int(lowest[1]))


def _percent(share: float) -> str:
    return f"{100 * share:.3g}\u00a0%" if np.isfinite(share) else "–"


def _plain(clone: str) -> str:
    return variable_name(clone)


SECTION = Section(id="clones", heading="Which clone is left", order=70, make=make)
