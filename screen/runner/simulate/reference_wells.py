"""The wells that the answer is read from, whatever grid a screen has: of each line and pair drug 1 alone at its
reference dose, drug 2 alone at a dose that a patient reaches, and both; under the nominal parameters and under every
draw. They are a screen of 2 x 2 doses, simulated with the same lines, and stand in the cube's group `/reference`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.cube import schema
from screen.cube.netcdf import Variable
from screen.runner.plan.plan import Design, Layer, Plan

if TYPE_CHECKING:
    from screen.pathway import CellLine, Drug

GROUP = "reference"
CUSTOMARY_nM = {"trastuzumab": 10e-3 / 148e3 * 1e9}
"""10 ug/mL, at which trastuzumab is dosed in most cultures (10.1186/1741-7007-12-20 and the founding study)."""
WELLS = {"alone_1": (1, 0), "alone_2": (0, 1), "both": (1, 1)}


def reference_dose(design: Design, drug: "Drug", first: bool) -> tuple[float, bool]:
    """The dose in nM, and whether it is the clinical peak: that where it is known, else the top of the drug's
    standard range; for the drug that others are added to the customary one, where there is one and no exposure of
    patients is stated.
    """
    if first and drug.name in CUSTOMARY_nM and drug.name not in design.as_in_patients:
        return CUSTOMARY_nM[drug.name], False
    return (drug.peak_nM, True) if drug.peak_nM is not None else (drug.range_nM[1], False)


def reference_plan(plan: Plan, lines: "Sequence[CellLine] | None" = None) -> Plan:
    """The plan with the pairs' reference wells in place of its grids, of viability alone; with other `lines`
    where these are given.
    """
    pairs = plan.design.layers[0]
    drugs, chosen = plan.design.drugs, plan.design.lines if lines is None else lines
    small = tuple(
        replace(
            each,
            doses=tuple(
                (0.0, reference_dose(plan.design, drugs[name], k == 0)[0])
                for k, name in enumerate(each.drugs)
            ),
            wells=None,
            rays=(),
        )
        for each in pairs.combinations
    )
    design = replace(
        plan.design,
        lines=chosen,
        perturbations=plan.design.perturbations if lines is None else ({},) * len(chosen),
        layers=(replace(pairs, combinations=small),),
        centred=(),
        adaptive=0,
        rays=(),
    )
    return replace(plan, design=design, outputs=replace(plan.outputs, readouts=("viability",)))


def reference_variables(layer: Layer, viability: Array) -> dict[str, Variable]:
    """`viability` (cell_line, combination, [schedule], 2, 2, time) as variables of the group."""
    found = {name: viability[..., one, two, :] for name, (one, two) in WELLS.items()}
    variables = schema.REFERENCE.variables(found, present=layer.dims)
    return {f"{GROUP}/{name}": variable for name, variable in variables.items()}


def reference_draws(variables: Mapping[str, Variable], draws: int) -> dict[str, Variable]:
    """The same of all lines under each draw, one draw after the other: with the draw as last dimension."""
    found = {}
    for name, each in variables.items():
        values = np.asarray(each.values)
        values = np.moveaxis(values.reshape(draws, -1, *values.shape[1:]), 0, -1)
        found[f"{name}_draws"] = Variable((*each.dims, "draw"), values, each.attributes)
    return found
