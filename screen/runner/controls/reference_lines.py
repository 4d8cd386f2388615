"""The lines that the panel's are compared with, whether they are in the panel or not: the parent of a derived line, for
any other the pathway's reference line. So an answer never depends on which other lines were screened.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.cube import schema
from screen.cube.netcdf import write
from screen.pathway.tables.line_table import alike
from screen.runner.plan.plan import Plan
from screen.runner.simulate.reference_wells import GROUP, reference_dose
from screen.runner.simulate.shard import simulate_reference

if TYPE_CHECKING:
    import h5netcdf

    from screen.pathway import Assay, Pathway


@dataclass(frozen=True)
class ReferenceLines:
    """The reference lines by `names`, and with drug 1 of every pair alone their viability (reference_line,
    combination, [schedule], time), with the draws last; `compared_with` (cell_line,) says whose each is.
    """

    names: tuple[str, ...]
    compared_with: tuple[str, ...]
    alone: Array
    draws: Array | None


def simulate_reference_lines(assay: "Assay", plan: Plan, pathway: "Pathway") -> ReferenceLines:
    """Simulate the reference lines of a plan."""
    usual = next(iter(pathway.cell_lines))
    lines, count = plan.design.lines, len(plan.design.lines)
    parents = [lines[0].parent] * count if alike(lines) else [line.parent for line in lines]
    compared = tuple(parent if parent in pathway.cell_lines else usual for parent in parents)
    names = tuple(dict.fromkeys(name for name in compared if name is not None))
    cells, draws = [pathway.cell_lines[name] for name in names], list(plan.design.draws.values())
    alone, drawn = simulate_reference(assay, plan, cells)[..., 1, 0, :], None
    if draws:
        drawn = simulate_reference(assay.at(*plan.settings.of_draws), plan, cells, draws)[..., 1, 0, :]
        drawn = np.moveaxis(drawn.reshape(len(draws), len(cells), *drawn.shape[1:]), 0, -1)
    return ReferenceLines(names, tuple(str(name) for name in compared), alone, drawn)


def write_reference_lines(file: "h5netcdf.File", plan: Plan, found: ReferenceLines) -> None:
    """Complete the group `/reference`, which holds the panel's own wells, with the lines and the doses."""
    group, layer, known = file[GROUP], plan.design.layers[0], schema.REFERENCE.variables
    written = known({"reference_line": list(found.names), "compared_with": list(found.compared_with)})
    written |= known({"compared_alone": found.alone}, present=layer.dims)
    if found.draws is not None:
        written |= known({"compared_alone_draws": found.draws}, present=layer.dims)
    for k in (1, 2):
        pairs = [plan.design.drugs[together.drugs[k - 1]] for together in layer.combinations]
        doses, peaks = zip(*(reference_dose(plan.design, drug, k == 1) for drug in pairs), strict=True)
        of_drug = {"reference_dose_{k}": np.array(doses), "at_peak_{k}": np.array(peaks, np.int8)}
        written |= known(of_drug, k=k)
    write(group, written)
