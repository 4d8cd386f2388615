"""What raw values are divided by where replicates stand on plates of their own, and words on plates that differ."""

import numpy as np
import pandas as pd
import pytest

from screen.errors import InputError
from screen.synergy.plates.read_plates import ReadingOptions, read_plates
from tests.synergy.plates.table_of_cases import plate
from tests.synergy.plates.test_spellings import is_the_plate, read, the_block


def replicates(levels, noise: float = 0.0, name: str = "replicate") -> pd.DataFrame:
    random = np.random.default_rng(1)
    parts = []
    for k, level in enumerate(levels, start=1):
        values = level * plate().response * (1 + noise * random.normal(size=25))
        parts.append(plate(response=values, **{name: k}))
    return pd.concat(parts)


def test_replicates_of_raw_values_at_levels_of_their_own_are_normalised_each_by_its_own():  # Bliss 8.94
    plates = read(replicates([100, 180, 60]))
    is_the_plate(plates)
    assert "its replicates (at 10000, 18000, 6000)" in str(the_block(plates).reading["normalisation"])


def test_columns_of_raw_values_side_by_side_are_too():
    table = plate().drop(columns="response")
    is_the_plate(read(table.assign(**{f"count{k}": s * plate().response for k, s in ((1, 100), (2, 180))})))


def test_replicates_of_one_plate_share_its_untreated_wells():
    block = the_block(read(replicates([100, 100, 100], 0.06)))
    assert "of the block" in str(block.reading["normalisation"])


def test_plates_in_percent_whose_untreated_wells_differ_are_told():
    block = the_block(read(replicates([1.0, 0.8, 1.25], name="plate").assign(block_id="b")))
    assert "untreated wells of its plates at 80 to 125 % viability" in "; ".join(block.notes)
    assert not the_block(read(replicates([1.0, 1.01], name="plate").assign(block_id="b"))).notes


def test_untreated_wells_at_112_percent_are_told():
    assert (
        "untreated wells at 112 % viability" in the_block(read(plate(response=1.12 * plate().response))).notes
    )


@pytest.mark.parametrize(
    ("head", "factor", "sign"),
    [("Viability (%)", 2500, ""), ("response", 2500, "%"), ("surviving_fraction", 2500, ""), ("gr", 2500, ""),
     ("response", -2500, "")],
)  # fmt: skip
def test_signals_under_a_head_or_a_sign_of_percent_are_refused_with_what_to_do(head, factor, sign):
    values = [f"{factor * value:.0f}{sign}" for value in plate().response]
    table = plate().drop(columns="response").assign(**{head: values})
    with pytest.raises(InputError, match=r"block .*: found the value -?250000 at doses 0 and 0.*--scale raw"):
        read(table)


def test_a_reader_s_overflow_among_percent_is_refused_with_its_doses():
    values = plate().response.to_numpy().copy()
    values[7] = 99999
    with pytest.raises(InputError, match=r"found the value 99999 at doses .* read as percent"):
        read(plate(response=values))


def test_what_scale_says_is_taken_at_its_word():
    table = plate(response=2500 * plate().response)
    assert the_block(read_plates(table, reading=ReadingOptions(scale="percent"))).viability.max() == 2500


def test_z_prime_of_controls_with_replicates_is_told():
    raw = plate(response=2500 * plate().response, role="sample")
    high = pd.DataFrame({"response": [249000.0, 251000.0], "role": "vehicle", "conc1": 0.0, "conc2": 0.0})
    blank = pd.DataFrame({"response": [1000.0, 3000.0], "role": "blank"})
    table = pd.concat([raw, *[one.assign(drug1="alpha", drug2="beta") for one in (high, blank)]])
    said = " ".join(read(table).messages)
    spread = 3 * (np.std([249000, 251000, 250000], ddof=1) + np.std([1000, 3000], ddof=1))
    assert f"2 wells without cells (at 2000) subtracted, Z' {1 - spread / 248000:.2f}" in said
    assert "Z'" not in " ".join(read(pd.concat([raw, blank.assign(drug1="alpha", drug2="beta")])).messages)
