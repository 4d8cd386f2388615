"""The identity of a run: every field that was resolved counts unless it is listed."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from screen.pathway import CellLine, Draw, Exposure, load_pathway
from screen.pathway.dosing.exposure import Piece
from screen.runner.plan.identity import NOT_COUNTED, identity_of
from screen.runner.plan.plan import Design, make_plan
from screen.runner.readouts.expressions import parse_expression
from tests.runner.conftest import small

PATHWAY = load_pathway()
CONFIG = small(
    cell_lines=["SKBR3", {"name": "low", "parent": "BT474", "perturbation": {"HER2": 0.5}}], ensemble=2
)
PLAN = make_plan(CONFIG, PATHWAY)
MIXED = make_plan(
    small(cell_lines=["SKBR3", "BT474", {"name": "both", "mixture": {"SKBR3": 0.4, "BT474": 0.6}}]), PATHWAY
)
LINES: dict[str, Any] = {"lines": PATHWAY.cell_lines["JIMT-1"], "perturbations": {"IRS1": 0.0}}
VALUES = [
    PLAN.design,
    PLAN.outputs,
    PLAN.settings,
    PLAN.design.layers[0],
    PLAN.design.combinations[0],
    PLAN.design.drugs["linsitinib"],
    next(iter(PLAN.design.draws.values())),
    MIXED.design.lines[2].clones[0],
    PLAN.settings.protocol,
    PLAN.outputs.composed,
    parse_expression("pERK / pS6K", {"pERK": "nM", "pS6K": "nM"}),
    Exposure(),
    Piece(0.0, 1.0),
    PLAN.shards[0],
]
FIELDS = [(value, field.name) for value in VALUES for field in fields(value)]


@pytest.mark.parametrize(("value", "name"), FIELDS, ids=[f"{type(v).__name__}.{n}" for v, n in FIELDS])
def test_a_field_counts_unless_it_is_listed(value: Any, name: str) -> None:
    other: Any = (
        (LINES[name], *getattr(value, name)[1:]) if isinstance(value, Design) and name in LINES else "another"
    )
    changed = identity_of(replace(value, **{name: other})) != identity_of(value)
    assert changed == (f"{type(value).__name__}.{name}" not in NOT_COUNTED)


@pytest.mark.parametrize("name", [field.name for field in fields(CellLine) if field.name != "clones"])
def test_a_line_s_field_counts_unless_it_is_listed(name: str) -> None:
    line = PLAN.design.lines[0]
    changed = replace(line, **{name: {"HER2": 7.0} if name == "values" else "another"})
    one, other = (replace(PLAN.design, lines=(each, PLAN.design.lines[1])) for each in (line, changed))
    assert (identity_of(one) != identity_of(other)) == (f"CellLine.{name}" not in NOT_COUNTED)


def test_the_clones_of_a_line_count() -> None:
    mixture = MIXED.design.lines[2]
    fewer = replace(mixture, clones=mixture.clones[:1])
    changed = replace(MIXED.design, lines=(*MIXED.design.lines[:2], fewer))
    assert identity_of(MIXED.design) != identity_of(changed)


def test_what_is_listed_is_there() -> None:
    there = {f"{type(value).__name__}.{name}" for value, name in FIELDS}
    there |= {f"CellLine.{field.name}" for field in fields(CellLine)}
    assert set(NOT_COUNTED) <= there


def test_one_sampled_value_counts() -> None:
    design = make_plan(small(cell_lines=[{"sample": 5}]), PATHWAY).design
    table = np.array(design.lines.table)  # type: ignore[attr-defined]
    table[3, 0] += 1e-9
    other = replace(design, lines=replace(design.lines, table=table))  # type: ignore[type-var]
    assert identity_of(design) != identity_of(other)


def test_a_value_that_cannot_be_read_whole_is_refused() -> None:
    with pytest.raises(TypeError, match="object: found in a plan"):
        identity_of(Draw(values={"k": object()}))  # type: ignore[dict-item]
