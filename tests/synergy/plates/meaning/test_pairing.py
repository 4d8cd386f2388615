"""Single agents and untreated wells under ids of their own."""

import pandas as pd
import pytest

from tests.synergy.plates.table_of_cases import plate
from tests.synergy.plates.test_spellings import is_the_plate, read


def parts() -> tuple[pd.DataFrame, ...]:
    """Combinations, drug 1 alone, drug 2 alone, untreated wells; partners named, at dose 0."""
    table = plate()
    one, two = table.conc1 > 0, table.conc2 > 0
    return table[one & two], table[one & ~two], table[~one & two], table[~one & ~two]


@pytest.mark.parametrize("ids", ["CABC", "CABV", "CAAA"])  # three blocks, none with a score
def test_single_agents_under_ids_of_their_own_go_to_the_block_that_lacks_them(ids):
    plates = read(pd.concat([part.assign(block_id=name) for part, name in zip(parts(), ids)]))
    is_the_plate(plates)
    assert "single-agent or vehicle wells are those of other rows of the line" in plates.blocks[0].notes[0]


def test_they_go_to_blocks_of_their_own_line_alone():
    both, *rest = parts()
    lines = [
        pd.concat([both.assign(block_id=f"C{line}"), pd.concat(rest).assign(block_id=f"S{line}")]).assign(
            cell_line=line
        )
        for line in "XY"
    ]
    lines[1]["response"] = 0.5 * lines[1].response + 50
    found = read(pd.concat(lines)).blocks
    assert [block.name for block in found] == ["CX", "CY"]
    assert [round(float(block.viability[-1, 0]), 3) for block in found] == [0.091, 0.545]


def test_a_plate_of_one_drug_that_no_block_lacks_keeps_its_block():
    _, one, *_ = parts()
    assert len(read(pd.concat([plate(block_id="C"), one.assign(block_id="S")])).blocks) == 2
